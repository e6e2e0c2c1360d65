import type { Target } from '../../support/target.js';
import type { COPY_FACTS } from '../expectations/copy-facts.js';
import { copy, etagOf, sourceOf, tags } from './copy-requests.js';
import { answered, head, type Probe, put, sendTo, shown } from './target.js';
import { COMPOSITE, CRC32, complete, create, HELLO, type Headers, one, part } from './upload-requests.js';

const CONTENT: Headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'max-age=60',
  'content-disposition': 'attachment',
  'content-encoding': 'gzip',
  'content-language': 'de',
  'x-amz-meta-long-name': 'b:c',
};
const REPLACE: Headers = { 'x-amz-metadata-directive': 'REPLACE' };
const TAGS: Headers = { 'x-amz-tagging': 'd=e&a=b%20c' };
const ABSENT_ONLY: Headers = { 'if-none-match': '*' };

/** Copies an object that has headers, and returns some headers of the copy. */
function kept(put_: Headers, copy_: Headers, ...names: readonly string[]): Probe {
  return async (target) => {
    const source = await put(target, put_);
    if (source.status !== 200) return answered(source);
    const answer = await copy(target, copy_);
    return answer.status === 200 ? shown(await headOf(target), ...names) : answered(answer);
  };
}

const headOf = (target: Target) => head(target, { 'x-amz-checksum-mode': 'ENABLED' }, 'b');

/** Copies onto an existing object with other bytes. */
function over(headers: Headers): Probe {
  return async (target) => {
    await put(target);
    await put(target, {}, { key: 'b', body: 'other' });
    return `${answered(await copy(target, headers))}, ${await target.text('b')}`;
  };
}

async function inParts(target: Target, begun: Headers = {}): Promise<void> {
  const uploadId = await create(target, begun);
  const isNamed = 'x-amz-checksum-algorithm' in begun;
  await part(target, uploadId, 1, 'hello', isNamed ? CRC32 : {});
  await complete(target, uploadId, [[1, HELLO, isNamed ? '<ChecksumCRC32>NhCmhg==</ChecksumCRC32>' : '']]);
}

function ontoItself(headers: Headers): (target: Target) => Promise<string> {
  return async (target) => {
    await put(target);
    return answered(await copy(target, headers, sourceOf(target, 'a'), 'a'));
  };
}

/** What a copy makes of its source. */
export const COPY_PROBES: Readonly<Record<keyof typeof COPY_FACTS, Probe>> = {
  'a copy': async (target) => {
    await put(target);
    const answer = await copy(target);
    const age = Math.abs(Date.now() - Date.parse(one(answer, 'LastModified')));
    return `${answered(answer)}, "${etagOf(answer)}", ${age < 60_000 ? 'now' : 'another time'}`;
  },
  'a copy in its bytes': async (target) => {
    await put(target);
    return `${answered(await copy(target))}, ${await target.text('b')}`;
  },
  'headers of a copy': kept(CONTENT, {}, ...Object.keys(CONTENT)),
  'headers given with a copy that keeps them': kept(
    { 'content-type': 'text/html' },
    { 'content-type': 'text/css', 'x-amz-meta-a': 'b' },
    'content-type',
    'x-amz-meta-a',
  ),
  'headers of a copy that replaces them': kept(
    CONTENT,
    { ...REPLACE, 'content-type': 'text/css', 'x-amz-meta-c': 'd' },
    'content-type',
    'x-amz-meta-long-name',
    'x-amz-meta-c',
  ),
  'no type in a copy that replaces it': kept(CONTENT, REPLACE, 'content-type'),
  'an unknown metadata directive': kept({}, { 'x-amz-metadata-directive': 'MERGE' }),
  'tags of a copy': async (target) => {
    await put(target, TAGS);
    await copy(target);
    return tags(target, 'b');
  },
  'tags of a copy that replaces them': async (target) => {
    await put(target, TAGS);
    await copy(target, { 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': 'x=y' });
    return tags(target, 'b');
  },
  'the class of a copy': kept({ 'x-amz-storage-class': 'REDUCED_REDUNDANCY' }, {}, 'x-amz-storage-class'),
  'the class that a copy is given': kept({}, { 'x-amz-storage-class': 'REDUCED_REDUNDANCY' }, 'x-amz-storage-class'),
  'the redirect of a copy': kept({ 'x-amz-website-redirect-location': '/else' }, {}, 'x-amz-website-redirect-location'),
  'the redirect that a copy is given': kept(
    {},
    { 'x-amz-website-redirect-location': '/new' },
    'x-amz-website-redirect-location',
  ),
  'the CRC32 of a copy': kept(CRC32, {}, 'x-amz-checksum-crc32', 'x-amz-checksum-type'),
  'the CRC32 in the answer to a copy': async (target) => {
    await put(target, CRC32);
    const answer = await copy(target);
    return `${answered(answer)}, ${one(answer, 'ChecksumCRC32')}`;
  },
  'the composite CRC32 of a copy': async (target) => {
    await inParts(target, COMPOSITE);
    const answer = await copy(target);
    if (answer.status !== 200) return answered(answer);
    return shown(await headOf(target), 'x-amz-checksum-crc32', 'x-amz-checksum-type');
  },
  'a copy of an object in parts': async (target) => {
    await inParts(target);
    const answer = await copy(target);
    return answer.status === 200 ? shown(await headOf(target), 'etag') : answered(answer);
  },
  'a copy onto itself': ontoItself({}),
  'a copy onto itself with other headers': async (target) => {
    const status = await ontoItself({ ...REPLACE, 'content-type': 'text/css' })(target);
    return status === '200' ? shown(await head(target), 'content-type') : status;
  },
  'a copy with If-None-Match * onto an absent key': kept({}, ABSENT_ONLY),
  'a copy with If-None-Match * onto an existing key': over(ABSENT_ONLY),
  'a copy with If-Match with another ETag': over({ 'if-match': `"${'0'.repeat(32)}"` }),
  'tags that are read': async (target) => {
    await put(target, TAGS);
    return tags(target, 'a');
  },
  'tags that are none': async (target) => {
    await put(target);
    return tags(target, 'a');
  },
  'tags of an absent key': (target) => tags(target, 'a'),
  'the ACL of an object': async (target) => {
    await put(target);
    const answer = await sendTo(target, { key: 'a', query: 'acl=' });
    return answer.status === 200 ? `200, ${one(answer, 'Permission')}` : answered(answer);
  },
};
