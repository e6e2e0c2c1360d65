import type { Named } from 'fake-s3/completion-document';
import type { Target } from '../../support/target.js';
import type { COPIED_PART_FACTS } from '../expectations/copy-facts.js';
import { copyPart, etagOf } from './copy-requests.js';
import { answered, head, type Probe, put, sendTo, shown } from './target.js';
import {
  COMPOSITE,
  complete,
  create,
  FULL_OBJECT,
  HELLO,
  type Headers,
  LARGE,
  md5,
  NO_UPLOAD,
  one,
  part,
} from './upload-requests.js';

const MIB = 1024 ** 2;
const range = (text: string): Headers => ({ 'x-amz-copy-source-range': `bytes=${text}` });

/** `a` in two parts, of 5 MiB and 5 bytes. */
async function large(target: Target): Promise<void> {
  const uploadId = await create(target);
  await part(target, uploadId, 1, LARGE);
  await part(target, uploadId, 2);
  const named: Named = [
    [1, md5(LARGE)],
    [2, HELLO],
  ];
  await complete(target, uploadId, named);
}

/** Copies these ranges of it, one by one, as the parts of `b`. */
function layout(...ranges: readonly string[]): Probe {
  return async (target) => {
    await large(target);
    const uploadId = await create(target, {}, 'b');
    const named: [number, string][] = [];
    for (const [i, text] of ranges.entries()) {
      const answer = await copyPart(target, uploadId, i + 1, range(text));
      if (answer.status !== 200) return answered(answer);
      named.push([i + 1, etagOf(answer)]);
    }
    const done = await complete(target, uploadId, named, {}, 'b');
    const [a, b] = [await head(target), await head(target, {}, 'b')];
    return `${answered(done)}, ${a.headers.etag === b.headers.etag ? 'the ETag of the source' : 'another ETag'}`;
  };
}

/** One part copied of a small object, or of the large one. */
function copied(headers: Headers, source: (target: Target) => Promise<unknown> = put, begun: Headers = {}) {
  return async (target: Target) => {
    await source(target);
    return copyPart(target, await create(target, begun, 'b'), 1, headers);
  };
}

const refused =
  (headers: Headers, source: (target: Target) => Promise<unknown> = put): Probe =>
  async (target) =>
    answered(await copied(headers, source)(target));

/** Parts that are copied. */
export const COPIED_PART_PROBES: Readonly<Record<keyof typeof COPIED_PART_FACTS, Probe>> = {
  'parts copied in the layout of the source': layout(`0-${5 * MIB - 1}`, `${5 * MIB}-${5 * MIB + 4}`),
  'parts copied in another layout': layout(`0-${5 * MIB}`, `${5 * MIB + 1}-${5 * MIB + 4}`),
  'a copied part without a range': async (target) => {
    const answer = await copied({})(target);
    return `${answered(answer)}, "${etagOf(answer)}"`;
  },
  'a copied range': async (target) => {
    await sendTo(target, { method: 'PUT', key: 'a', body: `${LARGE}world` });
    const uploadId = await create(target, {}, 'b');
    const answer = await copyPart(target, uploadId, 1, range(`${5 * MIB}-${5 * MIB + 4}`));
    const listed = await sendTo(target, { key: 'b', query: `uploadId=${encodeURIComponent(uploadId)}` });
    return `${answered(answer)}, "${etagOf(answer)}", ${one(listed, 'Size')}`;
  },
  'the CRC32 of a copied part': async (target) => {
    const answer = await copied({}, put, FULL_OBJECT)(target);
    return `${answered(answer)}, ${one(answer, 'ChecksumCRC32')}`;
  },
  'the composite CRC32 of a copied part': async (target) => {
    const answer = await copied({}, put, COMPOSITE)(target);
    return `${answered(answer)}, ${one(answer, 'ChecksumCRC32')}`;
  },
  'the CRC32 of an object of copied parts': async (target) => {
    await put(target);
    const uploadId = await create(target, FULL_OBJECT, 'b');
    const answer = await copyPart(target, uploadId, 1);
    if (answer.status !== 200) return answered(answer);
    const done = await complete(
      target,
      uploadId,
      [[1, etagOf(answer), '<ChecksumCRC32>NhCmhg==</ChecksumCRC32>']],
      {},
      'b',
    );
    if (done.status !== 200) return answered(done);
    const b = await head(target, { 'x-amz-checksum-mode': 'ENABLED' }, 'b');
    return shown(b, 'x-amz-checksum-crc32', 'x-amz-checksum-type');
  },
  'a range of 5 bytes': refused(range('0-3')),
  'a range beyond the end': refused(range(`0-${5 * MIB + 5}`), large),
  'a range that begins beyond the end': refused(range(`${6 * MIB}-${6 * MIB + 4}`), large),
  'a range without an end': refused(range('0-'), large),
  'a copied part of an absent key': refused({}, async () => {}),
  'a copied part of an absent bucket': async (target) =>
    answered(await copyPart(target, await create(target, {}, 'b'), 1, {}, '/s3pp-nowhere/a')),
  'a part copied into no upload': async (target) => {
    await put(target);
    return answered(await copyPart(target, NO_UPLOAD, 1));
  },
  'a part copied if the source is another': refused({ 'x-amz-copy-source-if-match': `"${'0'.repeat(32)}"` }),
  'a part copied unless the source is the same': refused({ 'x-amz-copy-source-if-none-match': `"${HELLO}"` }),
  'the parts count by HEAD': async (target) => {
    await large(target);
    const answers = [1, 2].map((n) => sendTo(target, { method: 'HEAD', key: 'a', query: `partNumber=${n}` }));
    const counts = (await Promise.all(answers)).map(
      ({ status, headers }) => `${status}, ${headers['x-amz-mp-parts-count'] ?? 'none'}, ${headers['content-length']}`,
    );
    return counts.join('; ');
  },
};
