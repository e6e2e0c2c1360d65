import { S3RequestError } from '../errors.js';
import type { Call } from './request-error.js';

/** What is said of an answer that no S3 gives: a proxy's, a web server's or a login page. */
export const FOREIGN = 'the answer is a page, not an answer of S3';
export const FOREIGN_HINT = 'Check the endpoint, and whether a proxy or a login page answers in its place.';

/** No document of S3 is HTML, or anything but XML. */
export function isForeign(text: string, headers: Readonly<Record<string, string | undefined>> = {}): boolean {
  if (/^text\/html\b/i.test(headers['content-type'] ?? '')) return true;
  const start = text.trimStart().slice(0, 64);
  return start !== '' && (!start.startsWith('<') || /^<(!doctype\s+html|html|head|body)\b/i.test(start));
}

/** Such an answer with status 200: whatever answered is no S3, and asking again will not make it one. */
export function foreignAnswer(call: Call): S3RequestError {
  const name = call.key === undefined ? call.bucket : `${call.bucket}/${call.key}`;
  const message = `${call.verb} s3://${name}: ${FOREIGN}`;
  return new S3RequestError(message, { ...call, code: 'NotAnS3Answer', status: 200, hint: FOREIGN_HINT });
}
