import { S3RequestError } from '../errors.js';
import type { Call } from './request-error.js';

/** What of an HTTP answer the SDK keeps to itself. */
interface RawAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The one method of a command's middleware stack that is used, without the SDK's type parameters. */
interface Stack {
  add(
    middleware: unknown,
    options: { readonly step: 'build' | 'deserialize'; readonly priority: 'high' | 'low'; readonly name: string },
  ): void;
}

type Next<T> = (args: { readonly request: { headers: Record<string, string> } }) => Promise<T>;

/** Sends `headers` verbatim with this command, or with every command of a client; they are signed like the others. */
export function sendHeaders(
  sender: { readonly middlewareStack: unknown },
  headers: Readonly<Record<string, string>>,
  as = 'sendHeaders',
): void {
  const middleware = (next: Next<unknown>) => (args: Parameters<Next<unknown>>[0]) => {
    for (const name of Object.keys(args.request.headers)) {
      if (name.toLowerCase() in headers) delete args.request.headers[name];
    }
    Object.assign(args.request.headers, headers);
    return next(args);
  };
  (sender.middlewareStack as Stack).add(middleware, { step: 'build', priority: 'low', name: as });
}

/**
 * Lets the caller see an answer's headers, and refuses a put that was answered 200 with an error in its body: the SDK does not read that body.
 * @see https://repost.aws/knowledge-center/s3-resolve-200-internalerror
 */
export function watchAnswer(
  command: { readonly middlewareStack: unknown },
  call: Call,
  seen: (headers: Readonly<Record<string, string>>) => void,
): void {
  const middleware = (next: Next<{ readonly response: RawAnswer }>) => async (args: Parameters<Next<unknown>>[0]) => {
    const result = await next(args);
    const { response } = result;
    seen(response.headers);
    if (call.verb === 'PutObject' && response.statusCode === 200 && hasBody(response.headers)) {
      const text = await readText(response.body);
      if (text.includes('<Error')) throw errorInside(call, text);
      if (text.trim() !== '' && response.headers.etag === undefined) throw foreignAnswer(call);
    }
    return result;
  };
  (command.middlewareStack as Stack).add(middleware, { step: 'deserialize', priority: 'low', name: 'watchAnswer' });
}

function hasBody(headers: Readonly<Record<string, string>>): boolean {
  return headers['transfer-encoding'] === 'chunked' || Number(headers['content-length'] ?? 0) > 0;
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of body) {
    if (text.length < 65_536) text += Buffer.from(piece).toString();
  }
  return text;
}

/** A proxy's or a web server's page: whatever answered took the body, but is no S3. */
function foreignAnswer(call: Call): S3RequestError {
  const message = `${call.verb} s3://${call.bucket}/${call.key ?? ''}: the answer is a page, not an answer of S3`;
  const hint = 'Check the endpoint, and whether a proxy or a login page answers in its place.';
  return new S3RequestError(message, { ...call, code: 'NotAnS3Answer', status: 200, hint });
}

function errorInside(call: Call, text: string): S3RequestError {
  const code = /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? 'InternalError';
  return new S3RequestError(
    `${call.verb} s3://${call.bucket}/${call.key ?? ''}: ${code} inside an answer with status 200`,
    {
      ...call,
      code,
      status: 200,
    },
  );
}
