import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { PUBLIC_SITE } from '../support/built-site.js';
import { serverFor } from '../support/engine.js';
import { addFiles, makeTree } from '../support/tree.js';
import { assertNoStack, type CliRun, cli, cliTo } from './cli-process.js';

const DIST = ['dist', 's3://site/docs'];
const FINISH = ['finish', ...DIST, '--reports', 'reports', '--shards', '2'];

const dist = Object.fromEntries(Object.entries(PUBLIC_SITE).map(([name, content]) => [`dist/${name}`, content]));

interface World {
  readonly server: S3Server;
  readonly cwd: string;
  readonly run: (...argv: readonly string[]) => Promise<CliRun>;
}

/** A site of which two shards have left their reports. */
async function worldOf(t: TestContext): Promise<World> {
  const server = await serverFor(t);
  const cwd = makeTree(t, { ...dist, 'reports/': '' });
  const run = (...argv: readonly string[]): Promise<CliRun> => cliTo(server, argv, { cwd });
  for (const index of [1, 2]) {
    const ran = await run(...DIST, '--shard', `${index}/2`, '--json');
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(
      ran.stderr,
      new RegExp(
        `^Shard ${index} of 2: \\d+ of 25 objects of the source\\. 9 pages are left to the command "finish"\\.$`,
        'm',
      ),
    );
    writeFileSync(join(cwd, `reports/${index}.jsonl`), ran.stdout);
  }
  return { server, cwd, run };
}

