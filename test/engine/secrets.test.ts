import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import { type Outcome, type PutOptions, RefusedError, type RunEvent, UsageError } from '../../src/index.js';
import { preparePut } from '../../src/prepare-put.js';
import { putPrepared } from '../../src/put.js';
import { connection, type Ran, run, serverFor } from '../support/engine.js';
import { whileLocked } from '../support/rights.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const KEY = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
const SITE = { 'index.html': '<p>', '.env': 'API_KEY=abc\n', 'certs/site.pem': KEY, 'certs/ca.pem': 'CERTIFICATE' };
const SECRETS = ['.env', 'certs/site.pem'];

/** A put of a face that refuses all secrets. */
async function refusing(
  server: S3Server,
  options: Partial<PutOptions> & Pick<PutOptions, 'source'>,
): Promise<Pick<Ran, 'error' | 'outcomes' | 'events'>> {
  const events: RunEvent[] = [];
  const outcomes: Outcome[] = [];
  const prepared = preparePut({ bucket: 'site', ...connection(server), ...options });
  const job = putPrepared({ ...prepared, refuseSecrets: true }, (event) => events.push(event));
  let error: Ran['error'];
  try {
    for await (const outcome of job) outcomes.push(outcome);
    await job;
  } catch (thrown) {
    error = thrown as NonNullable<Ran['error']>;
  }
  return { error, outcomes, events };
}

function warningsOf({ events }: Pick<Ran, 'events'>): readonly string[] {
  return events.flatMap((event) => (event.type === 'warning' && event.code === 'secrets' ? [event.message] : []));
}

