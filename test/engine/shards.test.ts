import assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import type { FinishOptions, PutOptions, Report } from '../../src/index.js';
import { shardOf } from '../../src/model/shard.js';
import { reportJson } from '../../src/report/json.js';
import { summaryText } from '../../src/report/text.js';
import type { Source } from '../../src/source/types.js';
import { BUILT_SITE, PAGES, PUBLIC_SITE } from '../support/built-site.js';
import { IMPATIENT, type Ran, run, runCopy, runFinish, serverFor } from '../support/engine.js';
import { cloudFrontFor } from '../support/fake-cloudfront.js';
import { whileLocked } from '../support/rights.js';
import { addFiles, makeTree } from '../support/tree.js';

type Options = Partial<Omit<PutOptions, 'source' | 'shard'>>;

/** What a bucket holds, without what tells when and how it was written. */
function contentsOf(server: S3Server, bucket = 'site'): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    server.keys(bucket).map((key) => {
      const { body, headers, etag } = server.object(bucket, key) ?? {};
      const { date: _date, 'last-modified': _modified, ...stable } = headers ?? {};
      return [key, { body: body?.toString('latin1'), etag, headers: stable }];
    }),
  );
}

/** What is in a bucket before a deployment: files of the last one, and pages that changed. */
function seedOld(server: S3Server): void {
  server.seed('site', 'index.html', '<!doctype html><title>Old</title>');
  server.seed('site', 'assets/logo.png', 'old logo');
  server.seed('site', 'robots.txt', 'User-agent: *\n');
  server.seed('site', 'gone.html', 'gone');
  server.seed('site', 'assets/gone-Cx81_aQz.png', 'gone');
  server.seed('site', 'kept/by-hand.txt', 'kept');
}

async function putShards(
  server: S3Server,
  source: string,
  count: number,
  options: Options = {},
): Promise<readonly Ran[]> {
  const all: Ran[] = [];
  for (let index = 1; index <= count; index += 1)
    all.push(await run(server, { ...options, source, shard: `${index}/${count}` }));
  return all;
}

const reportsOf = (all: readonly Ran[]): readonly Report[] => all.map(({ report }) => report);

/** The reports as `--json` writes them, one file each. */
function reportFolder(t: TestContext, all: readonly Ran[]): string {
  const folder = makeTree(t, {});
  all.forEach(({ report }, at) => {
    writeFileSync(path.join(folder, `${at + 1}.jsonl`), `{"type":"outcome"}\n${reportJson(report)}\n`);
  });
  return folder;
}

const WHOLE: Options = { bucket: 's3://site/', order: 'site', exclude: ['*.map'] };
const DELETES: Partial<FinishOptions> = { delete: true, protect: ['kept/**'] };

