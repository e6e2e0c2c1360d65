import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Endpoint } from './endpoint.js';

export interface RawRequest {
  readonly method?: string;
  /** As on the request line, query included. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole body, or the part of it that is sent. */
  readonly body?: Buffer | string;
}

export interface Signing {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly region?: string;
  readonly service?: string;
  readonly at?: Date;
  /** Default: the SHA-256 of the body. */
  readonly payload?: string;
  /** Path for the signature, if it differs from the one sent. */
  readonly signedPath?: string;
  /** Headers that are sent but not signed. */
  readonly unsigned?: readonly string[];
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
  /** Code of an error document. */
  readonly code: string | undefined;
}

/** Sends a request as it is. */
export function send(server: Endpoint, raw: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path, headers = {} } = raw;
    const { protocol, hostname, port } = new URL(server.url);
    const begin = protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = begin({ host: hostname, port, method, path, headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const pieces: Buffer[] = [];
      incoming.on('data', (piece: Buffer) => pieces.push(piece));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const bytes = Buffer.concat(pieces);
        const body = bytes.toString();
        const code = /<Code>([^<]*)<\/Code>/.exec(body)?.[1];
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body, bytes, code });
      });
    });
    // Node would write a string together with the head, in the head's encoding.
    outgoing.end(raw.body === undefined ? undefined : Buffer.from(raw.body));
  });
}

/** Signs a request and sends it. */
export function sendSigned(server: Endpoint, raw: RawRequest, signing: Signing = {}): Promise<RawAnswer> {
  return send(server, signed(server, raw, signing).request);
}

export interface Signed {
  readonly request: RawRequest;
  readonly signature: string;
  readonly signingKey: Buffer;
  readonly scope: string;
  readonly timestamp: string;
}

/** Signature Version 4, implemented separately from the server's. */
export function signed(server: Endpoint, raw: RawRequest, signing: Signing = {}): Signed {
  const timestamp = stamp(signing.at ?? new Date());
  const date = timestamp.slice(0, 8);
  const scope = `${date}/${signing.region ?? server.region}/${signing.service ?? 's3'}/aws4_request`;
  const payload = signing.payload ?? sha256(raw.body ?? '');
  const headers: Record<string, string> = {
    host: new URL(server.url).host,
    'x-amz-date': timestamp,
    'x-amz-content-sha256': payload,
    ...raw.headers,
  };
  if (raw.body !== undefined && headers['transfer-encoding'] === undefined) {
    headers['content-length'] ??= String(Buffer.byteLength(raw.body));
  }
  const names = Object.keys(headers).filter((name) => !(signing.unsigned ?? []).includes(name));
  names.sort();
  const [path = '', query = ''] = (signing.signedPath ?? raw.path).split('?');
  const canonical = [
    raw.method ?? 'GET',
    path,
    canonicalQuery(query),
    ...names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
  const stringToSign = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n');
  const secret = signing.secretAccessKey ?? server.secretAccessKey;
  const signingKey = scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
  const signature = hmac(signingKey, stringToSign).toString('hex');
  const credential = `${signing.accessKeyId ?? server.accessKeyId}/${scope}`;
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { request: { ...raw, headers }, signature, signingKey, scope, timestamp };
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

export function sha256(body: Buffer | string): string {
  return createHash('sha256').update(body).digest('hex');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => (pair.includes('=') ? pair : `${pair}=`));
  return pairs.sort().join('&');
}

function stamp(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d+/g, '');
}