/** Both with and without an ACL, and with grants. */
const OPENING: Readonly<Record<string, Partial<PutOptions>>> = {
  'the option acl': { acl: 'public-read' },
  'the option headers': { headers: { 'X-Amz-Acl': 'public-read' } },
  'a function for headers': { headers: () => ({ 'x-amz-acl': 'authenticated-read' }) },
  'a grant to everybody': {
    headers: { 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' },
  },
  'a rule': { rules: [{ match: '*', acl: 'public-read' }] },
};

async function openServer(t: TestContext): Promise<S3Server> {
  return serverFor(t, { buckets: { site: { acl: 'allowed' } } });
}

describe('files that look like secrets', () => {
  it('are uploaded with one warning that names them', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    const ran = await run(server, { source });
    assert.equal(ran.error, undefined);
    assert.deepEqual(ran.keys('put'), Object.keys(SITE).sort());
    const [warning, more] = warningsOf(ran);
    assert.equal(more, undefined);
    for (const name of SECRETS) assert.ok(warning?.includes(join(source, name)), warning);
    assert.match(
      warning ?? '',
      /^2 files look like secrets: .*certs\/site\.pem \(a private key\)\. .*exclude.*allowSecrets/,
    );
    assert.doesNotMatch(warning ?? '', /ca\.pem/);
    assert.deepEqual(ran.report.warnings, [warning]);
  });

  for (const [what, options] of Object.entries(OPENING))
    it(`refuse the run where ${what} opens them, before any request`, async (t) => {
      const server = await openServer(t);
      const ran = await run(server, { source: makeTree(t, SITE), ...options });
      assert.ok(ran.error instanceof RefusedError, String(ran.error));
      assert.equal(ran.error.code, 'Secrets');
      for (const name of SECRETS) assert.ok(ran.error.message.includes(name), ran.error.message);
      assert.match(ran.error.message, /2 files look like secrets, and their ACLs let others read them/);
      assert.match(ran.error.hint ?? '', /exclude.*allowSecrets.*"private"/);
      assert.equal(ran.report.complete, false);
      assert.deepEqual(ran.outcomes, []);
      assert.equal(server.requests.length, 0);
    });

  it('refuse only by an ACL that opens them themselves', async (t) => {
    const server = await openServer(t);
    const source = makeTree(t, SITE);
    const rules = [{ match: ['*.html', '*.pem'], acl: 'public-read' }] as const;
    const ran = await run(server, { source, rules });
    assert.ok(ran.error instanceof RefusedError, String(ran.error));
    assert.match(ran.error.message, /1 file looks like a secret, and its ACL lets others read it: .*site\.pem/);
    assert.doesNotMatch(ran.error.message, /\.env/);
    assert.match(warningsOf(ran).join(), /A file looks like a secret: .*\.env/);
    const closed = await run(server, { source, acl: 'public-read', rules: [{ match: '*', acl: 'private' }] });
    assert.equal(closed.error, undefined);
    assert.equal(warningsOf(closed).length, 1);
  });

  it('refuse every run of a face that says so, a dry run and one of a single file too', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    for (const options of [{ source }, { source, dryRun: true }, { source: join(source, '.env') }]) {
      const { error, events } = await refusing(server, options);
      assert.ok(error instanceof RefusedError, String(error));
      assert.equal(error.code, 'Secrets');
      assert.ok(error.message.includes('.env (values of variables)'), error.message);
      assert.doesNotMatch(error.message, /ACL/);
      assert.equal(warningsOf({ events }).length, 0);
    }
    assert.equal(server.requests.length, 0);
  });

  it('pass where allowSecrets has them, by globs relative to the source', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    const some = await refusing(server, { source, allowSecrets: 'certs/**' });
    assert.match(String(some.error?.message), /1 file looks like a secret: .*\.env/);
    assert.equal(server.requests.length, 0);
    for (const allowSecrets of [true, ['certs', '/.env']]) {
      const all = await refusing(server, { source, allowSecrets, mode: 'stupid' });
      assert.equal(all.error, undefined);
      assert.deepEqual(warningsOf(all), []);
    }
    assert.deepEqual(server.keys('site'), Object.keys(SITE).sort());
  });

  it('cannot be allowed by an invalid glob', () => {
    assert.throws(
      () => preparePut({ bucket: 'site', source: '.', allowSecrets: ['[z-a]'] }),
      (error) => error instanceof UsageError && /^allowSecrets: .*\[z-a\]/.test(error.message),
    );
  });

  it('do not count where filters leave them out', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    for (const options of [
      { exclude: ['.env', 'certs'] },
      { hidden: false, maxSize: 20 },
      { rules: [{ match: ['.env', 'certs'], skip: true }] },
      { filter: ({ relativePath }: { readonly relativePath: string }) => relativePath.endsWith('.html') },
      { include: '*.html' },
    ]) {
      const ran = await refusing(server, { source, ...options });
      assert.equal(ran.error, undefined, JSON.stringify(options));
    }
  });

  it('are all named', async (t) => {
    const server = await serverFor(t);
    const files = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`${index + 10}.pem`, KEY]));
    const { error } = await refusing(server, { source: makeTree(t, files) });
    assert.match(
      error?.message ?? '',
      /33 files look like secrets: .*10\.pem .*29\.pem .*42\.pem \(a private key\)\.$/,
    );
  });

  it('are found in a plain archive', async (t) => {
    const server = await serverFor(t);
    const archive = makeTree(t, {
      'site.tar': makeTar([
        { name: 'dist/.env', body: 'A=1' },
        { name: 'a.js', body: 'x' },
      ]),
    });
    const { error } = await refusing(server, { source: join(archive, 'site.tar') });
    assert.equal(error?.code, 'Secrets');
    assert.ok(error?.message.includes('dist/.env'), error?.message);
    assert.equal(server.requests.length, 0);
  });

  it('in a compressed archive fail by themselves where they are refused', async (t) => {
    const server = await serverFor(t);
    const large = `A=1\n#${'x'.repeat(3 * 1024 * 1024)}`;
    const members = [
      { name: '.env', body: 'A=1' },
      { name: 'a.js', body: 'x' },
      { name: '.env.local', body: large },
      { name: 'b.js', body: 'y' },
    ];
    const folder = makeTree(t, { 'site.tgz': gzipSync(makeTar(members)) });
    const source = join(folder, 'site.tgz');
    const { error, outcomes } = await refusing(server, { source });
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual(server.keys('site'), ['a.js', 'b.js']);
    const failed = outcomes.filter(({ action }) => action === 'fail');
    assert.deepEqual(failed.map(({ key }) => key).sort(), ['.env', '.env.local']);
    for (const { error: why } of failed)
      assert.match(String(why), /it looks like a secret: it holds values of variables/);
    const warned = await run(server, { source });
    assert.equal(warned.error, undefined);
    assert.match(warningsOf(warned).join(), /2 files look like secrets/);
    assert.equal(server.object('site', '.env.local')?.body.length, large.length);
  });

  it('among items fail by themselves where an ACL opens them, and are warned of elsewhere', async (t) => {
    const server = await openServer(t);
    const folder = makeTree(t, { '.npmrc': '_auth=abc' });
    const long = `A=1\n${'# more\n'.repeat(60_000)}`;
    const items = () => [
      { key: '.env', body: 'A=1' },
      { key: 'a.pem', body: Buffer.from(KEY), headers: { 'x-amz-acl': 'private' } },
      { key: 'renamed.txt', body: { path: join(folder, '.npmrc') } },
      { key: '.env.short', body: Readable.from([Buffer.from('A='), Buffer.from('1')]) },
      { key: '.env.long', body: Readable.from([Buffer.from(long.slice(0, 9)), Buffer.from(long.slice(9))]) },
      { key: 'blob.key', body: new Blob([KEY]) },
      { key: 'fine.key', body: Readable.from([Buffer.from('not a key')]) },
      { key: 'a.js', body: 'x' },
    ];
    const opened = await run(server, { source: items(), acl: 'public-read' });
    assert.equal(opened.error?.name, 'PartialFailureError');
    assert.deepEqual(opened.keys('put'), ['a.js', 'a.pem', 'fine.key']);
    assert.deepEqual(opened.keys('fail'), ['.env', '.env.long', '.env.short', 'blob.key', 'renamed.txt']);
    assert.match(warningsOf(opened).join(), /A file looks like a secret: a\.pem \(a private key\)/);
    const warned = await run(server, { source: items() });
    assert.equal(warned.error, undefined);
    assert.match(warningsOf(warned).join(), /6 files look like secrets: .*\.npmrc \(a token or password\)/);
    const bytes = (key: string) => server.object('site', key)?.body.toString();
    assert.deepEqual(['.env.short', '.env.long', 'fine.key'].map(bytes), ['A=1', long, 'not a key']);
  });

  it('of a source that is partly read once refuse the run where a directory has them', async (t) => {
    const server = await serverFor(t);
    const source = [makeTree(t, { 'site.pem': KEY, 'a.js': 'x' }), [{ key: '.env', body: 'A=1' }]];
    const { error } = await refusing(server, { source });
    assert.equal(error?.code, 'Secrets');
    assert.match(error?.message ?? '', /1 file looks like a secret: .*site\.pem/);
    assert.equal(server.requests.length, 0);
    const ran = await run(server, { source });
    assert.equal(ran.error, undefined);
    assert.match(warningsOf(ran).join(), /^2 files look like secrets: .*site\.pem .*, \.env \(/);
  });

  it('are found by the names of their keys too', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'settings.txt': 'A=1' });
    const { error } = await refusing(server, { source, key: () => 'app/.env' });
    assert.equal(error?.code, 'Secrets');
  });
});

