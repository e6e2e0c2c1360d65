import { decode, header, type S3Request } from './request.js';

/**
 * The canonical request of Signature Version 4 in S3's form: the path is decoded and encoded once,
 * neither normalised nor encoded twice.
 */
export function canonicalRequest(request: S3Request, signedHeaders: readonly string[], payloadHash: string): string {
  const headers = signedHeaders.map((name) => `${name}:${canonicalValue(header(request, name) ?? '')}\n`);
  return [
    request.method,
    canonicalPath(request.rawPath),
    canonicalQuery(request.rawQuery),
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

function canonicalValue(value: string): string {
  return value.includes('  ') ? value.trim().replace(/ +/g, ' ') : value.trim();
}

function canonicalPath(raw: string): string {
  if (/^[A-Za-z0-9_.~/-]*$/.test(raw)) return raw;
  return uriEncode(decode(raw)).replaceAll('%2F', '/');
}

function canonicalQuery(raw: string): string {
  if (raw === '') return '';
  const pairs = raw.split('&').map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    return [uriEncode(decode(name)), equals < 0 ? '' : uriEncode(decode(pair.slice(equals + 1)))];
  });
  pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

/** Percent-encodes all but `A-Z a-z 0-9 - _ . ~`. */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
