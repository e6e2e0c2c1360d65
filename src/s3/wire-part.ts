import type { Integrity } from './integrity.js';
import type { MultipartVerbs } from './multipart.js';
import type { Send } from './outgoing.js';
import { partAnswer } from './part-answer.js';
import { preparedBody } from './prepared-body.js';
import { refusedCheck } from './put-answer.js';
import type { Call } from './request-error.js';
import type { Session } from './session.js';

/** UploadPart as a signed request. */
export function wirePart(name: string, integrity: Integrity, session: Session, send: Send): MultipartVerbs['putPart'] {
  return async ({ key, uploadId, number, body, crc32, headers }, signal) => {
    const call: Call = { verb: 'UploadPart', bucket: name, key };
    const signed = !session.address.secure;
    const { check, payload, rethrow } = await preparedBody(body, integrity, { crc32, signed });
    const query = { partNumber: String(number), uploadId };
    const answer = await send(
      call,
      { method: 'PUT', headers: { ...headers, ...check.headers }, query, body: payload },
      signal,
    ).catch((error) => {
      rethrow();
      throw refusedCheck(integrity, check, error, false);
    });
    return partAnswer(call, check, integrity, answer.header, answer.body.length === 0 ? '' : answer.body.toString());
  };
}