describe('candidates that cannot be read', () => {
  it('fail as they do without the guard', { skip: process.platform === 'win32' }, async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { '.env': 'A=1', 'a.js': 'x' });
    const { error, outcomes } = await whileLocked([join(source, '.env')], () =>
      refusing(server, { source, httpClient: 'sockets' }),
    );
    assert.equal(error?.name, 'PartialFailureError');
    const failed = outcomes.filter(({ action }) => action === 'fail');
    assert.deepEqual(
      failed.map(({ key }) => key),
      ['.env'],
    );
    assert.match(String(failed[0]?.error), /EACCES/);
    assert.deepEqual(server.keys('site'), ['a.js']);
  });

  it('do not end as shorter objects where a stream breaks', async (t) => {
    const server = await serverFor(t);
    const broken = (bytes: number) =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(bytes, 'x');
          throw new Error('the pipe broke');
        })(),
      );
    const source = [
      { key: '.env.short', body: broken(10) },
      { key: '.env.long', body: broken(100_000) },
      { key: 'a.js', body: 'x' },
    ];
    const ran = await run(server, { source });
    assert.deepEqual(ran.keys('fail'), ['.env.long', '.env.short']);
    for (const { error } of ran.outcomes.filter(({ action }) => action === 'fail'))
      assert.match(String(error), /the stream failed: the pipe broke/);
    assert.deepEqual(server.keys('site'), ['a.js']);
  });

  it('do not change what becomes of headers that are wrong', async (t) => {
    const server = await serverFor(t);
    const source = [{ key: '.env', body: 'A=1', headers: { 'x-amz-acl': 'no\nheader' } }];
    const ran = await run(server, { source });
    assert.deepEqual(ran.keys('fail'), ['.env']);
    assert.doesNotMatch(String(ran.outcomes[0]?.error), /secret/);
  });
});
