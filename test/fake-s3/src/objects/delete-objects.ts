import type { Answer } from '../http/answer.js';
import { S3Error } from '../http/error.js';
import { readXml, type XmlElement } from '../http/read-xml.js';
import { header } from '../http/request.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import { isKeyDenied } from '../mode.js';
import type { BucketOperation, Call } from '../operation.js';
import { checkChecksum, givenChecksum } from '../store/checksum.js';
import type { StoredBucket } from '../store/store.js';
import { newVersionId } from '../store/versions.js';
import { checkConditions } from './conditions.js';

const MOST_KEYS = 1000;

/** XML 1.0 has no such characters, not even as references. */
const NOT_IN_XML =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be found
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef])|0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45]));/i;

/** A key as the body of a DeleteObjects names it. */
interface NamedKey {
  readonly key: string;
  /** Quoted or not; undefined for a delete without a condition. */
  readonly etag: string | undefined;
}

/** DeleteObjects: each key is deleted or refused by itself, and a key that is absent counts as deleted. */
export const deleteObjects: BucketOperation = {
  check({ mode }) {
    if (mode.batchDeletes === 'not-allowed') {
      throw new S3Error('MethodNotAllowed', { Method: 'POST', ResourceType: 'BUCKET' });
    }
    if (!mode.batchDeletes) throw new S3Error('NotImplemented', {}, { message: 'DeleteObjects is not implemented' });
  },

  run(call, bucket): Answer {
    checkBodyIsProtected(call);
    const { keys, quiet } = readDeleteDocument(call.body.toString());
    const results = keys.map((named) => deleteOne(call, bucket, named));
    const shown = quiet ? results.filter((result) => result.startsWith('<Error>')) : results;
    const body = `${XML_HEAD}<DeleteResult xmlns="${XML_NAMESPACE}">${shown.join('')}</DeleteResult>`;
    return { status: 200, headers: { 'content-type': 'application/xml' }, body };
  },
};

/** S3 takes the bodies of some verbs only with a checksum of them, old or new. Throws InvalidRequest without one, BadDigest for a wrong one. */
export function checkBodyIsProtected({ request, mode, body, trailers }: Call): void {
  const given = mode.checksums === 'supported' ? givenChecksum(request, trailers) : undefined;
  if (given !== undefined) checkChecksum(body, given);
  else if (header(request, 'content-md5') === undefined) {
    throw new S3Error('InvalidRequest', {}, { message: 'Missing required header for this request: Content-MD5' });
  }
}

function deleteOne({ mode }: Call, bucket: StoredBucket, { key, etag }: NamedKey): string {
  try {
    if (isKeyDenied('DeleteObject', key, mode)) throw new S3Error('AccessDenied');
    checkConditions({ key, match: etag }, mode, bucket.get(key));
    bucket.delete(key, mode.versioning);
    const marker = mode.versioning
      ? element('DeleteMarker', true) + element('DeleteMarkerVersionId', newVersionId())
      : '';
    return `<Deleted>${element('Key', key)}${marker}</Deleted>`;
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    // A server without such conditions refuses the whole request.
    if (error.code === 'NotImplemented') throw error;
    const parts = [element('Key', key), element('Code', error.code), element('Message', error.message)];
    return `<Error>${parts.join('')}</Error>`;
  }
}

function readDeleteDocument(document: string): { readonly keys: readonly NamedKey[]; readonly quiet: boolean } {
  if (NOT_IN_XML.test(document)) throw new S3Error('MalformedXML');
  const { name, children } = readXml(document);
  const objects = children.filter((child) => child.name === 'Object');
  const quiet = children.find((child) => child.name === 'Quiet');
  const known = objects.length + (quiet === undefined ? 0 : 1);
  const isWrong = name !== 'Delete' || objects.length === 0 || objects.length > MOST_KEYS || known < children.length;
  if (isWrong) throw new S3Error('MalformedXML');
  return { keys: objects.map(readKey), quiet: quiet?.text.trim() === 'true' };
}

function readKey({ children }: XmlElement): NamedKey {
  const fields = new Map(children.map((child) => [child.name, child.text]));
  const key = fields.get('Key');
  if (key === undefined || key === '') throw new S3Error('MalformedXML');
  if (fields.has('VersionId')) throw new S3Error('NotImplemented', {}, { message: 'Deletes of a version' });
  return { key, etag: fields.get('ETag') };
}