describe('shards of a put', () => {
  for (const count of [1, 2, 4])
    test(`${count} of them and finish leave what one run leaves, deletes included`, async (t) => {
      const source = makeTree(t, BUILT_SITE);
      const options: Options = {
        ...WHOLE,
        preset: 'site',
        cleanUrls: 'both',
        redirects: [{ from: '/old', to: '/guide/' }],
      };
      const one = await serverFor(t);
      seedOld(one);
      assert.equal((await run(one, { ...options, source, ...DELETES })).error, undefined);

      const server = await serverFor(t);
      seedOld(server);
      const shards = await putShards(server, source, count, options);
      assert.deepEqual(
        shards.map(({ error }) => error),
        shards.map(() => undefined),
      );
      const finished = await runFinish(server, {
        ...options,
        ...DELETES,
        source,
        reports: reportFolder(t, shards),
        shards: count,
      });
      assert.equal(finished.error, undefined);
      assert.deepEqual(contentsOf(server), contentsOf(one));
      const changed = shards.flatMap(({ keys }) => keys('put')).length;
      assert.deepEqual(finished.report.finish, { shards: count, changed, repaired: 0 });
      assert.equal(finished.report.counts.delete, 2);
      const own = shards.flatMap(({ outcomes }) => outcomes.map(({ key }) => key));
      assert.equal(new Set(own).size, own.length, 'no key was in two shards');
    });

  test('a shard writes only its keys, and no page, and says what it leaves', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, PUBLIC_SITE);
    const { report, keys } = await run(server, { source, shard: '2/3' });
    const put = keys('put');
    assert.ok(put.length > 0);
    for (const key of put) {
      assert.equal(shardOf(key, 3), 2);
      assert.ok(!(key in PAGES), key);
    }
    assert.equal(report.shard?.own, put.length);
    assert.equal(report.shard?.objects, Object.keys(PUBLIC_SITE).length);
    assert.ok((report.shard?.left ?? 0) >= Object.keys(PAGES).length);
    assert.match(report.shard?.digest ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(report.shard?.created?.toSorted(), put);
    assert.equal(report.strays, undefined, 'the keys of other shards are no strays');
    assert.equal(report.counts.skip, 0);
  });

  test('with an explicit order none a shard puts its pages, too', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, PUBLIC_SITE);
    const shards = await putShards(server, source, 3, { order: 'none' });
    assert.deepEqual(server.keys('site'), Object.keys(PUBLIC_SITE).sort());
    assert.deepEqual(
      shards.map(({ report }) => report.shard?.left),
      [0, 0, 0],
    );
    const finished = await runFinish(server, { source, reports: reportsOf(shards), shards: 3, order: 'none' });
    assert.equal(finished.error, undefined);
    assert.equal(finished.report.counts.put, 0);
  });

  test('the digest is the same whatever the order of the keys, and a shard without keys is done', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': 'a', 'b.html': 'b' });
    const plain = await putShards(server, source, 5);
    const other = await run(server, { source, shard: '1/5', normalize: 'nfc' });
    const digests = [...plain, other].map(({ report }) => report.shard?.digest);
    assert.equal(new Set(digests).size, 1);
    assert.deepEqual(
      plain.map(({ error }) => error),
      [undefined, undefined, undefined, undefined, undefined],
    );
    assert.equal(
      plain.reduce((sum, { report }) => sum + report.counts.put, 0),
      1,
    );
    assert.equal((await runFinish(server, { source, reports: reportsOf(plain), shards: 5 })).error, undefined);
    assert.deepEqual(server.keys('site'), ['a.css', 'b.html']);
  });

  test('an empty source is refused in a shard as anywhere', async (t) => {
    const server = await serverFor(t);
    const { error } = await run(server, { source: makeTree(t, {}), shard: '1/2' });
    assert.equal(error?.code, 'NoFilesFound');
  });

  test('finish without comparing puts the pages only, and deletes what no shard has', async (t) => {
    const server = await serverFor(t);
    seedOld(server);
    const source = makeTree(t, PUBLIC_SITE);
    const options: Options = { bucket: 's3://site/', mode: 'stupid' };
    const shards = await putShards(server, source, 2, options);
    server.clearRequests();
    const finished = await runFinish(server, { ...options, ...DELETES, source, reports: reportsOf(shards), shards: 2 });
    assert.equal(finished.error, undefined);
    assert.deepEqual(server.keys('site'), [...Object.keys(PUBLIC_SITE), 'kept/by-hand.txt'].sort());
    assert.equal(finished.report.counts.put, shards[0]?.report.shard?.left);
  });
});

