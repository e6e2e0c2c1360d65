import type { AnswerHeader, Integrity, SentCheck } from './integrity.js';
import type { PartAnswer } from './multipart.js';
import { putAnswer } from './put-answer.js';
import type { Call } from './request-error.js';

/** What the answer to a part says, and what the part was sent with; throws as for a put. */
export function partAnswer(
  call: Call,
  sent: SentCheck,
  integrity: Integrity,
  header: AnswerHeader,
  body: string,
): PartAnswer {
  const { etag, verified, attempts, requestId } = putAnswer(call, sent, integrity, header, body);
  return {
    etag,
    verified,
    attempts,
    requestId,
    crc32: sent.headers['x-amz-checksum-crc32'],
    md5: sent.kind === 'md5' || verified === 'md5' ? sent.md5() : undefined,
  };
}
