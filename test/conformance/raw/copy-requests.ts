import type { RawAnswer } from 'fake-s3/raw-request';
import type { Target } from '../../support/target.js';
import { encoded, sendTo } from './target.js';
import { all, type Headers, one } from './upload-requests.js';

/** As a copy source is written: encoded once, slashes as they are. */
export function sourceOf(target: Target, key: string): string {
  return `/${target.bucket}/${key.split('/').map(encoded).join('/')}`;
}

/** Copies `a`, or what is named in its place, to `b`. */
export function copy(
  target: Target,
  headers: Headers = {},
  source: string = sourceOf(target, 'a'),
  key = 'b',
): Promise<RawAnswer> {
  return sendTo(target, { method: 'PUT', key, headers: { 'x-amz-copy-source': source, ...headers }, body: '' });
}

/** Copies a part of the upload of `b` from `a`, or from what is named in its place. */
export function copyPart(
  target: Target,
  uploadId: string,
  number: number,
  headers: Headers = {},
  source: string = sourceOf(target, 'a'),
): Promise<RawAnswer> {
  const query = `partNumber=${number}&uploadId=${encoded(uploadId)}`;
  return sendTo(target, {
    method: 'PUT',
    key: 'b',
    query,
    headers: { 'x-amz-copy-source': source, ...headers },
    body: '',
  });
}

/** The ETag that a copy is answered, without its quotes. */
export const etagOf = (answer: RawAnswer): string => one(answer, 'ETag').replaceAll('"', '');

/** `a=b c d=e`: tags in the order of their keys. */
export async function tags(target: Target, key: string): Promise<string> {
  const answer = await sendTo(target, { key, query: 'tagging=' });
  if (answer.status !== 200) return `${answer.status} ${answer.code}`;
  const values = all(answer, 'Value');
  const pairs = all(answer, 'Key').map((name, i) => `${name}=${values[i]}`);
  return `200, ${pairs.sort().join(' ') || 'nothing'}`;
}
