import type { Named } from 'fake-s3/completion-document';
import type { RawAnswer } from 'fake-s3/raw-request';
import type { Target } from '../../support/target.js';
import type { COMPLETED_FACTS } from '../expectations/multipart-facts.js';
import { answered, head, type Probe, put, sendTo, shown } from './target.js';
import {
  COMPOSITE,
  CRC32,
  complete,
  create,
  FULL_OBJECT,
  HELLO,
  type Headers,
  LARGE,
  md5,
  part,
} from './upload-requests.js';

const ONE: Named = [[1, HELLO]];
const TWO: Named = [
  [1, md5(LARGE)],
  [2, HELLO],
];
const WITH_CRC32: Named = [[1, HELLO, '<ChecksumCRC32>NhCmhg==</ChecksumCRC32>']];
const WITH_WRONG_CRC32: Named = [[1, HELLO, '<ChecksumCRC32>AAAAAA==</ChecksumCRC32>']];
const FULL = { ...CRC32, 'x-amz-checksum-type': 'FULL_OBJECT' };

/** Completes an upload of `hello` as part 1. */
async function small(
  target: Target,
  named: Named | string,
  headers: Headers = {},
  begun: Headers = {},
): Promise<RawAnswer> {
  const uploadId = await create(target, begun);
  await part(target, uploadId, 1, 'hello', 'x-amz-checksum-algorithm' in begun ? CRC32 : {});
  return complete(target, uploadId, named, headers);
}

const refused =
  (named: Named | string, headers: Headers = {}, begun: Headers = {}): Probe =>
  async (target) =>
    answered(await small(target, named, headers, begun));

/** The object in two parts, after other parts that are not named. */
async function large(target: Target, ...unnamed: readonly number[]): Promise<RawAnswer> {
  const uploadId = await create(target);
  await part(target, uploadId, 1, LARGE);
  await part(target, uploadId, 2);
  for (const number of unnamed) await part(target, uploadId, number, 'mark');
  return complete(target, uploadId, TWO);
}

/** The checksum of the object that this makes. */
function checksum(named: Named, headers: Headers, begun: Headers): Probe {
  return async (target) => {
    const answer = await small(target, named, headers, begun);
    return answer.status === 200 ? checksumOf(target) : answered(answer);
  };
}

async function checksumOf(target: Target): Promise<string> {
  const answer = await head(target, { 'x-amz-checksum-mode': 'ENABLED' });
  return shown(answer, 'x-amz-checksum-type', 'x-amz-checksum-crc32');
}

async function unmarked(target: Target): Promise<string> {
  const uploadId = await create(target, FULL_OBJECT);
  await part(target, uploadId, 1, 'hello', CRC32);
  await part(target, uploadId, 10_000, 'hello', CRC32);
  const answer = await complete(target, uploadId, WITH_CRC32, { ...FULL, 'x-amz-mp-object-size': '5' });
  return answer.status === 200 ? checksumOf(target) : answered(answer);
}

/** The object that completing makes, and its checksum. */
export const COMPLETED_PROBES: Readonly<Record<keyof typeof COMPLETED_FACTS, Probe>> = {
  'an object in two parts': async (target) => {
    await large(target);
    return shown(await head(target), 'etag', 'content-length');
  },
  'an object in one part': async (target) => {
    await small(target, ONE);
    return shown(await head(target), 'etag', 'content-length');
  },
  'the headers of the create': async (target) => {
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'max-age=60',
      'content-encoding': 'gzip',
      'x-amz-meta-long-name': 'b:c',
      'x-amz-tagging': 'a=b',
    };
    await small(target, ONE, {}, headers);
    const names = Object.keys(headers).slice(0, -1);
    return shown(await head(target), ...names, 'x-amz-tagging-count');
  },
  'part number 10,000 that is not named': async (target) => {
    const answer = await large(target, 10_000);
    return answer.status === 200 ? shown(await head(target), 'content-length') : answered(answer);
  },
  'the CRC32 of the full object': checksum(WITH_CRC32, FULL, FULL_OBJECT),
  'the CRC32 of the full object without its type': checksum(WITH_CRC32, CRC32, FULL_OBJECT),
  'a wrong CRC32 of the full object': refused(WITH_CRC32, { ...FULL, 'x-amz-checksum-crc32': 'AAAAAA==' }, FULL_OBJECT),
  'a composite CRC32': checksum(WITH_CRC32, {}, COMPOSITE),
  'a composite CRC32 without those of the parts': refused(ONE, {}, COMPOSITE),
  'a part with a wrong CRC32 in the list': refused(WITH_WRONG_CRC32, {}, COMPOSITE),
  'full-object CRC32, size and an unnamed part 10,000': unmarked,
  'a part by HEAD': async (target) => {
    await large(target);
    const answer = await sendTo(target, { method: 'HEAD', key: 'a', query: 'partNumber=1' });
    return shown(answer, 'content-length', 'x-amz-mp-parts-count', 'content-range');
  },
  'a part by GET': async (target) => {
    await large(target);
    const answer = await sendTo(target, { key: 'a', query: 'partNumber=2' });
    return `${shown(answer, 'x-amz-mp-parts-count')}, "${answer.body}"`;
  },
  'a part beyond the last': async (target) => {
    await small(target, ONE);
    return answered(await sendTo(target, { key: 'a', query: 'partNumber=2' }));
  },
  'the first part of an object of one put': async (target) => {
    await put(target);
    const answer = await sendTo(target, { method: 'HEAD', key: 'a', query: 'partNumber=1' });
    return shown(answer, 'content-length', 'x-amz-mp-parts-count');
  },
};
