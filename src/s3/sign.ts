import { createHmac, hash } from 'node:crypto';

/** What a signature is made with. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What of a request is signed. */
export interface SignedRequest {
  readonly method: string;
  /** As it stands in the request line, without the query. */
  readonly path: string;
  /** As {@link canonicalQuery} makes it. */
  readonly query: string;
  /** Every header that is sent, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case hex of the body's SHA-256, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

/** SHA-256 of nothing. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Headers that proxies may change on the way, and so are sent unsigned; the SDK leaves out the same ones. */
const UNSIGNED: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'connection',
  'expect',
  'from',
  'keep-alive',
  'max-forwards',
  'pragma',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-amzn-trace-id',
]);

/** `20261126T052100Z`, once a second at most. */
let stamped: { readonly second: number; readonly text: string } = { second: -1, text: '' };

/** A time as `x-amz-date` has it. @param ms since 1970 */
export function amzDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (stamped.second !== second)
    stamped = { second, text: new Date(second * 1000).toISOString().replace(/[-:]|\.\d{3}/g, '') };
  return stamped.text;
}

export function sha256Hex(bytes: Buffer): string {
  return bytes.length === 0 ? EMPTY_SHA256 : hash('sha256', bytes, 'hex');
}

/** A query in the canonical order, encoded, as it is both signed and sent. */
export function canonicalQuery(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${encodeValue(name)}=${encodeValue(value)}`);
  return pairs.sort().join('&');
}

/**
 * Signs requests by Signature Version 4: gives the `authorization` header. The key of a day is derived once.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signer(): (
  request: SignedRequest,
  date: string,
  region: string,
  service: string,
  credentials: SigningCredentials,
) => string {
  let derived: { readonly of: string; readonly secret: string; readonly hmac: (text: string) => string } | undefined;

  function keyed(scope: string, secret: string): (text: string) => string {
    if (derived?.of !== scope || derived.secret !== secret) {
      // The scope's parts are the derivation's steps.
      const key = scope.split('/').reduce<Buffer>((parent, part) => hmac(parent, part), Buffer.from(`AWS4${secret}`));
      derived = { of: scope, secret, hmac: hmacHex(key) };
    }
    return derived.hmac;
  }

  return (request, date, region, service, { accessKeyId, secretAccessKey }) => {
    const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
    const { names, text } = canonicalRequest(request);
    const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', text, 'hex')}`;
    const signature = keyed(scope, secretAccessKey)(toSign);
    return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  };
}

function canonicalRequest({ method, path, query, headers, payloadHash }: SignedRequest): {
  readonly names: string;
  readonly text: string;
} {
  let lines = '';
  let names = '';
  for (const name of Object.keys(headers).sort()) {
    if (UNSIGNED.has(name)) continue;
    lines += `${name}:${canonicalValue(headers[name] ?? '')}\n`;
    names += names === '' ? name : `;${name}`;
  }
  return { names, text: `${method}\n${path}\n${query}\n${lines}\n${names}\n${payloadHash}` };
}

function canonicalValue(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

/** SHA-256 takes in so many bytes at once. */
const BLOCK = 64;
const DIGEST = 32;

/**
 * HMAC-SHA256 (RFC 2104) with one key, as two plain hashes in memory that is used again: Node's `Hmac` takes a quarter longer on Node 20 and seven
 * times as long on Node 24, for each request, and is more to collect.
 * @param key not longer than a block
 */
function hmacHex(key: Buffer): (text: string) => string {
  const outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);
  let inner = Buffer.alloc(BLOCK * 4, 0x36);
  key.forEach((byte, at) => {
    outer[at] = byte ^ 0x5c;
    inner[at] = byte ^ 0x36;
  });
  return (text) => {
    const length = BLOCK + Buffer.byteLength(text);
    if (length > inner.length) inner = Buffer.concat([inner.subarray(0, BLOCK)], length);
    inner.write(text, BLOCK);
    outer.write(hash('sha256', inner.subarray(0, length), 'hex'), BLOCK, 'hex');
    return hash('sha256', outer, 'hex');
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

const KEPT = /[!'()*]/g;

/** Percent-encodes one value as Signature Version 4 wants it: all bytes of its UTF-8 but `A–Z a–z 0–9 - . _ ~`. Throws `URIError` at half a surrogate pair. */
export function encodeValue(text: string): string {
  return encodeURIComponent(text).replace(KEPT, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

const PLAIN = /^[\w\-.~/]*$/;

/**
 * A key as it stands in the path of a request, in either lane: percent-encoded once, `/` kept. S3 takes the path as it is signed, without
 * normalization, so `//`, `.` and `..` survive.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function encodeKey(key: string): string {
  return PLAIN.test(key) ? key : key.split('/').map(encodeValue).join('/');
}
