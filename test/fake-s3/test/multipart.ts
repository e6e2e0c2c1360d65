import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { S3Server, S3ServerOptions } from 'fake-s3';
import { documentOf, type Named } from 'fake-s3/completion-document';
import { type RawAnswer, sendSigned } from 'fake-s3/raw-request';

type Headers = Readonly<Record<string, string>>;

/** For tests that want many parts, not large ones. */
export const SMALL_PARTS: S3ServerOptions = { mode: { minPartSize: 1 } };

export const md5 = (body: Buffer | string): string => createHash('md5').update(body).digest('hex');

export const etagInParts = (...bodies: readonly (Buffer | string)[]): string =>
  `${md5(Buffer.from(bodies.map(md5).join(''), 'hex'))}-${bodies.length}`;

/** All texts of an element, in their order. */
export const texts = ({ body }: RawAnswer, name: string): string[] =>
  [...body.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text);

export async function create(server: S3Server, headers: Headers = {}, key = 'a'): Promise<string> {
  const answer = await sendSigned(server, { method: 'POST', path: `/site/${key}?uploads=`, headers, body: '' });
  assert.equal(answer.status, 200, answer.body);
  return texts(answer, 'UploadId')[0] ?? '';
}

export function part(
  server: S3Server,
  uploadId: string,
  number: number | string,
  body: Buffer | string = 'hello',
  headers: Headers = {},
  key = 'a',
): Promise<RawAnswer> {
  return sendSigned(server, {
    method: 'PUT',
    path: `/site/${key}?partNumber=${number}&uploadId=${uploadId}`,
    headers,
    body,
  });
}

/** Completes with these parts, or with a document of the test's own. */
export function complete(
  server: S3Server,
  uploadId: string,
  named: Named | string,
  headers: Headers = {},
  key = 'a',
): Promise<RawAnswer> {
  const body = typeof named === 'string' ? named : documentOf(named);
  return sendSigned(server, { method: 'POST', path: `/site/${key}?uploadId=${uploadId}`, headers, body });
}

export function abort(server: S3Server, uploadId: string, key = 'a'): Promise<RawAnswer> {
  return sendSigned(server, { method: 'DELETE', path: `/site/${key}?uploadId=${uploadId}` });
}

export function listParts(server: S3Server, uploadId: string, query = '', key = 'a'): Promise<RawAnswer> {
  return sendSigned(server, { path: `/site/${key}?${query}uploadId=${uploadId}` });
}

export function listUploads(server: S3Server, query = ''): Promise<RawAnswer> {
  return sendSigned(server, { path: `/site?uploads=${query}` });
}