describe('finish', () => {
  test('without comparing deletes nothing where the source has lost files since its survey', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': 'a', 'b.css': 'b', 'index.html': 'page' });
    const options: Options = { bucket: 's3://site/', mode: 'stupid' };
    const reports = reportsOf(await putShards(server, source, 1, options));
    const around = (files: Source): Source => ({
      ...files,
      walk(signal) {
        rmSync(path.join(source, 'b.css'));
        return files.walk(signal);
      },
    });
    const given = { ...options, source, reports, shards: 1, delete: true };
    const { error } = await runFinish(server, given, { ...IMPATIENT, around });
    assert.match(error?.message ?? '', /^The source had 3 files at first and 2 later/);
    assert.deepEqual(server.keys('site'), ['a.css', 'b.css']);
  });

  test('puts what a shard has not put, before the pages, and says so', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, PUBLIC_SITE);
    const shards = await putShards(server, source, 2);
    server.seed('site', 'assets/logo.png', 'not what was put');
    server.seed('site', 'data/prices.json', '[1, 3]');
    server.clearRequests();
    const given = { source, reports: reportsOf(shards), shards: 2 };
    const dry = await runFinish(server, { ...given, dryRun: true, order: 'none' });
    assert.match(dry.report.warnings.join(' '), / or differed there\. This run would put them\.$/);
    const { error, report } = await runFinish(server, given);
    assert.equal(error, undefined);
    assert.equal(report.finish?.repaired, 2);
    assert.match(
      report.warnings.join(' '),
      /^2 files that shards should have put were missing in the bucket, or differed there\. This run puts them before the pages\.$/,
    );
    const puts = server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);
    assert.deepEqual(puts.slice(0, 2), ['assets/logo.png', 'data/prices.json']);
    assert.equal(server.object('site', 'data/prices.json')?.body.toString(), PUBLIC_SITE['data/prices.json']);
  });

  const refusals: readonly (readonly [
    what: string,
    change: (reports: Report[], place: { server: S3Server; source: string }) => Promise<unknown> | unknown,
    message: RegExp,
    options?: Partial<FinishOptions>,
  ])[] = [
    [
      'a missing shard',
      (all) => all.splice(1, 1),
      /because not all shards are done: the report of shard 2 of 3 is missing\.$/,
    ],
    ['several missing shards', (all) => all.splice(0, 2), /the reports of shards 1, 2 of 3 are missing\.$/],
    ['no report at all', (all) => all.splice(0), /the reports of shards 1, 2, 3 of 3 are missing\.$/],
    [
      'a shard that is there twice',
      (all) => all.push(all[0] as Report),
      /shard 1 of 3 has 2 reports \(reports\[0\], reports\[3\]\)\.$/,
    ],
    [
      'a failed shard',
      (all) => all.splice(2, 1, { ...(all[2] as Report), counts: { ...(all[2] as Report).counts, fail: 2 } }),
      /shard 3 of 3 failed \(reports\[2\]: 2 objects failed\)\.$/,
    ],
    [
      'a shard that was stopped',
      (all) => all.splice(2, 1, { ...(all[2] as Report), complete: false }),
      /shard 3 of 3 failed \(reports\[2\]: it was not complete\)/,
    ],
    ['other files', (_all, { source }) => addFiles(source, { 'new.css': 'new' }), /reports\[0\] is about other files/],
    [
      'another page of the same size',
      (_all, { source }) => addFiles(source, { '404.html': '<!doctype html><title>not found</title>' }),
      /reports\[2\] is about other files/,
    ],
    [
      'another place',
      () => {},
      /reports\[0\] is about s3:\/\/site\/, and not about s3:\/\/site\/docs\//,
      { bucket: 's3://site/docs' },
    ],
    ['another number of shards', () => {}, /reports\[0\] is shard 1 of 3, and not one of 4/, { shards: 4 }],
    [
      'another rule for keys',
      (all) =>
        all.splice(0, 1, {
          ...(all[0] as Report),
          shard: { ...(all[0] as Report).shard, scheme: 99 } as NonNullable<Report['shard']>,
        }),
      /reports\[0\] splits keys by rule 99, and this version by rule 1/,
    ],
    [
      'a dry run',
      (all) => all.splice(0, 1, { ...(all[0] as Report), dryRun: true }),
      /reports\[0\] is that of a dry run/,
    ],
    [
      'a report of no shard',
      (all) => all.splice(0, 1, { ...(all[0] as Report), shard: undefined } as unknown as Report),
      /shard 1 of 3 is missing; reports\[0\] is no report of a shard/,
    ],
  ];
  for (const [what, change, message, options] of refusals)
    test(`refuses ${what}, and writes nothing`, async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, PUBLIC_SITE);
      const reports = [...reportsOf(await putShards(server, source, 3))];
      await change(reports, { server, source });
      server.clearRequests();
      const { error } = await runFinish(server, { source, reports, shards: 3, ...options });
      assert.equal(error?.code, 'ShardsNotDone');
      assert.equal(error?.name, 'RefusedError');
      assert.match(error?.message ?? '', message);
      assert.deepEqual(
        server.requests.filter(({ method }) => method !== 'GET'),
        [],
      );
    });

  test('a failed shard is refused by its own report', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, PUBLIC_SITE);
    server.fault({
      verb: 'PutObject',
      key: 'favicon.ico',
      type: 'status',
      status: 403,
      code: 'AccessDenied',
      occurrences: 'all',
    });
    const shards = await putShards(server, source, 2);
    const failed = shardOf('favicon.ico', 2);
    assert.equal(shards[failed - 1]?.error?.name, 'PartialFailureError');
    const { error } = await runFinish(server, { source, reports: reportFolder(t, shards), shards: 2 });
    assert.match(
      error?.message ?? '',
      new RegExp(
        `shard ${failed} of 2 failed \\(.*${failed}\\.jsonl: 1 object failed: "favicon\\.ico": .*AccessDenied`,
      ),
    );
  });

  test('a dry run finishes dry shards, and warns of nothing that they have not put', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, PUBLIC_SITE);
    const shards = await putShards(server, source, 2, { dryRun: true });
    const { error, report } = await runFinish(server, { source, reports: reportsOf(shards), shards: 2, dryRun: true });
    assert.equal(error, undefined);
    assert.deepEqual(report.warnings, []);
    assert.equal(report.finish?.dryRun, true);
    assert.match(summaryText(report), /^Shards done: 2 of 2\.\nThey would change 16 objects\.$/m);
    assert.deepEqual(server.keys('site'), []);
  });

  test('a dry run says what shards have changed that were none', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, PUBLIC_SITE);
    const shards = await putShards(server, source, 2);
    const { report } = await runFinish(server, { source, reports: reportsOf(shards), shards: 2, dryRun: true });
    assert.equal(report.finish?.dryRun, undefined);
    assert.match(summaryText(report), /^Shards done: 2 of 2\.\nThey have changed 16 objects\.$/m);
  });
});

