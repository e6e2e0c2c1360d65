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
