import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Mode } from 'fake-s3';
import fc from 'fast-check';
import { run, serverFor } from '../support/engine.js';
import { runs } from '../support/runs.js';
import { makeTree } from '../support/tree.js';

const bucket = (mode: Partial<S3Mode>) => ({ buckets: { site: mode } });

/** Keys on whose order UTF-8 and UTF-16 disagree, side by side with others and with each other's prefixes. */
const ASTRAL = [
  'a',
  '\uff5e',
  '\uff5ed/x',
  '\u{1f600}',
  '\u{1f600}a',
  '\u{1f600}d/x',
  'z/\uffee',
  'z/\u{10000}',
  '\ue000',
  '\ud7ff',
];

for (const order of ['utf8', 'utf16'] as const) {
  for (const pageSize of [1, 2, 3, 1000]) {
    test(`a listing in ${order} order by pages of ${pageSize} hides no key from update and add`, async (t) => {
      const server = await serverFor(t, bucket({ order, pageSize }));
      const source = makeTree(t, Object.fromEntries(ASTRAL.map((key) => [key, `of ${key}`])));
      assert.equal((await run(server, { source })).report.counts.put, ASTRAL.length);
      server.clearRequests();
      const again = await run(server, { source });
      assert.deepEqual([again.error, again.report.counts.skip], [undefined, ASTRAL.length]);
      assert.equal(server.count('PutObject'), 0);
      for (const key of ASTRAL) server.seed('site', key, 'theirs');
      // Nothing but what the listing shows may keep mode add from overwriting.
      server.mode({ conditionalWrites: 'ignored' }, 'site');
      assert.equal((await run(server, { source, mode: 'add' })).report.counts.skip, ASTRAL.length);
      for (const key of ASTRAL) assert.equal(server.object('site', key)?.body.toString(), 'theirs');
    });
  }
}

const segment = fc.string({
  unit: fc.constantFrom(...'ab.-~ !+%é', '\uff5e', '\u{1f600}'),
  minLength: 1,
  maxLength: 3,
});
const key = fc
  .array(
    segment.filter((name) => !/^\.{1,2}$/.test(name)),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join('/'));
const keys = fc.uniqueArray(key, { maxLength: 14 });

/** Trees have no file where another key needs a directory. */
function asFiles(all: readonly string[]): Record<string, string> {
  const files = all.filter((one) => !all.some((other) => other.startsWith(`${one}/`)));
  return Object.fromEntries(files.map((one) => [one, `of ${one}`]));
}

test('whatever the keys, order and page size, a second run sends nothing and no key is overwritten by add', async (t) => {
  const options = fc.record({
    local: keys,
    foreign: keys,
    prefix: fc.constantFrom('', 'p', 'p q/\uff5e'),
    order: fc.constantFrom('utf8', 'utf16'),
    pageSize: fc.constantFrom(1, 2, 3, 7, 1000),
  });
  await fc.assert(
    fc.asyncProperty(options, async ({ local, foreign, prefix, order, pageSize }) => {
      const files = asFiles(local);
      const count = Object.keys(files).length;
      const server = await serverFor(t, bucket({ order, pageSize, conditionalWrites: 'ignored' }));
      const source = makeTree(t, files);
      const at = (one: string) => (prefix === '' ? one : `${prefix}/${one}`);
      for (const one of foreign) server.seed('site', at(one), 'theirs');
      const given = { source, prefix, ifNoFilesFound: 'ignore' } as const;
      const added = await run(server, { ...given, mode: 'add' });
      assert.equal(added.error, undefined);
      for (const one of foreign) assert.equal(server.object('site', at(one))?.body.toString(), 'theirs', one);
      assert.equal((await run(server, given)).error, undefined);
      for (const [one, body] of Object.entries(files))
        assert.equal(server.object('site', at(one))?.body.toString(), body);
      server.clearRequests();
      const { error, report } = await run(server, given);
      assert.deepEqual([error, report.counts.skip, server.count('PutObject')], [undefined, count, 0]);
      for (const { query } of server.requests) {
        const { 'start-after': start = '', prefix: listed = '' } = query;
        assert.ok(start === '' || start.startsWith(listed), `${start} is outside of ${listed}`);
      }
      await server.close();
    }),
    runs(8),
  );
});