test('options about all keys are refused in a shard, with the command that takes them', async () => {
  const { put } = await import('../../src/index.js');
  const given: readonly (readonly [name: string, options: Partial<PutOptions>])[] = [
    ['delete', { delete: true }],
    ['deleteAfter', { deleteAfter: '7d' }],
    ['listStrays', { listStrays: true }],
    ['cloudfrontDistributionId', { cloudfrontDistributionId: 'E2QWRUHEXAMPLE' }],
    ['verifyUrl', { verifyUrl: 'https://www.example.com' }],
    ['checkLinks', { checkLinks: 'error' }],
  ];
  for (const [name, options] of given)
    assert.throws(() => put({ source: '.', bucket: 's3://site/', shard: '1/2', ...options }), {
      name: 'UsageError',
      message: `${name} cannot be used with shard: a shard has only a part of the keys, and ${name} is about all of them.`,
      hint: `Leave ${name} out here, and give it to the command "finish", which runs once after all shards.`,
    });
  for (const shard of ['', '0/4', '5/4', '1/0', '1', 'a/b', '1/4/2', '-1/4', '1.5/4', '1/100001'])
    assert.throws(() => put({ source: '.', bucket: 'site', shard }), { name: 'UsageError' }, shard);
  assert.throws(() => put({ source: [{ key: 'a', body: 'a' }], bucket: 'site', shard: '1/2' }), {
    message: /needs a source that can be read twice/,
  });
});

test('reports that are neither a folder nor a list are a usage error', async () => {
  const { finish } = await import('../../src/index.js');
  for (const reports of [{}, null, 5] as never[])
    assert.throws(() => finish({ source: '.', bucket: 's3://site/', reports, shards: 1 }), {
      name: 'UsageError',
      message: /^reports is (?:object|null|number), which is neither a folder nor a list of reports\.$/,
    });
});

