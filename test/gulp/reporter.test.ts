import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { markDryRun } from '../../gulp-plugin/src/file-state.js';
import { type S3File, s3Put } from '../../gulp-plugin/src/index.js';
import { serverFor } from '../support/engine.js';
import { passed, putTo, textFile } from './streams.js';

/** A line without what differs from run to run. */
function withoutTime(line: string): string {
  return line.replace(/ in [\d.]+ s \([\d.]+ [kMG]?B\/s\)/, ' in TIME (RATE)');
}

describe('the reporter', () => {
  it('prints a line for each file, and the totals', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'same', 'same');
    server.seed('site', 'different', 'before');
    const report = async (options: Parameters<typeof s3Put.reporter>[0]): Promise<string[]> => {
      const lines: string[] = [];
      const put = putTo(server, { dryRun: true });
      const all = passed(put.pipe(s3Put.reporter({ write: (line) => lines.push(line), ...options })));
      for (const name of ['new', 'same', 'different', 'bad\nname']) put.write(textFile(name));
      put.end();
      assert.equal((await all).files.length, 4);
      return lines;
    };
    const lines = await report({});
    assert.equal(lines.pop(), 'Would upload 3 files, 20 B; 1 unchanged.');
    assert.deepEqual(lines.sort(), [
      'unchanged same',
      'would upload bad\\x0aname (new, 8 B)',
      'would upload different (size differs, 9 B)',
      'would upload new (new, 3 B)',
    ]);
    assert.equal((await report({ states: ['update'] })).length, 2);
    for (const name of ['new', 'different', 'bad\nname']) server.seed('site', name, name);
    server.seed('site', 'different', 'different');
    assert.equal((await report({})).at(-1), 'Nothing to upload; 4 unchanged.');
  });

  it('counts files apart that may have been put, and escapes what would act on a terminal', async () => {
    const lines: string[] = [];
    const reporter = s3Put.reporter({ write: (line) => lines.push(line) });
    const states = [
      { state: 'unknown', path: 'a\u0085b\u2028', reason: 'x\u009b\u007f was on its way' },
      { state: 'create', path: 'c', reason: 'new', bytes: 3 },
    ] as const;
    for (const s3 of states) reporter.write(Object.assign(textFile('x'), { s3 }));
    reporter.end();
    await passed(reporter);
    assert.deepEqual(lines.map(withoutTime), [
      'unknown a\\x85b\\u2028: x\\x9b\\x7f was on its way',
      'uploaded c (new, 3 B)',
      'Uploaded 1 file, 3 B, in TIME (RATE); 1 unknown (may have been stored).',
    ]);
  });

  const ended = async (...states: readonly NonNullable<S3File['s3']>[]): Promise<string[]> => {
    const lines: string[] = [];
    const reporter = s3Put.reporter({ write: (line) => lines.push(line) });
    for (const s3 of states) reporter.write(Object.assign(textFile('x'), { s3 }));
    reporter.end();
    await passed(reporter);
    return lines.map(withoutTime);
  };

  it('tells size and time, and counts apart what is unchanged and what was skipped', async () => {
    const put = { state: 'update', path: 'k', reason: 'content differs', bytes: 1_500_000 } as const;
    assert.deepEqual(await ended(put, put, { state: 'skip', path: 's', reason: 'exists' }), [
      'uploaded k (content differs, 1.5 MB)',
      'uploaded k (content differs, 1.5 MB)',
      'skipped s (exists)',
      'Uploaded 2 files, 3.0 MB, in TIME (RATE); 1 skipped.',
    ]);
    assert.deepEqual(await ended({ state: 'skip', path: 's', reason: 'same content, headers not compared' }), [
      'unchanged s (same content, headers not compared)',
      'Nothing to upload; 1 unchanged.',
    ]);
    assert.deepEqual(await ended(), ['Nothing to upload.']);
    assert.equal(
      (await ended({ state: 'unknown', path: 'u', reason: 'x' })).at(-1),
      'No upload was confirmed; 1 unknown (may have been stored).',
    );
  });

  it('says which headers change, and counts such files', async () => {
    const change = {
      state: 'metadata',
      path: 'robots.txt',
      reason: 'headers differ',
      headerChanges: [
        { name: 'cache-control', from: 'no-cache', to: 'public, max-age=600' },
        { name: 'expires', from: 'x'.repeat(300) },
      ],
    } as const;
    const line = `changed the headers of robots.txt (cache-control: no-cache → public, max-age=600; expires: ${'x'.repeat(200)}… → (none))`;
    const put = { state: 'update', path: 'k', reason: 'headers differ', bytes: 3 } as const;
    const left = { state: 'skip', path: 's', reason: 'headers differ, not repaired' } as const;
    assert.deepEqual(await ended(put, change, left), [
      'uploaded k (headers differ, 3 B)',
      line,
      'unchanged s (headers differ, not repaired)',
      'Uploaded 1 file, 3 B, in TIME (RATE); headers of 1 changed, 1 unchanged.',
    ]);
    assert.equal((await ended(change, change, left)).at(-1), 'Changed the headers of 2 files; 1 unchanged.');
    assert.deepEqual(await ended(markDryRun({ ...change, headerChanges: [] })), [
      'would change the headers of robots.txt (headers differ)',
      'Would change the headers of 1 file.',
    ]);
  });

  it('prints the totals also where files fail', async (t) => {
    const server = await serverFor(t);
    const report = async (): Promise<string[]> => {
      const lines: string[] = [];
      const put = putTo(server).on('error', () => {});
      const all = passed(put.pipe(s3Put.reporter({ write: (line) => lines.push(line) })));
      for (const name of ['a', 'b', 'bad']) put.write(textFile(name));
      put.end();
      assert.match((await all).error?.message ?? '', /^1 of 3 files failed/);
      return lines.map(withoutTime);
    };
    server.fault({
      verb: 'PutObject',
      key: 'bad',
      occurrences: 'all',
      type: 'status',
      status: 400,
      code: 'InvalidRequest',
    });
    assert.equal((await report()).at(-1), 'Uploaded 2 files, 2 B, in TIME (RATE).');
    assert.equal((await report()).at(-1), 'Nothing was uploaded; 2 unchanged.');
  });

  it('leaves a task alone whose output nobody reads any more', async () => {
    const program = `
      const { s3Put } = await import(process.argv[1]);
      const reporter = s3Put.reporter();
      reporter.resume();
      const print = () => reporter.write({ s3: { state: 'create', path: 'k'.repeat(1000), reason: 'new', bytes: 1 } });
      process.stdin.resume().once('end', () => {
        for (let i = 0; i < 200; i += 1) print();
        setTimeout(() => {
          reporter.end();
          reporter.on('end', () => setTimeout(() => process.stderr.write('ended'), 50));
        }, 50);
      });
    `;
    const plugin = new URL('../../gulp-plugin/dist/index.js', import.meta.url).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, plugin]);
    child.stdout.destroy();
    child.stdin.end();
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    assert.deepEqual([said, code], ['ended', 0]);
  });

  it('has colour where it is forced, and none in a pipe or with NO_COLOR', () => {
    const program = `
      const { s3Put } = await import(process.argv[1]);
      const reporter = s3Put.reporter();
      reporter.resume();
      reporter.end({ s3: { state: 'create', path: 'k', reason: 'new', bytes: 1 } });
    `;
    const plugin = new URL('../../gulp-plugin/dist/index.js', import.meta.url).href;
    const printed = (env: Readonly<Record<string, string>>): string => {
      const { PATH = '', SystemRoot = '' } = process.env;
      const args = ['--input-type=module', '-e', program, plugin];
      const ran = spawnSync(process.execPath, args, { env: { PATH, SystemRoot, ...env }, encoding: 'utf8' });
      assert.equal(ran.status, 0, ran.stderr);
      return ran.stdout;
    };
    const [colored, plain] = ['\u001b[32muploaded\u001b[0m k (new, 1 B)\n', 'uploaded k (new, 1 B)\n'];
    const rows: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{}, plain],
      [{ FORCE_COLOR: '1' }, colored],
      [{ FORCE_COLOR: '' }, colored],
      [{ FORCE_COLOR: '0' }, plain],
      [{ FORCE_COLOR: '1', NO_COLOR: '1' }, plain],
      [{ FORCE_COLOR: '1', NO_COLOR: '' }, colored],
    ];
    for (const [env, line] of rows) assert.ok(printed(env).startsWith(line), JSON.stringify(env));
  });

  it('rejects wrong options', () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{ states: ['nope'] }, /states is \["nope"\]; it must be a list of create, update, metadata, skip/],
      [{ states: [undefined] }, /states is \[null\]/],
      [{ states: 'skip' }, /states is "skip"/],
      [{ foo: 1 }, /the option "foo" is unknown/],
      [{ write: 'x' }, /write must be a function/],
      [null, /must be an object/],
    ];
    for (const [options, message] of wrong)
      assert.throws(() => s3Put.reporter(options as object), {
        name: 'Error',
        plugin: 'gulp-s3-parallel-put',
        message,
      });
  });
});
