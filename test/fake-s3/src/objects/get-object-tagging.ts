import type { Answer } from '../http/answer.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { BucketOperation } from '../operation.js';
import { versionHeaders } from '../store/versions.js';
import { findObject } from './find-object.js';

export const getObjectTagging: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    const object = findObject(bucket, mode, request.key, request.query.get('versionId'));
    const tags = Object.entries(object.tags).map(
      ([key, value]) => `<Tag>${element('Key', key)}${element('Value', value)}</Tag>`,
    );
    const headers = { 'content-type': 'application/xml', ...versionHeaders(object, mode.versioning) };
    const body = `${XML_HEAD}<Tagging xmlns="${XML_NAMESPACE}"><TagSet>${tags.join('')}</TagSet></Tagging>`;
    return { status: 200, headers, body };
  },
};