test('finish invalidates what shards have changed, as one run does, and nothing where it is refused', async (t) => {
  const distributions = { E1: { origins: [{ id: 's3', domain: 'site.s3.eu-central-1.amazonaws.com', path: '' }] } };
  const source = makeTree(t, PUBLIC_SITE);
  const options: Options = { bucket: 's3://site/', order: 'site' };
  const atEdge = { cloudfrontDistributionId: 'E1', delete: true, protect: ['kept/**'] };

  const one = await serverFor(t);
  seedOld(one);
  const cloudfront = await cloudFrontFor(t, { distributions });
  const whole = await run(one, { ...options, ...atEdge, source });
  assert.equal(whole.error, undefined);
  const paths = whole.report.invalidations?.map((done) => done.paths);
  assert.ok(paths?.[0]?.includes('/assets/logo.png'));

  const server = await serverFor(t);
  seedOld(server);
  const shards = await putShards(server, source, 3, options);
  const reports = reportsOf(shards);
  const before = cloudfront.requests.length;
  const refused = await runFinish(server, { ...options, ...atEdge, source, reports: reports.slice(1), shards: 3 });
  assert.equal(refused.error?.code, 'ShardsNotDone');
  assert.deepEqual(refused.report.warnings, []);
  assert.equal(cloudfront.requests.length, before);
  const finished = await runFinish(server, { ...options, ...atEdge, source, reports, shards: 3 });
  assert.equal(finished.error, undefined);
  assert.deepEqual(
    finished.report.invalidations?.map((done) => done.paths),
    paths,
  );

  // A deployment of many new files, which no cache has.
  const fresh = reports.map((report) => ({
    ...report,
    shard: { ...report.shard, changed: [], created: ['new.js'], truncated: true },
  }));
  const nothing = await runFinish(server, { ...options, ...atEdge, source, reports: fresh, shards: 3 });
  assert.deepEqual([nothing.error, nothing.report.invalidations], [undefined, undefined]);

  const cut = reports.map((report) => ({ ...report, shard: { ...report.shard, created: [], truncated: true } }));
  const everything = await runFinish(server, { ...options, ...atEdge, source, reports: cut, shards: 3 });
  assert.deepEqual(
    everything.report.invalidations?.map((done) => done.paths),
    [['/*']],
  );
});

