import { createHmac, hash } from 'node:crypto';
import type { Authorization } from './authorization.js';
import { canonicalRequest } from './canonical.js';
import { S3Error } from './error.js';
import { header, type S3Request } from './request.js';

/** What the body's signatures need from the head's. */
export interface Seed {
  readonly accessKeyId: string;
  readonly signingKey: Buffer;
  readonly signature: string;
  readonly timestamp: string;
  readonly scope: string;
}

const MAX_SKEW = 15 * 60 * 1000;

/** Verifies the signature of a request's head. Throws S3's error. */
export function verifyHead(request: S3Request, signed: Authorization, secret: string, now: number): Seed {
  checkSkew(signed.timestamp, now);
  checkSignedHeaders(request, signed.signedHeaders);
  const payloadHash = header(request, 'x-amz-content-sha256');
  if (payloadHash === undefined) {
    const message = 'Missing required header for this request: x-amz-content-sha256';
    throw new S3Error('InvalidRequest', {}, { message });
  }
  const canonical = canonicalRequest(request, signed.signedHeaders, payloadHash);
  const digest = hash('sha256', canonical);
  const stringToSign = `AWS4-HMAC-SHA256\n${signed.timestamp}\n${signed.scope}\n${digest}`;
  const signingKey = signingKeyFor(secret, signed.scope);
  if (sign(signingKey, stringToSign) !== signed.signature) {
    throw new S3Error('SignatureDoesNotMatch', {
      AWSAccessKeyId: signed.accessKeyId,
      StringToSign: stringToSign,
      SignatureProvided: signed.signature,
      StringToSignBytes: hexBytes(stringToSign),
      CanonicalRequest: canonical,
      CanonicalRequestBytes: hexBytes(canonical),
    });
  }
  const { accessKeyId, signature, timestamp, scope } = signed;
  return { accessKeyId, signingKey, signature, timestamp, scope };
}

export function sign(signingKey: Buffer, text: string): string {
  return createHmac('sha256', signingKey).update(text).digest('hex');
}

const signingKeys = new Map<string, Buffer>();

function signingKeyFor(secret: string, scope: string): Buffer {
  const name = `${secret}\n${scope}`;
  let key = signingKeys.get(name);
  if (key === undefined) {
    key = Buffer.from(`AWS4${secret}`);
    for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
    signingKeys.set(name, key);
  }
  return key;
}

function checkSkew(timestamp: string, now: number): void {
  const iso = timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  if (Math.abs(Date.parse(iso) - now) <= MAX_SKEW) return;
  throw new S3Error('RequestTimeTooSkewed', {
    RequestTime: timestamp,
    ServerTime: `${new Date(now).toISOString().slice(0, 19)}Z`,
    MaxAllowedSkewMilliseconds: String(MAX_SKEW),
  });
}

/** S3 requires signatures over host, Content-MD5 and every x-amz- header except the payload's hash. */
function checkSignedHeaders(request: S3Request, signedHeaders: readonly string[]): void {
  const missing: string[] = [];
  for (const name in request.headers) {
    const must = name === 'host' || name === 'content-md5' || name.startsWith('x-amz-');
    if (must && name !== 'x-amz-content-sha256' && !signedHeaders.includes(name)) missing.push(name);
  }
  if (missing.length === 0) return;
  const message = 'There were headers present in the request which were not signed';
  throw new S3Error('AccessDenied', { HeadersNotSigned: missing.join(', ') }, { message });
}

function hexBytes(text: string): string {
  return (Buffer.from(text).toString('hex').match(/../g) ?? []).join(' ');
}
