import type { Answer } from '../http/answer.js';
import { element, escapeXml, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { S3Mode } from '../mode.js';
import type { BucketOperation } from '../operation.js';
import type { StoredBucket, StoredObject } from '../store/store.js';
import { type KeyPage, type PageRequest, type Position, pageOf } from './list-page.js';
import { invalidArgument, readEncoding, readLimit } from './listing-parameters.js';

/** ListObjectsV2 */
export const listObjectsV2: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    const { query } = request;
    const encode = readEncoding(query);
    const maxKeys = readLimit(query, 'max-keys');
    const token = query.get('continuation-token');
    const startAfter = mode.startAfter === 'ignored' ? '' : (query.get('start-after') ?? '');
    const page: PageRequest = {
      prefix: query.get('prefix') ?? '',
      delimiter: query.get('delimiter') ?? '',
      after: token === undefined ? (startAfter === '' ? undefined : { key: startAfter }) : readToken(token),
      limit: Math.min(maxKeys, mode.pageSize),
    };
    const { sorted, compare } = bucket.keys(mode.order);
    const { keys, prefixes, next } = endless(pageOf(sorted, compare, page), mode);
    const body = [
      `${XML_HEAD}<ListBucketResult xmlns="${XML_NAMESPACE}">`,
      element('Name', bucket.name),
      element('Prefix', encode(page.prefix)),
      next === undefined ? '' : element('NextContinuationToken', tokenOf(next)),
      token === undefined ? '' : element('ContinuationToken', token),
      startAfter === '' ? '' : element('StartAfter', encode(startAfter)),
      element('KeyCount', keys.length + prefixes.length),
      element('MaxKeys', maxKeys),
      page.delimiter === '' ? '' : element('Delimiter', encode(page.delimiter)),
      query.has('encoding-type') ? element('EncodingType', 'url') : '',
      element('IsTruncated', next !== undefined),
      ...keys.map((key) => contents(encode(key), bucket, key, mode)),
      ...prefixes.map((prefix) => `<CommonPrefixes>${element('Prefix', encode(prefix))}</CommonPrefixes>`),
      '</ListBucketResult>',
    ];
    const headers = { 'content-type': 'application/xml', 'x-amz-bucket-region': mode.region };
    return { status: 200, headers, body: body.join('') };
  },
};

let rounds = 0;

/** The page of a server whose listings do not end, where the mode wants that. */
function endless(page: KeyPage, { listings }: S3Mode): KeyPage {
  if (page.next !== undefined || listings === 'end') return page;
  rounds += 1;
  return { ...page, next: listings === 'repeat' ? { again: rounds } : { key: `${LAST_KEY}${rounds}` } };
}

/** Behind all other keys. */
const LAST_KEY = '\u{10ffff}';

function contents(shown: string, bucket: StoredBucket, key: string, mode: S3Mode): string {
  const { lastModified, etag, checksum, size, storageClass } = bucket.get(key) as StoredObject;
  const checksumPart =
    checksum === undefined
      ? ''
      : `${element('ChecksumAlgorithm', checksum.algorithm.toUpperCase())}${element('ChecksumType', checksum.type ?? 'FULL_OBJECT')}`;
  return (
    `<Contents><Key>${escapeXml(shown)}</Key><LastModified>${new Date(lastModified).toISOString()}</LastModified>` +
    `${mode.etags ? `<ETag>&quot;${etag}&quot;</ETag>` : ''}${checksumPart}` +
    `<Size>${size}</Size><StorageClass>${storageClass}</StorageClass></Contents>`
  );
}

const TOKEN_HEAD = 'next:';

function tokenOf(position: Position): string {
  return Buffer.from(TOKEN_HEAD + JSON.stringify(position)).toString('base64');
}

function readToken(token: string): Position {
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith(TOKEN_HEAD)) {
    throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect');
  }
  return JSON.parse(text.slice(TOKEN_HEAD.length)) as Position;
}