describe('a shard that has run again', () => {
  const distributions = { E1: { origins: [{ id: 's3', domain: 'site.s3.eu-central-1.amazonaws.com', path: '' }] } };
  const CDN = { cloudfrontDistributionId: 'E1', order: 'site' } as const;

  /** The report of an attempt, as a job of GitHub leaves it. */
  function attempt({ report }: Ran, number: number, run = '77'): Report {
    return { ...report, shard: { ...(report.shard ?? assert.fail()), attempt: { run, number } } };
  }

  /** A shard whose first attempt has overwritten `assets/logo.png`, and has failed; its second one has done the rest. */
  async function attemptsOf(t: TestContext) {
    const server = await serverFor(t);
    const source = makeTree(t, PUBLIC_SITE);
    await run(server, { source });
    await cloudFrontFor(t, { distributions });
    addFiles(source, { 'assets/logo.png': 'a new logo', 'data/prices.json': '[4]' });
    server.fault({
      verb: 'PutObject',
      key: 'data/prices.json',
      type: 'status',
      status: 403,
      code: 'AccessDenied',
      occurrences: 'all',
    });
    const [first] = await putShards(server, source, 1);
    server.clearFaults();
    const [second] = await putShards(server, source, 1);
    assert.deepEqual(first?.keys('put'), ['assets/logo.png']);
    assert.deepEqual(second?.keys('put'), ['data/prices.json']);
    return { server, given: { ...CDN, source, shards: 1 }, first: first as Ran, second: second as Ran };
  }

  test('is done by its last attempt, and finish invalidates what all attempts have changed', async (t) => {
    const { server, given, first, second } = await attemptsOf(t);
    const reports = [attempt(second, 2), attempt(first, 1)];
    const { error, report } = await runFinish(server, { ...given, reports });
    assert.equal(error, undefined);
    assert.deepEqual(report.warnings, []);
    assert.deepEqual(
      report.invalidations?.map(({ paths }) => paths),
      [['/assets/logo.png', '/data/prices.json']],
    );
    assert.deepEqual(report.finish, { shards: 1, changed: 2, repaired: 0 });
  });

  test('has everything invalidated where the report of its first attempt is missing', async (t) => {
    const { server, given, second } = await attemptsOf(t);
    const { error, report } = await runFinish(server, { ...given, reports: [attempt(second, 2)] });
    assert.equal(error, undefined);
    assert.match(
      report.warnings.join(),
      /^The report of attempt 1 of shard 1 is missing\. It is not known what that attempt has changed, so \/\* is invalidated\.$/,
    );
    assert.deepEqual(
      report.invalidations?.map(({ paths }) => paths),
      [['/*']],
    );
    assert.deepEqual(report.finish, { shards: 1, changed: 1, truncated: true, repaired: 0 });
  });

  test('is not done where its last attempt has failed, and is double where both are one attempt or of two runs', async (t) => {
    const { server, given, first, second } = await attemptsOf(t);
    const refused = async (reports: readonly Report[], message: RegExp): Promise<void> => {
      const before = server.requests.length;
      const { error } = await runFinish(server, { ...given, reports });
      assert.equal(error?.code, 'ShardsNotDone');
      assert.match(error?.message ?? '', message);
      assert.deepEqual(
        server.requests.slice(before).filter(({ method }) => method !== 'GET'),
        [],
      );
    };
    await refused([attempt(second, 1), attempt(first, 2)], /: shard 1 of 1 failed \(reports\[1\]: 1 object failed: /);
    await refused([attempt(second, 2), attempt(second, 2)], /shard 1 of 1 has 2 reports/);
    await refused([attempt(second, 2, '78'), attempt(first, 1)], /shard 1 of 1 has 2 reports/);
    await refused([attempt(second, 2), first.report], /shard 1 of 1 has 2 reports/);
  });

  test('may have had other files at first, whose keys are invalidated, too', async (t) => {
    const { server, given, first, second } = await attemptsOf(t);
    const other = attempt(first, 1);
    const reports = [attempt(second, 2), { ...other, shard: { ...other.shard, digest: 'of an earlier build' } }];
    const { error, report } = await runFinish(server, { ...given, reports });
    assert.equal(error, undefined);
    assert.deepEqual(
      report.invalidations?.map(({ paths }) => paths),
      [['/assets/logo.png', '/data/prices.json']],
    );
  });
});

test('finish refuses shards that have put to another server, wherever its address comes from', async (t) => {
  const [server, other] = [await serverFor(t), await serverFor(t)];
  const source = makeTree(t, PUBLIC_SITE);
  const names = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3'] as const;
  const before = names.map((name) => process.env[name]);
  t.after(() =>
    names.forEach((name, at) => {
      if (before[at] === undefined) delete process.env[name];
      else process.env[name] = before[at];
    }),
  );
  process.env.AWS_ENDPOINT_URL = other.url;
  const unnamed = { endpointUrl: undefined } as object;
  const shards = await putShards(other, source, 2, unnamed);
  assert.deepEqual(
    shards.map(({ error, report }) => error ?? report.shard?.endpoint),
    [other.url, other.url],
  );
  const given = { ...unnamed, source, reports: reportsOf(shards), shards: 2 };
  process.env.AWS_ENDPOINT_URL = server.url;
  const { error, report } = await runFinish(server, given);
  assert.equal(error?.code, 'ShardsNotDone');
  assert.ok(error?.message.includes(`reports[0] is about the server ${other.url}, and not about ${server.url}`));
  assert.equal(report.finish, undefined);
  assert.deepEqual(server.keys('site'), []);
  process.env.AWS_ENDPOINT_URL = `${other.url}/`;
  assert.equal((await runFinish(other, given)).error, undefined);
  assert.deepEqual(other.keys('site'), Object.keys(PUBLIC_SITE).sort());
});

test('a link out of the source is refused with its key and what to do', async (t) => {
  const server = await serverFor(t);
  const outside = makeTree(t, { 'secret.css': 'secret' });
  const source = makeTree(t, PUBLIC_SITE);
  symlinkSync(path.join(outside, 'secret.css'), path.join(source, 'linked.css'));
  const shards = await putShards(server, source, 2);
  const sums = reportsOf(shards).flatMap(({ shard }) => shard ?? []);
  const [{ objects, left } = { objects: 0, left: 0 }] = sums;
  assert.equal(
    sums.reduce((sum, { own }) => sum + own, left),
    objects,
    'the link is an object of one shard, and of the source',
  );
  const { error } = await runFinish(server, { source, reports: reportsOf(shards), shards: 2 });
  assert.equal(error?.code, 'ShardsNotDone');
  assert.match(
    error?.message ?? '',
    /1 object failed: "linked\.css": .*symlink leads out of the source, .*set symlinks: 'follow' or symlinks: 'skip'/,
  );
  const skipping = await putShards(server, source, 2, { symlinks: 'skip' });
  const given = { source, reports: reportsOf(skipping), shards: 2, symlinks: 'skip' } as const;
  assert.equal((await runFinish(server, given)).error, undefined);
});

test('a rule or a filter that matches only files of other jobs is not said to match nothing', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'a.html': 'a', 'b.css': 'b', 'c.css': 'c', 'd.txt': 'd' });
  const rules = [
    { match: 'a.html', cacheControl: 'no-cache' },
    { match: 'b.css', cacheControl: 'max-age=60' },
    { match: 'c.css', cacheControl: 'max-age=61' },
  ];
  const shards = await putShards(server, source, 3, { rules, exclude: ['d.txt'] });
  assert.deepEqual(
    shards.flatMap(({ error, report }) => [...report.warnings, error]),
    [undefined, undefined, undefined],
  );
});

