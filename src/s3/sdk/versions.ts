import { readDocument } from '../answers/document.js';
import { versionsPage } from '../answers/versions.js';
import type { Call } from '../errors.js';
import type { VersionVerbs } from '../object-versions.js';
import { type SendCommand, sdk } from './client.js';

/** ListObjectVersions on the AWS SDK. One attempt per call. */
export function sdkVersions(name: string, send: SendCommand): VersionVerbs {
  const aws = sdk();
  return {
    async listVersions(prefix, after, signal) {
      const call: Call = { verb: 'ListObjectVersions', bucket: name };
      const command = new aws.ListObjectVersionsCommand({
        Bucket: name,
        Prefix: prefix,
        EncodingType: 'url',
        ...(after !== undefined && { KeyMarker: after.key }),
        ...(after?.versionId !== undefined && { VersionIdMarker: after.versionId }),
      });
      const response = await send(call, command, signal);
      return readDocument(call, response, (xml) => versionsPage(call, xml, after));
    },
  };
}
