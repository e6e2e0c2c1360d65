import type { RawAnswer } from 'fake-s3/raw-request';
import type { Target } from '../../support/target.js';
import type { UPLOAD_FACTS } from '../expectations/multipart-facts.js';
import { answered, type Probe, put, sendTo } from './target.js';
import { abort, all, complete, create, FULL_OBJECT, HELLO, listUploads, one, part } from './upload-requests.js';

/** Keys of the uploads, then common prefixes. */
const entries = (answer: RawAnswer): string => {
  const prefixes = [...answer.body.matchAll(/<CommonPrefixes><Prefix>([^<]*)</g)].map(([, prefix]) => prefix);
  return answer.status === 200 ? [...all(answer, 'Key'), ...prefixes].join(' ') || 'nothing' : answered(answer);
};

/** What a listing shows of uploads of these keys. */
function listed(keys: readonly string[], parameters: Readonly<Record<string, string>>): Probe {
  return async (target) => {
    for (const key of keys) await create(target, {}, key);
    return entries(await listUploads(target, parameters));
  };
}

const KEYS = ['dir/sub/c', 'a', 'dir/b', 'dir/a'];

/** Walks through pages to the end, by the markers that each gives, until one is refused or there are too many. */
async function pages(
  target: Target,
  parameters: Readonly<Record<string, string>>,
  each: (page: RawAnswer) => void,
): Promise<void> {
  let markers = {};
  for (let count = 0; count < 10; count++) {
    const page = await listUploads(target, { ...parameters, ...markers });
    each(page);
    if (one(page, 'IsTruncated') !== 'true') return;
    const [key, uploadId] = [one(page, 'NextKeyMarker'), one(page, 'NextUploadIdMarker')];
    markers = {
      ...(key !== 'none' && { 'key-marker': key }),
      ...(uploadId !== 'none' && { 'upload-id-marker': uploadId }),
    };
  }
}

async function ofOneKey(target: Target): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push(await create(target));
  return ids;
}

/** What listings of uploads are answered. */
export const UPLOAD_PROBES: Readonly<Record<keyof typeof UPLOAD_FACTS, Probe>> = {
  'uploads without a prefix': listed(KEYS, {}),
  'uploads by a key': listed(KEYS, { prefix: 'dir/a' }),
  'uploads by a folder': listed(KEYS, { prefix: 'dir/' }),
  'uploads by a folder without its slash': listed(KEYS, { prefix: 'dir' }),
  'uploads with a delimiter': listed(KEYS, { delimiter: '/' }),
  'uploads by a folder with a delimiter': listed(KEYS, { delimiter: '/', prefix: 'dir/' }),
  'uploads by a key that begins another': listed(['ab', 'a', 'b'], { prefix: 'a' }),
  'uploads of an empty bucket': listed([], {}),
  'uploads of no bucket': async (target) =>
    answered(await sendTo(target, { bucket: 's3pp-nowhere', query: 'uploads=' })),
  'an upload in the list': async (target) => {
    const uploadId = await create(target);
    const answer = await listUploads(target);
    const isNow = Math.abs(Date.parse(one(answer, 'Initiated')) - Date.now()) < 60_000;
    const id = one(answer, 'UploadId');
    return `${one(answer, 'StorageClass')}, ${isNow ? 'now' : 'then'}, ${id === uploadId ? 'its id' : id}`;
  },
  'the checksum of an upload in the list': async (target) => {
    await create(target, FULL_OBJECT);
    const answer = await listUploads(target);
    return `${one(answer, 'ChecksumAlgorithm')}, ${one(answer, 'ChecksumType')}`;
  },
  'three uploads of one key': async (target) => {
    const ids = await ofOneKey(target);
    const found = all(await listUploads(target, { prefix: 'a' }), 'UploadId');
    if (found.join() === ids.join()) return 'in the order of their creation';
    return found.sort().join() === ids.sort().join() ? 'in another order' : `${found.length} of them`;
  },
  'an upload after its end': async (target) => {
    const ids = await ofOneKey(target);
    await abort(target, ids[0] ?? '');
    for (const uploadId of ids.slice(1)) {
      await part(target, uploadId, 1);
      await complete(target, uploadId, [[1, HELLO]]);
    }
    return entries(await listUploads(target));
  },
  'pages of two uploads': async (target) => {
    for (const key of ['e', 'd', 'c', 'b', 'a']) await create(target, {}, key);
    const seen: string[] = [];
    await pages(target, { 'max-uploads': '2' }, (page) => {
      seen.push(`${entries(page)} (${one(page, 'NextKeyMarker')}, ${one(page, 'IsTruncated')})`);
    });
    return seen.join('; ');
  },
  'pages of one upload of one key': async (target) => {
    const ids = await ofOneKey(target);
    const seen: string[] = [];
    await pages(target, { prefix: 'a', 'max-uploads': '1' }, (page) => {
      seen.push(...(page.status === 200 ? all(page, 'UploadId') : [answered(page)]));
    });
    if ([...seen].sort().join() === ids.sort().join()) return 'every upload once';
    return seen.map((entry) => (ids.includes(entry) ? 'an upload' : entry)).join(', ');
  },
  'uploads after a key': listed(['a', 'b', 'c'], { 'key-marker': 'b' }),
  'a page of 2,000 uploads': async (target) => one(await listUploads(target, { 'max-uploads': '2000' }), 'MaxUploads'),
  'max-uploads that is no number': async (target) => answered(await listUploads(target, { 'max-uploads': 'x' })),
  'uploads with encoding-type url': async (target) => {
    await create(target, {}, 'a b+c%~\u00e9');
    const answer = await listUploads(target, { 'encoding-type': 'url' });
    return `${one(answer, 'EncodingType')}, ${one(answer, 'Key')}`;
  },
  'an object and an upload of its key': async (target) => {
    await put(target);
    await part(target, await create(target), 1, 'other');
    return (await target.text('a')) ?? 'none';
  },
};