test('a folder that cannot be read fails every shard, because nobody knows whose keys are in it', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'a.css': 'a', 'locked/b.css': 'b' });
  await whileLocked([path.join(source, 'locked')], async () => {
    const shards = await putShards(server, source, 3);
    assert.deepEqual(
      shards.map(({ report }) => report.counts.fail),
      [1, 1, 1],
    );
  });
});

test('redirects and links are checked by finish, which knows all keys', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'index.html': '<a href=/gone.css>', 'a.css': 'a' });
  const options: Options = { preset: 'site', redirects: [{ from: '/old', to: '/nowhere/' }] };
  const shards = await putShards(server, source, 2, options);
  assert.deepEqual(
    shards.flatMap(({ error, report }) => [error, ...report.warnings]),
    [undefined, undefined],
  );
  const { error } = await runFinish(server, { ...options, source, reports: reportsOf(shards), shards: 2 });
  assert.equal(error?.code, 'MissingLinks');
  assert.deepEqual(server.keys('site'), ['a.css']);
});

test('the reports may lie in the source, which is walked without them', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, PUBLIC_SITE);
  const shards = await putShards(server, source, 2);
  shards.forEach(({ report }, at) => {
    addFiles(source, { [`reports/${at}.json`]: JSON.stringify(report) });
  });
  const { error } = await runFinish(server, { source, reports: path.join(source, 'reports'), shards: 2 });
  assert.equal(error, undefined);
  assert.deepEqual(server.keys('site'), Object.keys(PUBLIC_SITE).sort());
});

test('files of the site below the folder of the reports are put, and not taken for reports', async (t) => {
  const server = await serverFor(t);
  const folder = makeTree(t, { 'dist/index.html': 'page', 'dist/data.json': '{}', 'dist/more/list.jsonl': '{}\n' });
  const source = path.join(folder, 'dist');
  const [shard] = await putShards(server, source, 1);
  addFiles(folder, { 'reports/1.json': JSON.stringify(shard?.report) });
  const { error, report } = await runFinish(server, {
    source,
    reports: folder,
    shards: 1,
    bucket: 's3://site/',
    delete: true,
  });
  assert.equal(error, undefined);
  assert.deepEqual(report.warnings, []);
  assert.deepEqual(server.keys('site'), ['data.json', 'index.html', 'more/list.jsonl']);
});

