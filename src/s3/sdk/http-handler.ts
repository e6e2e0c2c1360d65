import { Readable } from 'node:stream';
import { type HttpClient, type HttpResponse, SLOW_MS } from '../http/http-client.js';
import { encodeValue } from '../sign.js';

/** The parts of an SDK request that are used. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Set by our own middleware. */
  readonly maxResponseBytes?: number;
}

/** A response in the SDK's form, and as received. */
export interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Readable;
  readonly received: HttpResponse;
}

/** Responses to other requests than those for objects are short: credentials, and sessions of directory buckets. */
const MAX_OTHER_BYTES = 1024 * 1024;

interface SdkOptions {
  readonly abortSignal?: unknown;
}

/** The SDK's interface for a request handler. */
export interface SdkHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(request: SdkRequest, options?: SdkOptions): Promise<{ readonly response: SdkResponse }>;
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

const NEVER = new AbortController().signal;

/** Makes the SDK send its requests, including those for credentials, through our own client. */
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
      // S3 sends white space to keep these connections open, which counts as progress.
      const completesUpload = method === 'POST' && request.query?.uploadId !== undefined;
      const responseMs = completesUpload || headers['x-amz-copy-source'] !== undefined ? SLOW_MS : undefined;
      const { maxResponseBytes = MAX_OTHER_BYTES } = request;
      const sent = { origin, method, target, headers, body, responseMs, maxResponseBytes };
      const received = await http.send(sent, signal);
      const { status: statusCode } = received;
      const response = {
        statusCode,
        originalStatus: statusCode,
        headers: { ...received.headers() },
        body: Readable.from([received.body]),
        received,
      };
      return { response };
    },

    // The client is closed by the code that created it.
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
  throw new TypeError('the AWS SDK sends an unexpected type of body');
}
