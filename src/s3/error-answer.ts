import type { S3RequestError } from '../errors.js';
import { isForeign } from './foreign-answer.js';
import type { HttpAnswer } from './http/http-client.js';
import { type Call, requestError } from './request-error.js';
import { elementText } from './xml-text.js';

/** An answer whose status is no success as an `S3RequestError`. */
export function answerError(call: Call, { status, headers: all, body }: HttpAnswer): S3RequestError {
  const headers = all();
  const text = body.length === 0 ? '' : body.toString();
  const told = (name: string): string | undefined => {
    try {
      return elementText(text, name);
    } catch {
      // A document that is cut off tells no more than its status.
      return undefined;
    }
  };
  return requestError(call, {
    name: told('Code') ?? 'UnknownError',
    message: told('Message') ?? '',
    Region: told('Region'),
    Header: told('Header'),
    foreign: text !== '' && isForeign(text, headers),
    $metadata: { httpStatusCode: status, requestId: headers['x-amz-request-id'] ?? told('RequestId') },
    $response: { statusCode: status, headers },
  });
}
