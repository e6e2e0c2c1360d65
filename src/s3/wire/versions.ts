import { readDocument } from '../answers/document.js';
import { versionsPage } from '../answers/versions.js';
import type { Call } from '../errors.js';
import type { VersionVerbs } from '../object-versions.js';
import type { Send } from './send.js';

/** ListObjectVersions as a signed request. One attempt per call. */
export function wireVersions(name: string, send: Send): VersionVerbs {
  return {
    async listVersions(prefix, after, signal) {
      const call: Call = { verb: 'ListObjectVersions', bucket: name };
      const query = {
        versions: '',
        'encoding-type': 'url',
        prefix,
        ...(after !== undefined && { 'key-marker': after.key }),
        ...(after?.versionId !== undefined && { 'version-id-marker': after.versionId }),
      };
      const response = await send(call, { method: 'GET', headers: {}, query }, signal);
      return readDocument(call, response, (xml) => versionsPage(call, xml, after));
    },
  };
}
