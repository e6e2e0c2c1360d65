import { S3RequestError } from '../errors.js';
import type { PutAnswer } from './bucket.js';
import { foreignAnswer } from './foreign-answer.js';
import { type AnswerHeader, type Integrity, isKms, type SentCheck, unquoted } from './integrity.js';
import type { Call } from './request-error.js';
import { elementText } from './xml-text.js';

/**
 * What the answer to a put with status 200 says. Throws `S3RequestError` where it is an error all the same: S3 may answer 200 before it fails, and
 * then names the error in the body (https://repost.aws/knowledge-center/s3-resolve-200-internalerror).
 * @param body the answer's body, which is empty as a rule
 */
export function putAnswer(
  call: Call,
  sent: SentCheck,
  integrity: Integrity,
  header: AnswerHeader,
  body: string,
): PutAnswer {
  if (body.includes('<Error')) throw errorInside(call, body);
  if (body.trim() !== '' && header('etag') === undefined) throw foreignAnswer(call);
  const verified = integrity.judge(sent, header);
  if (verified === 'mismatch') throw mismatch(call, unquoted(header('etag')));
  const requestId = header('x-amz-request-id');
  return { etag: unquoted(header('etag')), verified, kms: isKms(header), attempts: 1, requestId };
}

/** The error of a refused put, to be tried again at once where it was only the check that the server does not know. */
export function refusedCheck(integrity: Integrity, sent: SentCheck, error: unknown, conditional: boolean): unknown {
  if (!(error instanceof S3RequestError)) return error;
  // What the key says is not said by the server.
  const message = error.message.replace(name(error), '');
  if (!integrity.refused(sent, { code: error.code, status: error.status, message }, conditional)) return error;
  return new S3RequestError(error.message, { ...error, code: 'ChecksumRefused', cause: error });
}

const name = ({ bucket, key }: Pick<Call, 'bucket' | 'key'>): string => `s3://${bucket}/${key ?? ''}`;

/** The error that a document with status 200 holds. */
export function errorInside(call: Call, text: string): S3RequestError {
  const code = elementText(text, 'Code') ?? 'InternalError';
  const message = `${call.verb} ${name(call)}: ${code} inside an answer with status 200`;
  return new S3RequestError(message, { ...call, code, status: 200 });
}

function mismatch(call: Call, etag: string | undefined): S3RequestError {
  const message = `${call.verb} ${name(call)}: the stored object (ETag ${etag}) is not what was sent`;
  const hint = 'Something between this machine and the bucket changes bodies; the object there now is wrong.';
  return new S3RequestError(message, { ...call, code: 'ETagMismatch', status: 200, hint });
}
