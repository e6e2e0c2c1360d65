import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import type { PutOptions, Report } from '../../src/index.js';
import { connection, serverFor } from '../support/engine.js';
import { TAR_END, tarEntry } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const BYTES = 1_000_000_000;

/**
 * `VmHWM` is what the process itself held at most. `maxRSS` begins with what the process that started it held, and this one, which makes
 * archives and stores objects, holds much.
 */
const PROGRAM = `
import { readFileSync } from 'node:fs';
const { put } = await import(process.argv[1]);
const report = await put(JSON.parse(process.argv[2]));
const kib = /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1];
console.log(JSON.stringify({ report, maxRssMiB: kib / 1024 }));`;

async function putInProcess(
  server: S3Server,
  options: Omit<PutOptions, 'bucket'>,
): Promise<{ readonly report: Report; readonly maxRssMiB: number }> {
  const library = new URL('../../dist/lib/index.js', import.meta.url).href;
  const given = JSON.stringify({ bucket: 'site', ...connection(server), ...options });
  const env = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' };
  const args = ['--input-type=module', '--eval', PROGRAM, library, given];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as { readonly report: Report; readonly maxRssMiB: number };
}

/** Members of these sizes in turn, until there is 1 GB of them; each begins with its number. */
function* members(sizes: readonly number[]): Generator<Buffer> {
  const pool = Buffer.alloc(64 * 1024 * 1024);
  let random = 1;
  for (let at = 0; at < pool.length; at += 4) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    // Half of it noise: it neither shrinks to nothing nor takes long.
    pool.writeUInt32LE(at % 8 === 0 ? random : 0x20202020, at);
  }
  let total = 0;
  for (let index = 0; total < BYTES; index++) {
    const size = sizes[index % sizes.length] ?? 0;
    total += size;
    const body = Buffer.from(pool.subarray(index % 4_096, (index % 4_096) + size));
    body.write(String(index));
    yield tarEntry({ name: `d${index % 100}/m${index}`, body });
  }
  yield TAR_END;
}

const SHAPES = {
  '20 KB and 400 KB': [20_000, 20_000, 20_000, 400_000],
  '900 KB': [900_000],
  '2 MB and 8 KB': [2_000_000, 8_000],
  '16 MB': [16_000_000],
  '60 MB': [60_000_000],
  '60 MB, 2 MB and 50 KB': [60_000_000, 2_000_000, 2_000_000, 50_000, 50_000],
} as const;

async function archive(t: TestContext, name: string, sizes: readonly number[]): Promise<string> {
  const path = `${makeTree(t, {})}/${name}`;
  const file = createWriteStream(path);
  if (name.endsWith('gz')) await pipeline(members(sizes), createGzip({ level: 1 }), file);
  else await pipeline(members(sizes), file);
  return path;
}

describe('an archive of 1 GB', { skip: process.platform !== 'linux' && 'memory is read from /proc' }, () => {
  for (const [shape, sizes] of Object.entries(SHAPES)) {
    for (const name of ['site.tar', 'site.tar.gz']) {
      it(`with members of ${shape} as ${name} is put in at most 200 MB, by a quick server and by a slow one`, async (t) => {
        const server = await serverFor(t, { dropBodies: true });
        const source = await archive(t, name, sizes);
        for (const ms of [150, 600]) {
          server.fault({ verb: 'PutObject', occurrences: 'all', type: 'delay', ms });
          const slow = await putInProcess(server, { source, mode: 'stupid', prefix: 'slow' });
          t.diagnostic(`answers after ${ms} ms: ${slow.report.seconds.toFixed(1)} s, ${slow.maxRssMiB.toFixed(0)} MiB`);
          assert.ok(slow.maxRssMiB * 1.048576 <= 200, `${slow.maxRssMiB} MiB where answers take ${ms} ms`);
          server.clearFaults();
        }
        const { report, maxRssMiB } = await putInProcess(server, { source });
        const rate = (report.bytes / report.seconds / 1e6).toFixed(0);
        t.diagnostic(
          `${report.counts.put} members, ${report.seconds.toFixed(1)} s, ${rate} MB/s, ${maxRssMiB.toFixed(0)} MiB`,
        );
        assert.ok(report.bytes >= BYTES);
        assert.ok(maxRssMiB * 1.048576 <= 200, `${maxRssMiB} MiB`);

        const again = await putInProcess(server, { source });
        t.diagnostic(`unchanged: ${again.report.seconds.toFixed(1)} s, ${again.maxRssMiB.toFixed(0)} MiB`);
        assert.equal(again.report.counts.skip, report.counts.put);
        assert.ok(again.maxRssMiB * 1.048576 <= 200, `${again.maxRssMiB} MiB`);
      });
    }
  }

  it('is indexed in seconds and little memory where it holds 120,000 members', async (t) => {
    const server = await serverFor(t);
    const source = await archive(t, 'site.tar', [8_000]);
    const { report, maxRssMiB } = await putInProcess(server, { source, dryRun: true, mode: 'stupid' });
    t.diagnostic(`${report.counts.put} members, ${report.seconds.toFixed(1)} s, ${maxRssMiB.toFixed(0)} MiB`);
    assert.equal(report.counts.put, 125_000);
    assert.ok(maxRssMiB * 1.048576 <= 200, `${maxRssMiB} MiB`);
  });
});
