/** The one method of a command's middleware stack that is used, without the SDK's type parameters. */
interface Stack {
  add(
    middleware: unknown,
    options: { readonly step: 'build' | 'deserialize'; readonly priority: 'high' | 'low'; readonly name: string },
  ): void;
}

interface Sender {
  readonly middlewareStack: unknown;
}

interface Args {
  readonly request: { protocol: string; path: string; headers: Record<string, string> };
}

type Next<T> = (args: Args) => Promise<T>;

/** An answer as it came, which the SDK keeps to itself. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, where it was asked for. */
  readonly text: string;
}

export interface Verbatim {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly protocol?: 'http:' | 'https:';
  /** What this is among a client's own. */
  readonly as?: string;
}

/** Has this command, or every command of a client, sent with just these headers, to this path, by this protocol; all of it is signed so. */
export function sendVerbatim(sender: Sender, { headers = {}, path, protocol, as = 'sendVerbatim' }: Verbatim): void {
  const middleware = (next: Next<unknown>) => (args: Args) => {
    const { request } = args;
    for (const name of Object.keys(request.headers)) if (name.toLowerCase() in headers) delete request.headers[name];
    Object.assign(request.headers, headers);
    if (path !== undefined) request.path = path;
    if (protocol !== undefined) request.protocol = protocol;
    return next(args);
  };
  (sender.middlewareStack as Stack).add(middleware, { step: 'build', priority: 'low', name: as });
}

/** Lets the caller see an answer; its body only where the SDK does not read it itself (`withBody`). */
export function watchAnswer(
  sender: Sender,
  withBody: boolean,
  seen: (answer: RawAnswer) => void,
  as = 'watchAnswer',
): void {
  type Answered = {
    readonly response: {
      readonly statusCode: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: AsyncIterable<Uint8Array>;
    };
  };
  const middleware = (next: Next<Answered>) => async (args: Args) => {
    const result = await next(args);
    const { statusCode, headers, body } = result.response;
    // A copy: the SDK takes an Expires out that is no date.
    const came = { ...headers };
    seen({ status: statusCode, headers: came, text: withBody && statusCode === 200 ? await readText(body) : '' });
    return result;
  };
  (sender.middlewareStack as Stack).add(middleware, { step: 'deserialize', priority: 'low', name: as });
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
