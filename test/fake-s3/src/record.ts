import type { Socket } from 'node:net';
import type { Place } from './fault.js';
import { parseQuery, type S3Request } from './http/request.js';
import type { Verb } from './verb.js';

/** One request as the server received it. */
export interface RecordedRequest {
  readonly verb: Verb;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names; values of repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Status of the response; 0 if none was sent yet, or at all. */
  readonly status: number;
  /** Bytes of the body that arrived, as on the wire. */
  readonly bodyBytes: number;
  /** `x-amz-request-id` of the response. */
  readonly requestId: string;
  /** Number of its connection, from 1, in the order of their first requests. */
  readonly connection: number;
  /** When the head arrived, in milliseconds of `performance.now()`. */
  readonly at: number;
}

/** Keeps the head as two strings and parses it on access: runs make 100,000 requests. */
class CompactRecord implements RecordedRequest {
  readonly verb: Verb;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly requestId: string;
  readonly connection: number;
  readonly at: number = performance.now();
  status = 0;
  bodyBytes = 0;
  readonly #query: string;
  readonly #head: string;

  constructor(request: S3Request, requestId: string, connection: number) {
    this.connection = connection;
    this.verb = request.verb;
    this.method = request.method;
    this.bucket = request.bucket;
    this.key = request.key;
    this.requestId = requestId;
    this.#query = request.rawQuery;
    this.#head = request.message.rawHeaders.join('\n');
  }

  get query(): Record<string, string> {
    return Object.fromEntries(parseQuery(this.#query));
  }

  get headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    const parts = this.#head.split('\n');
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const name = parts[i]?.toLowerCase() ?? '';
      const before = headers[name];
      headers[name] = before === undefined ? (parts[i + 1] ?? '') : `${before}, ${parts[i + 1]}`;
    }
    return headers;
  }
}

export type OpenRecord = CompactRecord;

/** All requests since the start, or the last clear. */
export class Recorder {
  readonly requests: RecordedRequest[] = [];
  /** Most requests that were open at once. */
  peak = 0;
  #open = 0;
  #connections = 0;
  readonly #places: WeakMap<Socket, Place> = new WeakMap();
  readonly #counts: Map<string, number> = new Map();

  begin(request: S3Request, requestId: string, connection: number): OpenRecord {
    const record = new CompactRecord(request, requestId, connection);
    this.requests.push(record);
    this.#counts.set(record.verb, this.count(record.verb) + 1);
    this.#open += 1;
    if (this.#open > this.peak) this.peak = this.#open;
    return record;
  }

  /** Counts a request on its connection. */
  place(socket: Socket): Place {
    const before = this.#places.get(socket);
    if (before === undefined) this.#connections += 1;
    const place = { connection: before?.connection ?? this.#connections, nth: (before?.nth ?? 0) + 1 };
    this.#places.set(socket, place);
    return place;
  }

  /** Requests that are open now. */
  get open(): number {
    return this.#open;
  }

  end(): void {
    this.#open -= 1;
  }

  count(verb: Verb): number {
    return this.#counts.get(verb) ?? 0;
  }

  clear(): void {
    this.requests.length = 0;
    this.#counts.clear();
    this.peak = this.#open;
  }
}
