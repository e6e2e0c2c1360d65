import { Readable } from 'node:stream';
import { type HttpClient, SLOW_MS } from '../http/http-client.js';
import { encodeValue } from '../sign.js';

/** A request as the SDK builds it; the parts that are used. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkOptions {
  readonly abortSignal?: unknown;
}

/** What the SDK wants of whatever sends its requests. */
export interface SdkHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(
    request: SdkRequest,
    options?: SdkOptions,
  ): Promise<{
    readonly response: { statusCode: number; headers: Record<string, string>; body: Readable };
  }>;
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

const NEVER = new AbortController().signal;

/** Has the SDK send its requests, those for credentials too, by the same client as everything else. */
export function sdkHandler(http: HttpClient): SdkHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },

    async handle(request, options = {}) {
      const { protocol, hostname, port, method, path } = request;
      const query = queryOf(request.query ?? {});
      const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
      const origin = new URL(`${protocol}//${host}${port === undefined ? '' : `:${port}`}`).origin;
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
      headers.host ??= new URL(origin).host;
      const target = query === '' ? path : `${path}?${query}`;
      const body = await bytesOf(request.body);
      const signal = options.abortSignal instanceof AbortSignal ? options.abortSignal : NEVER;
      // What is sent meanwhile to keep the connection counts as life.
      const completes = method === 'POST' && request.query?.uploadId !== undefined;
      const responseMs = completes || headers['x-amz-copy-source'] !== undefined ? SLOW_MS : undefined;
      const answer = await http.send({ origin, method, target, headers, body, responseMs }, signal);
      const { status: statusCode } = answer;
      const response = {
        statusCode,
        came: statusCode,
        headers: { ...answer.headers() },
        body: Readable.from([answer.body]),
      };
      return { response };
    },

    // Whoever made the client ends it.
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function queryOf(query: NonNullable<SdkRequest['query']>): string {
  const pairs: string[] = [];
  for (const name of Object.keys(query).sort()) {
    const value = query[name];
    if (value === undefined) continue;
    const encoded = encodeValue(name);
    for (const one of Array.isArray(value) ? value : [value])
      pairs.push(typeof one === 'string' ? `${encoded}=${encodeValue(one)}` : encoded);
  }
  return pairs.join('&');
}

async function bytesOf(body: unknown): Promise<Buffer | undefined> {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof ArrayBuffer) return Buffer.from(body);
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (body instanceof Readable) return Buffer.concat(await body.toArray());
  throw new TypeError('the AWS SDK sends a body of a kind that is not expected');
}
