import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { describe, it } from 'node:test';
import type { RunEvent } from 's3-parallel-put';
import type { S3File } from '../../gulp-plugin/src/index.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { bucketHashes, hashes, PICTURE } from './files.js';
import { GULP_5 } from './gulp-versions.js';
import { passed, putTo } from './streams.js';

const { src } = GULP_5.gulp;
const BOM = '\ufeff';
const failed = (error: { readonly failures: readonly { readonly fileName: string }[] } | undefined): string[] =>
  (error?.failures ?? []).map(({ fileName }) => fileName.slice(fileName.lastIndexOf('/') + 1)).sort();

for (const buffer of [true, false]) {
  describe(`gulp 5 reads ${buffer ? 'buffers' : 'streams'} as UTF-8`, () => {
    const DAMAGED: Record<string, Buffer> = {
      'a.png': PICTURE,
      'large.bin': Buffer.concat([PICTURE, randomBytes(300_000)]),
      'marked.bin': Buffer.concat([Buffer.from(BOM), PICTURE]),
      'short.bin': Buffer.from([0xc3]),
      'same-length.bin': Buffer.from([0xe2, 0x82, 0x41, 0xf0, 0x9f, 0x92]),
    };
    const SOUND = { 'a.txt': 'text', 'b.txt': 'ü \ufffd 💾', 'empty.txt': '' };

    it('and a damaged file fails, with a hint', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { ...DAMAGED, ...SOUND });
      const { error } = await passed(src('*', { cwd: root, buffer }).pipe(putTo(server)));
      assert.deepEqual(failed(error), Object.keys(DAMAGED).sort());
      assert.match(error?.message ?? '', /damaged it\n +Add \{ encoding: false } to gulp\.src/);
      assert.deepEqual(bucketHashes(server, 'site'), hashes(SOUND));
    });

    it('and onCorrupt "heal" puts the bytes on the disk', async (t) => {
      const server = await serverFor(t);
      const files = { ...DAMAGED, ...SOUND };
      const root = makeTree(t, files);
      const { error } = await passed(src('*', { cwd: root, buffer }).pipe(putTo(server, { onCorrupt: 'heal' })));
      assert.equal(error, undefined);
      assert.deepEqual(bucketHashes(server, 'site'), hashes(files));
    });

    it('and the damage is found even if a stage renamed the file', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'a.png': PICTURE });
      const rename = new Transform({
        objectMode: true,
        transform(file: S3File, _encoding, next) {
          file.path = join(root, 'b.png');
          next(null, file);
        },
      });
      const { error } = await passed(src('*', { cwd: root, buffer }).pipe(rename).pipe(putTo(server)));
      assert.deepEqual(failed(error), ['b.png']);
    });

    it('and a lost byte order mark is a warning, once', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'a.css': `${BOM}a {}`, 'b.css': `${BOM}b {}` });
      const warnings: RunEvent[] = [];
      const onEvent = (event: RunEvent) => event.type === 'warning' && warnings.push(event);
      const { error } = await passed(src('*', { cwd: root, buffer }).pipe(putTo(server, { onEvent })));
      assert.equal(error, undefined);
      assert.equal(server.object('site', 'a.css')?.body.toString(), 'a {}');
      assert.deepEqual(
        warnings.map((event) => event.type === 'warning' && [event.code, /byte order mark/.test(event.message)]),
        [['bom', true]],
      );
    });

    it('but contents that a stage changed are put as they are', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'a.txt': 'abc', 'b.txt': Buffer.concat([PICTURE, Buffer.from('abc')]) });
      const change = new Transform({
        objectMode: true,
        transform(file: S3File, _encoding, next) {
          file.contents = Buffer.from(`\ufffd made of ${file.relative}`);
          next(null, file);
        },
      });
      const { error } = await passed(src('*', { cwd: root, buffer }).pipe(change).pipe(putTo(server)));
      assert.equal(error, undefined);
      assert.equal(server.object('site', 'b.txt')?.body.toString(), '\ufffd made of b.txt');
    });
  });
}