describe('shards of a copy', () => {
  const KEYS = Array.from({ length: 60 }, (_, at) => `docs/${at % 7}/${at}.txt`);

  async function seeded(t: TestContext): Promise<S3Server> {
    const server = await serverFor(t, { buckets: ['from', 'site'] });
    for (const key of KEYS) server.seed('from', key, key);
    return server;
  }

  test('are disjoint, and copy everything; by the key in the destination', async (t) => {
    const server = await seeded(t);
    const copied: string[] = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      const { error, keys, report } = await runCopy(server, {
        source: 's3://from/docs/*',
        destination: 's3://site/to',
        shard,
      });
      assert.equal(error, undefined);
      const own = keys('copy');
      for (const key of own) assert.equal(`${shardOf(key, 3)}/3`, shard);
      assert.deepEqual([report.shard?.own, report.shard?.objects, report.shard?.digest], [own.length, 60, undefined]);
      copied.push(...own);
    }
    assert.deepEqual(copied.toSorted(), KEYS.map((key) => key.replace('docs/', 'to/')).toSorted());
    assert.deepEqual(server.keys('site'), copied.toSorted());
  });

  test('look up only their own named keys, and share a limit', async (t) => {
    const server = await seeded(t);
    const named = await runCopy(server, { key: KEYS.slice(0, 20), shard: '1/4' });
    const own = KEYS.slice(0, 20).filter((key) => shardOf(key, 4) === 1);
    assert.deepEqual(named.keys('copy'), own.toSorted());
    assert.equal(named.report.heads['named by key'], own.length);
    const limited: string[] = [];
    for (const shard of ['1/2', '2/2'])
      limited.push(...(await runCopy(server, { limit: 7, shard, mode: 'stupid' })).keys('copy'));
    assert.deepEqual(limited.toSorted(), KEYS.toSorted().slice(0, 7));
  });

  test('copy versions, each in the shard of its key, and the run without a shard that deletes finds nothing else to do', async (t) => {
    const server = await serverFor(t, { buckets: ['from', 'site'] });
    server.mode({ versioning: true }, 'from');
    const names = Array.from({ length: 12 }, (_, at) => `${at} é+.txt`);
    for (const name of names) server.seed('from', name, `old ${name}`);
    const versions = names.map((key) => ({ key, versionId: server.object('from', key)?.versionId ?? '' }));
    for (const name of names) server.seed('from', name, `new ${name}`);
    const copied: string[] = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      const { error, keys } = await runCopy(server, { key: versions, shard });
      assert.equal(error, undefined);
      copied.push(...keys('copy'));
    }
    assert.deepEqual(copied.toSorted(), names.toSorted());
    for (const name of names) assert.equal(server.object('site', name)?.body.toString(), `old ${name}`);

    for (const shard of ['1/2', '2/2']) assert.equal((await runCopy(server, { shard })).error, undefined);
    server.seed('site', 'gone.txt', 'gone');
    const { error, report, keys } = await runCopy(server, { destination: 's3://site/', delete: true });
    assert.equal(error, undefined);
    assert.deepEqual([report.counts.copy, keys('delete')], [0, ['gone.txt']]);
    for (const name of names) assert.equal(server.object('site', name)?.body.toString(), `new ${name}`);
  });

  test('a shard without keys is done, and an empty source is refused as anywhere', async (t) => {
    const server = await serverFor(t, { buckets: ['from', 'site'] });
    const empty = await runCopy(server, { shard: '1/2' });
    assert.equal(empty.error?.code, 'NoFilesFound');
    server.seed('from', 'a', 'a');
    const other = await runCopy(server, { shard: `${3 - shardOf('a', 2)}/2` });
    assert.equal(other.error, undefined);
    assert.deepEqual(server.keys('site'), []);
  });

  test('delete needs a run of its own', async () => {
    const { copy } = await import('../../src/index.js');
    const places = { source: 's3://from', destination: 's3://site/', shard: '1/2' };
    assert.throws(() => copy({ ...places, delete: true }), {
      name: 'UsageError',
      message:
        'delete cannot be used with shard: a shard has only a part of the keys, and delete is about all of them.',
      hint: 'Leave delete out here, and run the copy once more with delete and without shard, after all shards.',
    });
  });
});
