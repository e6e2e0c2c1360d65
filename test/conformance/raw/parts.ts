import { createHash } from 'node:crypto';
import type { Target } from '../../support/target.js';
import type { PART_FACTS } from '../expectations/multipart-facts.js';
import { answered, type Probe, sendTo, shown } from './target.js';
import {
  abort,
  all,
  COMPOSITE,
  CRC32,
  create,
  createAnswer,
  FULL_OBJECT,
  type Headers,
  listParts,
  NO_UPLOAD,
  one,
  part,
} from './upload-requests.js';

/** What a create with these headers gets, and says. */
function created(headers: Headers): Probe {
  return async (target) => {
    const answer = await createAnswer(target, headers);
    if (answer.status !== 200) return answered(answer);
    const { 'x-amz-checksum-algorithm': algorithm = 'none', 'x-amz-checksum-type': type = 'none' } = answer.headers;
    return `200, ${one(answer, 'Key')}, ${algorithm}, ${type}`;
  };
}

/** What a part gets, in an upload that began with these headers. */
function sent(begun: Headers, headers: Headers, ...names: readonly string[]): Probe {
  return async (target) => {
    const answer = await part(target, await create(target, begun), 1, 'hello', headers);
    return answer.status === 200 ? shown(answer, ...names) : answered(answer);
  };
}

const numbered =
  (number: number): Probe =>
  async (target) =>
    answered(await part(target, await create(target), number));

/** Parts of an upload as `number ETag size`. */
export async function partsOf(target: Target, uploadId: string): Promise<string> {
  const answer = await listParts(target, uploadId);
  const [numbers, etags, sizes] = ['PartNumber', 'ETag', 'Size'].map((element) => all(answer, element));
  return numbers?.map((number, i) => `${number} ${etags?.[i]} ${sizes?.[i]}`).join('; ') || answered(answer);
}

async function withParts(target: Target): Promise<string> {
  const uploadId = await create(target);
  for (const number of [1, 2, 3, 10_000]) await part(target, uploadId, number);
  return uploadId;
}

/** Part numbers behind a marker. */
function after(marker: string): Probe {
  return async (target) => {
    const answer = await listParts(target, await withParts(target), { 'part-number-marker': marker });
    return all(answer, 'PartNumber').join(' ') || 'nothing';
  };
}

/** What an upload's end leaves to a request for it. */
const ended =
  (request: (target: Target, uploadId: string) => Promise<string>): Probe =>
  async (target) => {
    const uploadId = await create(target);
    await abort(target, uploadId);
    return request(target, uploadId);
  };

async function checksumsOf(target: Target, begun: Headers): Promise<string> {
  const uploadId = await create(target, begun);
  await part(target, uploadId, 1, 'hello', CRC32);
  const answer = await listParts(target, uploadId);
  return ['ChecksumAlgorithm', 'ChecksumType', 'ChecksumCRC32'].map((element) => one(answer, element)).join(', ');
}

const WRONG_MD5 = { 'content-md5': createHash('md5').update('other').digest('base64') };

/** What parts are answered, and listings of them. */
export const PART_PROBES: Readonly<Record<keyof typeof PART_FACTS, Probe>> = {
  'a create': created({}),
  'a create that names CRC32': created(COMPOSITE),
  'a create that names CRC32 of the full object': created(FULL_OBJECT),
  'a create with a checksum type alone': created({ 'x-amz-checksum-type': 'FULL_OBJECT' }),
  'a create with SHA256 of the full object': created({ ...FULL_OBJECT, 'x-amz-checksum-algorithm': 'SHA256' }),
  'a create in no bucket': async (target) =>
    answered(await sendTo(target, { method: 'POST', bucket: 's3pp-nowhere', key: 'a', query: 'uploads=', body: '' })),
  'a create with an unknown storage class': created({ 'x-amz-storage-class': 'NONE' }),
  'a part': sent({}, {}, 'etag'),
  'a part with a wrong Content-MD5': sent({}, WRONG_MD5),
  'a part with a wrong CRC32': sent(COMPOSITE, { 'x-amz-checksum-crc32': 'AAAAAA==' }),
  'a part with its CRC32': sent(COMPOSITE, CRC32, 'x-amz-checksum-crc32'),
  'a part with a CRC32 that the create did not name': sent({}, CRC32, 'x-amz-checksum-crc32'),
  'a part without the composite checksum': sent(COMPOSITE, {}, 'x-amz-checksum-crc32'),
  'a part without the full-object checksum': sent(FULL_OBJECT, {}, 'x-amz-checksum-crc32'),
  'a part with another checksum': sent(COMPOSITE, { 'x-amz-checksum-crc32c': 'mnG7TA==' }),
  'part number 0': numbered(0),
  'part number 10,000': numbered(10_000),
  'part number 10,001': numbered(10_001),
  'a part of no upload': async (target) => answered(await part(target, NO_UPLOAD, 1)),
  'a part of another key': async (target) => answered(await part(target, await create(target), 1, 'hello', {}, 'b')),
  'a part after the abort': ended(async (target, uploadId) => answered(await part(target, uploadId, 1))),
  'the parts of an upload': async (target) => {
    const uploadId = await create(target);
    await part(target, uploadId, 10);
    await part(target, uploadId, 1, 'Z');
    return partsOf(target, uploadId);
  },
  'a part sent twice': async (target) => {
    const uploadId = await create(target);
    await part(target, uploadId, 1);
    await part(target, uploadId, 1, 'world');
    return partsOf(target, uploadId);
  },
  'CRC32s in ListParts': (target) => checksumsOf(target, FULL_OBJECT),
  'CRC32s in ListParts that the create did not name': (target) => checksumsOf(target, {}),
  'the class in ListParts': async (target) => one(await listParts(target, await create(target)), 'StorageClass'),
  'pages of two parts': async (target) => {
    const uploadId = await withParts(target);
    const pages: string[] = [];
    for (let marker = '0', more = 'true'; more === 'true' && pages.length < 5; ) {
      const page = await listParts(target, uploadId, { 'max-parts': '2', 'part-number-marker': marker });
      [marker, more] = [one(page, 'NextPartNumberMarker'), one(page, 'IsTruncated')];
      pages.push(`${all(page, 'PartNumber').join(' ')} (${marker}, ${more})`);
    }
    return pages.join('; ');
  },
  'parts after a marker that is no part': async (target) => {
    const uploadId = await create(target);
    for (const number of [1, 3, 10_000]) await part(target, uploadId, number);
    const answer = await listParts(target, uploadId, { 'part-number-marker': '2' });
    return all(answer, 'PartNumber').join(' ') || 'nothing';
  },
  'parts after the last one': after('10000'),
  'parts of an upload without any': async (target) => {
    const answer = await listParts(target, await create(target));
    return `${all(answer, 'PartNumber').join(' ') || 'nothing'} (${one(answer, 'IsTruncated')})`;
  },
  'a page of 2,000 parts': async (target) =>
    one(await listParts(target, await create(target), { 'max-parts': '2000' }), 'MaxParts'),
  'max-parts that is no number': async (target) =>
    answered(await listParts(target, await create(target), { 'max-parts': 'x' })),
  'ListParts of no upload': async (target) => answered(await listParts(target, NO_UPLOAD)),
  'ListParts of another key': async (target) => answered(await listParts(target, await create(target), {}, 'b')),
  'an abort': async (target) => answered(await abort(target, await create(target))),
  'an abort of no upload': async (target) => answered(await abort(target, NO_UPLOAD)),
  'an abort after the abort': ended(async (target, uploadId) => answered(await abort(target, uploadId))),
};
