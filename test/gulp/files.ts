import { createHash, randomBytes } from 'node:crypto';
import type { S3Server } from 'fake-s3';
import type { TreeFiles } from '../support/tree.js';

/** Bytes that are not UTF-8, as in pictures. */
export const PICTURE: Buffer = Buffer.from('89504e470d0a1a0aff00fe80c3284142', 'hex');
const BOM = '\ufeff';

/** Files of all kinds of a site, by name; the first few are special cases. */
export function siteOf(count: number): Record<string, Buffer | string> {
  const files: Record<string, Buffer | string> = {
    'empty.txt': '',
    'bom.css': `${BOM}body {}`,
    'replaced.txt': 'this \ufffd was here before',
    '.well-known/security.txt': 'Contact: mailto:security@example.com',
    'über/naïve page (1).html': '<h1>ü</h1>',
    'wasm/module.wasm': Buffer.concat([Buffer.from('0061736d01000000', 'hex'), randomBytes(5_000)]),
  };
  const kinds = ['html', 'png', 'css', 'woff2', 'js', 'jpg', 'json', 'ttf'] as const;
  for (let i = Object.keys(files).length; i < count; i += 1) {
    const kind = kinds[i % kinds.length] ?? 'html';
    const text = `<p>page ${i}: ${'text '.repeat(i % 50)}</p>\n`;
    const bytes = i % 2 === 0 ? Buffer.from(text) : Buffer.concat([PICTURE, randomBytes(100 + (i % 3_000))]);
    files[`section-${i % 20}/file-${i}.${kind}`] = bytes;
  }
  return files;
}

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 by name, in the order of names. */
export function hashes(files: TreeFiles): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files)
      .map(([name, bytes]) => [name, sha256(bytes)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The same for the objects below a prefix; names without the prefix. */
export function bucketHashes(server: S3Server, bucket: string, prefix = ''): Record<string, string> {
  const keys = server.keys(bucket).filter((key) => key.startsWith(prefix));
  const bodies = keys.map((key) => [key.slice(prefix.length), server.object(bucket, key)?.body ?? '?'] as const);
  return hashes(Object.fromEntries(bodies));
}
