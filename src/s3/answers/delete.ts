import { S3RequestError } from '../../errors.js';
import type { DeletedKey, DeleteTarget } from '../bucket.js';
import { type Call, notS3Response, requestError } from '../errors.js';
import type { ResponseHeader } from '../integrity.js';
import { unusableResponse } from './document.js';
import { elements, elementText, escapeXml, rootName, rootOf } from './xml.js';

const XMLNS = 'http://s3.amazonaws.com/doc/2006-03-01/';

/**
 * The body of a DeleteObjects. Not in its quiet mode: there a response that lost some keys looks like success, while here each key is named, deleted
 * or not. 1,000 names are a few ten KB.
 */
export function deleteDocument(targets: readonly DeleteTarget[]): Buffer {
  const objects = targets.map(({ key, etag }) => {
    const condition = etag === undefined ? '' : `<ETag>${escapeXml(`"${etag}"`)}</ETag>`;
    return `<Object><Key>${escapeXml(key)}</Key>${condition}</Object>`;
  });
  return Buffer.from(`<Delete xmlns="${XMLNS}">${objects.join('')}</Delete>`);
}

/** The body of a PutObjectTagging. */
export function taggingDocument(tags: Readonly<Record<string, string>>): Buffer {
  const all = Object.entries(tags).map(
    ([name, value]) => `<Tag><Key>${escapeXml(name)}</Key><Value>${escapeXml(value)}</Value></Tag>`,
  );
  return Buffer.from(`<Tagging xmlns="${XMLNS}"><TagSet>${all.join('')}</TagSet></Tagging>`);
}

/**
 * What a DeleteObjects has done, in the order of the targets. Throws `S3RequestError` where the response is another document.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export function deletedKeys(
  call: Call,
  targets: readonly DeleteTarget[],
  header: ResponseHeader,
  body: string,
): readonly DeletedKey[] {
  if (rootName(body) !== 'DeleteResult') throw unusableResponse(call, 'does not say what was deleted');
  // Throws where the document is truncated.
  rootOf(body);
  const requestId = header('x-amz-request-id');
  const named = new Map<string, DeletedKey>();
  for (const deleted of elements(body, 'Deleted')) {
    const key = elementText(deleted, 'Key') ?? '';
    named.set(key, { key, marker: elementText(deleted, 'DeleteMarker')?.trim() === 'true', error: undefined });
  }
  for (const refused of elements(body, 'Error')) {
    const key = elementText(refused, 'Key') ?? '';
    const code = elementText(refused, 'Code')?.trim() || 'UnknownError';
    const message = elementText(refused, 'Message') ?? '';
    const error = isAbsent({ code, status: 404 }) ? undefined : keyError({ ...call, key }, code, message, requestId);
    named.set(key, { key, marker: false, error });
  }
  return targets.map(({ key }) => named.get(key) ?? unanswered({ ...call, key }, requestId));
}

/** The error of a key that the response did not name: it may be deleted or not. */
function unanswered(call: Call & { readonly key: string }, requestId: string | undefined): DeletedKey {
  const message = `${call.verb} s3://${call.bucket}/${call.key}: UnansweredKey: the response does not name this key`;
  const error = new S3RequestError(message, { ...call, code: 'UnansweredKey', status: 200, requestId });
  return { key: call.key, marker: false, error };
}

/** The statuses that S3 has for the codes of single keys, which come in a response with status 200. */
const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  InternalError: 500,
  MethodNotAllowed: 405,
  NoSuchBucket: 404,
  NotImplemented: 501,
  OperationAborted: 409,
  ConditionalRequestConflict: 409,
  PreconditionFailed: 412,
  ServiceUnavailable: 503,
  SlowDown: 503,
};

function keyError(call: Call, code: string, message: string, requestId: string | undefined): S3RequestError {
  const httpStatusCode = (Object.hasOwn(STATUS, code) ? STATUS[code] : undefined) ?? 400;
  const $metadata = { httpStatusCode, ...(requestId !== undefined && { requestId }) };
  return requestError(call, { name: code, message, $metadata });
}

/** Whether a refusal says only that the key is absent; then nothing is left to delete. */
export function isAbsent({ code, status }: Pick<S3RequestError, 'code' | 'status'>): boolean {
  return status === 404 && (code === 'NoSuchKey' || code === 'NoSuchVersion' || code === 'NotFound');
}

/** Whether a DeleteObject has made a delete marker. Throws `S3RequestError` for a page, which S3 never sends. */
export function deletedObject(call: Call, header: ResponseHeader, body: string): { readonly marker: boolean } {
  if (body.trim() !== '' && rootName(body) === undefined) throw notS3Response(call, body);
  return { marker: header('x-amz-delete-marker') === 'true' };
}
