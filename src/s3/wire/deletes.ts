import { S3RequestError } from '../../errors.js';
import { deleteDocument, deletedKeys, deletedObject, isAbsent, taggingDocument } from '../answers/delete.js';
import { readDocument } from '../answers/document.js';
import { refusedCheck } from '../answers/object.js';
import type { DeleteVerbs } from '../bucket.js';
import type { Call } from '../errors.js';
import type { HttpResponse } from '../http/http-client.js';
import type { Integrity } from '../integrity.js';
import type { Send } from './send.js';

/** The verbs that delete and tag, as signed requests. One attempt per call. */
export function wireDeletes(name: string, integrity: Integrity, send: Send): DeleteVerbs {
  async function sendDocument(
    call: Call,
    method: 'POST' | 'PUT',
    subresource: string,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const check = integrity.demanded(body);
    const headers = { 'content-type': 'application/xml', ...check.headers };
    return send(call, { method, headers, query: { [subresource]: '' }, body }, signal).catch((error) => {
      throw refusedCheck(integrity, check, error, true);
    });
  }

  return {
    async deleteObjects(targets, signal) {
      const call: Call = { verb: 'DeleteObjects', bucket: name };
      const response = await sendDocument(call, 'POST', 'delete', deleteDocument(targets), signal);
      return readDocument(call, response, (xml) => deletedKeys(call, targets, response.header, xml));
    },

    async deleteObject({ key, etag }, signal) {
      const call: Call = { verb: 'DeleteObject', bucket: name, key };
      const headers = deleteHeaders(etag);
      try {
        const response = await send(call, { method: 'DELETE', headers }, signal);
        return readDocument(call, response, (xml) => deletedObject(call, response.header, xml));
      } catch (error) {
        return absentOr(error);
      }
    },

    async putObjectTags(key, tags, signal) {
      const call: Call = { verb: 'PutObjectTagging', bucket: name, key };
      const response = await sendDocument(call, 'PUT', 'tagging', taggingDocument(tags), signal);
      readDocument(call, response, () => undefined);
    },
  };
}

/** Binds a delete to the object that has this ETag. */
export function deleteHeaders(etag: string | undefined): Record<string, string> {
  return etag === undefined ? {} : { 'if-match': `"${etag}"` };
}

/** An absent key counts as deleted; any other error is thrown. S3 responds with 204 to it, some servers with 404, and S3 where there is a condition. */
export function absentOr(error: unknown): { readonly marker: false } {
  if (error instanceof S3RequestError && isAbsent(error)) return { marker: false };
  throw error;
}
