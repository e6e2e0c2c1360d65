import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type Verb, verbOf } from '../verb.js';
import { S3Error } from './error.js';

/** The parsed head of a request. */
export interface S3Request {
  readonly message: IncomingMessage;
  readonly method: string;
  readonly verb: Verb;
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Decoded; empty for a bucket. */
  readonly key: string;
  /** As on the request line, without the query. */
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  /** The request line is malformed. */
  readonly problem: S3Error | undefined;
}

/** `bucket.localhost`, `bucket.s3.localhost`, `bucket.s3.REGION.amazonaws.com`: the bucket is in the host name. */
const VIRTUAL_HOST = /^(?!s3\.)(.+?)\.(?:s3(?:[.-][a-z0-9-]+)?\.)?(?:localhost|amazonaws\.com)(?::\d+)?$/;

export function parseRequest(message: IncomingMessage): S3Request {
  const target = message.url ?? '/';
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  const { headers } = message;
  const method = message.method ?? 'GET';
  let bucket = VIRTUAL_HOST.exec(headers.host ?? '')?.[1] ?? '';
  let key = '';
  let query: Map<string, string> = new Map();
  let problem: S3Error | undefined;
  try {
    let path = decode(rawPath).slice(1);
    if (bucket === '') {
      const slash = path.indexOf('/');
      bucket = slash < 0 ? path : path.slice(0, slash);
      path = slash < 0 ? '' : path.slice(slash + 1);
    }
    key = path;
    query = parseQuery(rawQuery);
  } catch {
    problem = new S3Error('InvalidURI', { URI: rawPath });
  }
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  const verb = problem === undefined ? verbOf(method, bucket, key, query, isCopy) : 'Unsupported';
  return { message, method, verb, bucket, key, rawPath, rawQuery, query, headers, problem };
}

export function parseQuery(raw: string): Map<string, string> {
  const query = new Map<string, string>();
  if (raw === '') return query;
  for (const pair of raw.split('&')) {
    const equals = pair.indexOf('=');
    if (equals < 0) query.set(decode(pair), '');
    else query.set(decode(pair.slice(0, equals)), decode(pair.slice(equals + 1)));
  }
  return query;
}

/** Percent-decodes like S3: a bare `+` is a space, in paths too. Throws on bytes that are not UTF-8. */
export function decode(text: string): string {
  return decodeURIComponent(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** One request header, or undefined. */
export function header(request: S3Request, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.join(',');
}