describe('shards on the command line', { concurrency: 4 }, () => {
  test('finish puts the pages and deletes, and the next run finds nothing to do', async (t) => {
    const { server, run } = await worldOf(t);
    server.seed('site', 'docs/old.css', 'old');
    assert.equal(server.object('site', 'docs/index.html'), undefined);
    const ran = await run(...FINISH, '--delete');
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /^Shards done: 2 of 2\.$/m);
    assert.deepEqual(
      server.keys('site'),
      Object.keys(PUBLIC_SITE)
        .map((name) => `docs/${name}`)
        .sort(),
    );
    const whole = await run(...DIST, '--check');
    assert.equal(whole.code, 0, whole.stdout);
  });

  test('a report names the attempt of a workflow, and that of a second one beside the first is no double', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { ...dist, 'reports/': '' });
    for (const [file, shard, attempt] of [
      ['a', '1/2', '1'],
      ['b', '2/2', '1'],
      ['c', '1/2', '2'],
    ]) {
      const env = { GITHUB_RUN_ID: '1658821493', GITHUB_RUN_ATTEMPT: attempt };
      const ran = await cliTo(server, [...DIST, '--shard', `${shard}`, '--json'], { cwd, env });
      assert.match(ran.lines.at(-1) ?? '', new RegExp(`"attempt":{"run":"1658821493","number":${attempt}}`));
      writeFileSync(join(cwd, `reports/${file}.jsonl`), ran.stdout);
    }
    const ran = await cliTo(server, FINISH, { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /^Shards done: 2 of 2\.\nThey have changed 16 objects\.$/m);
  });

  test('a missing or failed shard is refused with exit code 3, and nothing is written', async (t) => {
    const { server, cwd, run } = await worldOf(t);
    const keys = server.keys('site');
    const missing = await run('finish', ...DIST, '--reports', 'reports', '--shards', '3');
    assert.equal(missing.code, 3);
    assert.match(missing.stderr, /reports\/1\.jsonl is shard 1 of 2, and not one of 3/);
    writeFileSync(join(cwd, 'reports/2.jsonl'), '');
    const cut = await run(...FINISH, '--delete');
    assert.equal(cut.code, 3);
    assert.match(
      cut.stderr,
      /the report of shard 2 of 2 is missing; reports\/2\.jsonl is empty\.\n {2}Fix what has failed\. Then run the shards .*, options and destination, and give --reports a folder .* and no other\.$/m,
    );
    addFiles(cwd, { 'dist/index.html': 'another build' });
    const other = await run('dist', 's3://site/docs', '--shard', '2/2', '--json');
    writeFileSync(join(cwd, 'reports/2.jsonl'), other.stdout);
    const foreign = await run(...FINISH);
    assert.equal(foreign.code, 3);
    assert.match(foreign.stderr, /reports\/1\.jsonl is about other files/);
    assert.deepEqual(server.keys('site'), keys);
  });

  const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'a shard that is none',
      [...DIST, '--shard', '5/4'],
      /--shard is "5\/4", and there is no shard 5 of 4\.\n {2}Write the number/,
    ],
    [
      'delete in a shard',
      [...DIST, '--shard', '1/4', '--delete'],
      /--delete cannot be used with --shard: .*\n {2}Leave --delete out here, and give it to the command "finish"/,
    ],
    [
      'the live check in a shard',
      [...DIST, '--shard', '1/4', '--verify-url', 'https://www.example.com'],
      /--verify-url cannot be used with --shard/,
    ],
    [
      'delete in a shard of a copy',
      ['copy', 's3://site', 's3://other/', '--shard', '1/4', '--delete'],
      /--delete cannot be used with --shard: .*\n {2}.*run the copy once more with --delete and without --shard/,
    ],
    [
      'a shard of standard input',
      ['-', 's3://site', '--as', 'a', '--shard', '1/4'],
      /--shard needs a source that can be read twice/,
    ],
    [
      'finish without reports',
      ['finish', ...DIST, '--shards', '4'],
      /The command "finish" needs --reports\.\n {2}Write s3-parallel-put finish/,
    ],
    [
      'finish without their number',
      ['finish', ...DIST, '--reports', 'reports'],
      /The command "finish" needs --shards\./,
    ],
    [
      'finish with no shard',
      ['finish', ...DIST, '--reports', 'reports', '--shards', '0'],
      /--shards is 0; it must be a whole number from 1/,
    ],
    ['finish with a shard', [...FINISH, '--shard', '1/2'], /The command "finish" takes no --shard\./],
    [
      'finish of standard input',
      ['finish', '-', 's3://site', '--reports', 'reports', '--shards', '2'],
      /not standard input/,
    ],
    [
      'reports that are missing',
      ['finish', ...DIST, '--reports', 'gone', '--shards', '2'],
      /--reports is "gone", and there is no such folder\./,
    ],
    ['reports of a put', [...DIST, '--reports', 'reports'], /--reports belongs to the command "finish"\./],
  ];
  for (const [name, argv, expected] of refused)
    test(`${name} is a usage error: exit code 2, and no request`, async (t) => {
      const server = await serverFor(t);
      const env = { AWS_ENDPOINT_URL: server.url, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
      const ran = await cli(argv, { cwd: makeTree(t, { ...dist, 'reports/': '' }), env });
      assert.deepEqual([ran.code, ran.stdout], [2, ''], ran.stderr);
      assert.match(ran.stderr, expected);
      assertNoStack(ran);
      assert.equal(server.requests.length, 0);
    });

  test('--print-config shows the order that a shard and finish have by default', async () => {
    const orderOf = async (...argv: readonly string[]): Promise<string | undefined> =>
      (await cli([...argv, '--print-config'])).lines.find((line) => line.startsWith('order:'));
    assert.equal(await orderOf(...DIST, '--shard', '1/2'), 'order: "site" # default');
    assert.equal(await orderOf(...DIST, '--shard', '1/2', '--order', 'none'), 'order: "none" # --order');
    assert.equal(await orderOf(...FINISH), 'order: "site" # default');
    assert.equal(await orderOf(...DIST), 'order: "none" # default');
  });

  test('a check of a shard says whether it would put anything', async (t) => {
    const { run } = await worldOf(t);
    assert.equal((await run(...DIST, '--shard', '1/2', '--check')).code, 0);
    assert.equal((await run(...DIST, '--shard', '1/2', '--order', 'none', '--check')).code, 1);
  });
});
