import { deleteDocument, deletedKeys, deletedObject, taggingDocument } from '../answers/delete.js';
import { readDocument } from '../answers/document.js';
import { refusedCheck } from '../answers/object.js';
import type { DeleteVerbs } from '../bucket.js';
import type { Call } from '../errors.js';
import type { HttpResponse } from '../http/http-client.js';
import type { Integrity } from '../integrity.js';
import { absentOr, deleteHeaders } from '../wire/deletes.js';
import { type Command, type SendCommand, sdk, sendDocument } from './client.js';

/** The verbs that delete and tag, on the AWS SDK, with the documents and checksums of the other lane. One attempt per call. */
export function sdkDeletes(name: string, integrity: Integrity, send: SendCommand): DeleteVerbs {
  const aws = sdk();

  async function sendBody(call: Call, command: Command, body: Buffer, signal: AbortSignal): Promise<HttpResponse> {
    const check = integrity.demanded(body);
    sendDocument(command, body);
    return send(call, command, signal, check.headers).catch((error) => {
      throw refusedCheck(integrity, check, error, true);
    });
  }

  return {
    async deleteObjects(targets, signal) {
      const call: Call = { verb: 'DeleteObjects', bucket: name };
      const Objects = [{ Key: 'key' }];
      const command = new aws.DeleteObjectsCommand({ Bucket: name, Delete: { Objects } });
      const response = await sendBody(call, command, deleteDocument(targets), signal);
      return readDocument(call, response, (xml) => deletedKeys(call, targets, response.header, xml));
    },

    async deleteObject({ key, etag }, signal) {
      const call: Call = { verb: 'DeleteObject', bucket: name, key };
      try {
        const command = new aws.DeleteObjectCommand({ Bucket: name, Key: key });
        const response = await send(call, command, signal, deleteHeaders(etag));
        return readDocument(call, response, (xml) => deletedObject(call, response.header, xml));
      } catch (error) {
        return absentOr(error);
      }
    },

    async putObjectTags(key, tags, signal) {
      const call: Call = { verb: 'PutObjectTagging', bucket: name, key };
      const command = new aws.PutObjectTaggingCommand({ Bucket: name, Key: key, Tagging: { TagSet: [] } });
      const response = await sendBody(call, command, taggingDocument(tags), signal);
      readDocument(call, response, () => undefined);
    },
  };
}
