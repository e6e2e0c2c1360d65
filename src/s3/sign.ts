import { createHmac, hash } from 'node:crypto';

/** The credentials that sign a request. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The signed parts of a request. */
export interface SignedRequest {
  readonly method: string;
  /** As in the request line, without the query. */
  readonly path: string;
  /** From {@link canonicalQuery}. */
  readonly query: string;
  /** All headers to sign, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case hex of the body's SHA-256, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

/** SHA-256 of an empty body. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Headers that proxies may change in transit, and so are not signed; the SDK omits the same ones. */
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

/** The latest date such as `20261126T052100Z`, formatted at most once a second. */
let cachedDate: { readonly second: number; readonly text: string } = { second: -1, text: '' };

/** A time in the format of `x-amz-date`. @param ms since 1970 */
export function amzDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (cachedDate.second !== second)
    cachedDate = { second, text: new Date(second * 1000).toISOString().replace(/[-:]|\.\d{3}/g, '') };
  return cachedDate.text;
}

export function sha256Hex(bytes: Buffer): string {
  return bytes.length === 0 ? EMPTY_SHA256 : hash('sha256', bytes, 'hex');
}

/** An encoded query in canonical order, which is both signed and sent. */
export function canonicalQuery(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${encodeValue(name)}=${encodeValue(value)}`);
  return pairs.sort().join('&');
}

/** Signs requests by Signature Version 4: returns the `authorization` header. */
export type Signer = (
  request: SignedRequest,
  date: string,
  region: string,
  service: string,
  credentials: SigningCredentials,
) => string;

/** A {@link Signer} that derives the signing key of a day once. */
export function signer(): Signer {
  const sign = canonicalSigner();
  return (request, date, region, service, credentials) => {
    const { names, text } = canonicalRequest(request);
    return sign(names, text, date, region, service, credentials);
  };
}

/**
 * Signs requests whose canonical form is there already; the signing key of a day is derived once.
 * @param names of the signed headers, in order, joined by `;`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export type CanonicalSigner = (
  names: string,
  canonical: string,
  date: string,
  region: string,
  service: string,
  credentials: SigningCredentials,
) => string;

export function canonicalSigner(): CanonicalSigner {
  let signingKey: { readonly of: string; readonly secret: string; readonly hmac: (text: string) => string } | undefined;

  function hmacFor(scope: string, secret: string): (text: string) => string {
    if (signingKey?.of !== scope || signingKey.secret !== secret) {
      // Each part of the scope is one step of the derivation.
      const key = scope.split('/').reduce<Buffer>((parent, part) => hmac(parent, part), Buffer.from(`AWS4${secret}`));
      signingKey = { of: scope, secret, hmac: hmacHex(key) };
    }
    return signingKey.hmac;
  }

  return (names, canonical, date, region, service, { accessKeyId, secretAccessKey }) => {
    const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
    const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
    const signature = hmacFor(scope, secretAccessKey)(toSign);
    return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  };
}

function canonicalRequest({ method, path, query, headers, payloadHash }: SignedRequest): {
  readonly names: string;
  readonly text: string;
} {
  const { signed, names } = signedNames(Object.keys(headers));
  let lines = '';
  for (const name of signed) lines += `${name}:${canonicalValue(headers[name] ?? '')}\n`;
  return { names, text: `${method}\n${path}\n${query}\n${lines}\n${names}\n${payloadHash}` };
}

/** Names of headers as a signature has them. */
export interface SignedNames {
  readonly signed: readonly string[];
  /** The same, joined as the `authorization` header has them. */
  readonly names: string;
}

/** The names of headers in the order of the signature. Most requests of a run have the same ones, and sorting them costs as much as hashing. */
const knownNames = new Map<string, SignedNames>();
/** Metadata may give every object names of its own. */
const MOST_NAMES = 256;

export function signedNames(names: readonly string[]): SignedNames {
  const given = names.join();
  const known = knownNames.get(given);
  if (known !== undefined) return known;
  const signed = names.filter((name) => !UNSIGNED.has(name)).sort();
  const result = { signed, names: signed.join(';') };
  if (knownNames.size >= MOST_NAMES) knownNames.clear();
  knownNames.set(given, result);
  return result;
}

/** White space that the canonical form of a value has not. */
const NOT_CANONICAL = /^\s|\s$|\s\s|[^\S ]/;

/** A header's value as it is signed. */
export function canonicalValue(value: string): string {
  return NOT_CANONICAL.test(value) ? value.trim().replace(/\s+/g, ' ') : value;
}

/** Block and digest sizes of SHA-256, in bytes. */
const BLOCK = 64;
const DIGEST = 32;

/**
 * HMAC-SHA256 (RFC 2104) with one key, as two plain hashes in reused memory: Node's `Hmac` takes a quarter longer on Node 20 and seven times as long
 * on Node 24, for each request, and leaves more garbage.
 * @param key at most one block long
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

const UNENCODED = /[!'()*]/g;

/** Percent-encodes a value for Signature Version 4: all bytes of its UTF-8 except `A–Z a–z 0–9 - . _ ~`. Throws `URIError` for a lone surrogate. */
export function encodeValue(text: string): string {
  return encodeURIComponent(text).replace(UNENCODED, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

const PLAIN = /^[\w\-.~/]*$/;

/**
 * A key in the path of a request, in either lane: percent-encoded once, `/` kept. S3 uses the signed path without normalization, so `//`, `.` and
 * `..` are kept.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function encodeKey(key: string): string {
  return PLAIN.test(key) ? key : key.split('/').map(encodeValue).join('/');
}
