import type { Answer } from '../http/answer.js';
import { S3Error } from '../http/error.js';
import { readXml, type XmlElement } from '../http/read-xml.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { BucketOperation } from '../operation.js';
import { versionHeaders } from '../store/versions.js';
import { checkBodyIsProtected } from './delete-objects.js';
import { findObject } from './find-object.js';
import { checkTags, checkTagsSupported } from './object-headers.js';

export const getObjectTagging: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    checkTagsSupported(mode);
    const object = findObject(bucket, mode, request.key, request.query.get('versionId'));
    const tags = Object.entries(object.tags).map(
      ([key, value]) => `<Tag>${element('Key', key)}${element('Value', value)}</Tag>`,
    );
    const headers = { 'content-type': 'application/xml', ...versionHeaders(object, mode.versioning) };
    const body = `${XML_HEAD}<Tagging xmlns="${XML_NAMESPACE}"><TagSet>${tags.join('')}</TagSet></Tagging>`;
    return { status: 200, headers, body };
  },
};

/** PutObjectTagging: the tags replace those that are there. */
export const putObjectTagging: BucketOperation = {
  run(call, bucket): Answer {
    const { request, mode } = call;
    checkTagsSupported(mode);
    checkBodyIsProtected(call);
    const object = findObject(bucket, mode, request.key, undefined);
    bucket.tag(request.key, checkTags(readTagging(call.body.toString())));
    return { status: 200, headers: versionHeaders(object, mode.versioning) };
  },
};

/** DeleteObjectTagging: 204 whether there were tags or not. */
export const deleteObjectTagging: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    checkTagsSupported(mode);
    const object = findObject(bucket, mode, request.key, undefined);
    bucket.tag(request.key, {});
    return { status: 204, headers: versionHeaders(object, mode.versioning) };
  },
};

function readTagging(document: string): (readonly [string, string])[] {
  const { name, children } = readXml(document);
  const [set, ...others] = children;
  if (name !== 'Tagging' || set?.name !== 'TagSet' || others.length > 0) throw new S3Error('MalformedXML');
  return set.children.map(readTag);
}

function readTag({ name, children }: XmlElement): readonly [string, string] {
  const [key, value, ...others] = children;
  if (name !== 'Tag' || key?.name !== 'Key' || value?.name !== 'Value' || others.length > 0) {
    throw new S3Error('MalformedXML');
  }
  return [key.text, value.text];
}
