import type { Answer } from '../http/answer.js';
import { element, escapeXml, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { BucketOperation } from '../operation.js';
import { compareUtf8, firstIndex } from '../store/key-order.js';
import type { StoredObject } from '../store/store.js';
import { versionOf } from '../store/versions.js';
import { readEncoding, readLimit } from './listing-parameters.js';

/** ListObjectVersions, without delimiters and delete markers. */
export const listVersions: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    const { query } = request;
    const encode = readEncoding(query);
    const maxKeys = readLimit(query, 'max-keys');
    const prefix = query.get('prefix') ?? '';
    const keyMarker = query.get('key-marker') ?? '';
    const idMarker = query.get('version-id-marker') ?? '';
    const limit = Math.min(maxKeys, mode.pageSize);
    const keys = bucket.versionedKeys();
    const found: string[] = [];
    let last: { readonly key: string; readonly id: string } | undefined;
    let truncated = false;
    const first = firstIndex(keys, 0, (key) => compareUtf8(key, prefix) >= 0 && compareUtf8(key, keyMarker) >= 0);
    for (let at = first; at < keys.length && !truncated; at++) {
      const key = keys[at] as string;
      if (!key.startsWith(prefix)) break;
      for (const object of after(bucket.versionsOf(key), key === keyMarker ? idMarker : undefined)) {
        truncated = found.length === limit;
        if (truncated) break;
        last = { key, id: versionOf(object) };
        found.push(version(encode(key), object, object === bucket.get(key)));
      }
    }
    const body = [
      `${XML_HEAD}<ListVersionsResult xmlns="${XML_NAMESPACE}">`,
      element('Name', bucket.name),
      element('Prefix', encode(prefix)),
      element('KeyMarker', encode(keyMarker)),
      element('VersionIdMarker', idMarker),
      truncated ? element('NextKeyMarker', encode(last?.key ?? '')) : '',
      truncated ? element('NextVersionIdMarker', last?.id ?? '') : '',
      element('MaxKeys', maxKeys),
      query.has('encoding-type') ? element('EncodingType', 'url') : '',
      element('IsTruncated', truncated),
      ...found,
      '</ListVersionsResult>',
    ];
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: body.join('') };
  },
};

/** What follows a marker: nothing of the key where the marker names no version of it. */
function after(versions: readonly StoredObject[], idMarker: string | undefined): readonly StoredObject[] {
  if (idMarker === undefined) return versions;
  if (idMarker === '') return [];
  return versions.slice(versions.findIndex((object) => versionOf(object) === idMarker) + 1);
}

function version(shown: string, object: StoredObject, isLatest: boolean): string {
  return (
    `<Version><Key>${escapeXml(shown)}</Key>${element('VersionId', versionOf(object))}${element('IsLatest', isLatest)}` +
    `<LastModified>${new Date(object.lastModified).toISOString()}</LastModified><ETag>&quot;${object.etag}&quot;</ETag>` +
    `<Size>${object.size}</Size><StorageClass>${object.storageClass}</StorageClass></Version>`
  );
}
