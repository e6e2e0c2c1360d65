import { copyAnswer, gotObject, grantsIn, tagsIn } from './copy-answer.js';
import { copySourceHeaders, rangeText } from './copy-source.js';
import type { CopyVerbs, ReadFrom } from './copying.js';
import type { Send } from './outgoing.js';
import type { Call } from './request-error.js';

/** Copies, and reading what they would lose, as signed requests. */
export function wireCopy(name: string, send: Send): CopyVerbs {
  const versionOf = ({ versionId }: ReadFrom): Record<string, string> => (versionId === undefined ? {} : { versionId });

  async function text(verb: Call['verb'], from: ReadFrom, about: string, signal: AbortSignal) {
    const call: Call = { verb, bucket: name, key: from.key };
    const query = { [about]: '', ...versionOf(from) };
    const answer = await send(call, { method: 'GET', headers: {}, query }, signal);
    return { call, body: answer.body.toString() };
  }

  return {
    async copyObject({ key, source, headers, onlyIfAbsent }, signal) {
      const call: Call = { verb: 'CopyObject', bucket: name, key };
      const condition = onlyIfAbsent === undefined ? undefined : { 'if-none-match': '*' };
      const all = { ...headers, ...copySourceHeaders(source), ...condition };
      const answer = await send(call, { method: 'PUT', headers: all, slow: true }, signal);
      return copyAnswer(call, answer.header, answer.body.toString());
    },

    async copyPart({ key, uploadId, number, headers, source, range }, signal) {
      const call: Call = { verb: 'UploadPartCopy', bucket: name, key };
      const all = { ...headers, ...copySourceHeaders(source, range) };
      const query = { partNumber: String(number), uploadId };
      const answer = await send(call, { method: 'PUT', headers: all, query, slow: true }, signal);
      return copyAnswer(call, answer.header, answer.body.toString());
    },

    async getObject(from, range, signal) {
      const call: Call = { verb: 'GetObject', bucket: name, key: from.key };
      const headers = {
        ...(from.etag !== undefined && { 'if-match': `"${from.etag}"` }),
        ...(range !== undefined && { range: rangeText(range) }),
      };
      const { headers: told, body } = await send(call, { method: 'GET', headers, query: versionOf(from) }, signal);
      return gotObject(call, { headers: told(), body }, range === undefined ? undefined : range.end - range.start);
    },

    async objectTags(from, signal) {
      const { call, body } = await text('GetObjectTagging', from, 'tagging', signal);
      return tagsIn(call, body);
    },

    async objectGrants(from, signal) {
      const { call, body } = await text('GetObjectAcl', from, 'acl', signal);
      return grantsIn(call, body);
    },
  };
}
