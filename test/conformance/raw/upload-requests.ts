import { createHash } from 'node:crypto';
import { documentOf, type Named } from 'fake-s3/completion-document';
import type { RawAnswer } from 'fake-s3/raw-request';
import type { Target } from '../../support/target.js';
import { encoded, sendTo } from './target.js';

export type Headers = Readonly<Record<string, string>>;

/** The least that a part before another may be. */
export const LARGE: string = 'x'.repeat(5 * 1024 ** 2);
/** Of a form that some servers give, and never given. */
export const NO_UPLOAD = '00000000-0000-4000-8000-000000000000';
/** MD5 of `hello`. */
export const HELLO = '5d41402abc4b2a76b9719d911017c592';
export const CRC32: Headers = { 'x-amz-checksum-crc32': 'NhCmhg==' };
export const COMPOSITE: Headers = { 'x-amz-checksum-algorithm': 'CRC32' };
export const FULL_OBJECT: Headers = { ...COMPOSITE, 'x-amz-checksum-type': 'FULL_OBJECT' };

export const md5 = (body: string): string => createHash('md5').update(body).digest('hex');

export function createAnswer(target: Target, headers: Headers = {}, key = 'a'): Promise<RawAnswer> {
  return sendTo(target, { method: 'POST', key, query: 'uploads=', headers, body: '' });
}

/** Begins an upload; throws unless that works. */
export async function create(target: Target, headers: Headers = {}, key = 'a'): Promise<string> {
  const answer = await createAnswer(target, headers, key);
  const uploadId = one(answer, 'UploadId');
  if (answer.status === 200 && uploadId !== 'none') return uploadId;
  throw new Error(`The create was answered ${answer.status} ${answer.body}`);
}

export function part(
  target: Target,
  uploadId: string,
  number: number,
  body = 'hello',
  headers: Headers = {},
  key = 'a',
): Promise<RawAnswer> {
  const query = `partNumber=${number}&uploadId=${encoded(uploadId)}`;
  return sendTo(target, { method: 'PUT', key, query, headers, body });
}

export function complete(
  target: Target,
  uploadId: string,
  named: Named | string,
  headers: Headers = {},
  key = 'a',
): Promise<RawAnswer> {
  const body = typeof named === 'string' ? named : documentOf(named);
  return sendTo(target, { method: 'POST', key, query: `uploadId=${encoded(uploadId)}`, headers, body });
}

export function abort(target: Target, uploadId: string): Promise<RawAnswer> {
  return sendTo(target, { method: 'DELETE', key: 'a', query: `uploadId=${encoded(uploadId)}` });
}

export function listParts(
  target: Target,
  uploadId: string,
  parameters: Readonly<Record<string, string>> = {},
  key = 'a',
): Promise<RawAnswer> {
  return sendTo(target, { key, query: queryOf({ ...parameters, uploadId }) });
}

export function listUploads(target: Target, parameters: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  return sendTo(target, { query: queryOf({ uploads: '', ...parameters }) });
}

function queryOf(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encoded(value)}`)
    .join('&');
}

/** Texts of the elements with a name; what a reader sees as quotes are some. */
export function all(answer: RawAnswer, element: string): string[] {
  const found = answer.body.matchAll(new RegExp(`<${element}>([^<]*)</`, 'g'));
  return [...found].map(([, text = '']) => text.replaceAll(/&(?:quot|#34|#x22);/g, '"'));
}

export const one = (answer: RawAnswer, element: string): string => all(answer, element)[0] || 'none';
