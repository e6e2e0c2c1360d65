import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Server } from 'fake-s3';
import fc from 'fast-check';
import type { PutOptions } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { runUpdate } from '../support/headers.js';
import { runs } from '../support/runs.js';
import { makeTree } from '../support/tree.js';

const FILES: Readonly<Record<string, string | Buffer>> = {
  'app.js': 'let a = 1;\n'.repeat(60),
  'index.html': '<!doctype html>'.repeat(60),
  'latin.html': Buffer.from('caf\xe9 '.repeat(100), 'latin1'),
  LICENSE: 'licence',
  'logo.png': Buffer.from([0x89, 0x50, 0, 1, 2, 3]),
  'tiny.css': 'a{}',
};
const KEYS = Object.keys(FILES);

const MANAGED = [
  'cache-control',
  'content-disposition',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
  'x-amz-meta-a',
  'x-amz-meta-b',
];
const ALWAYS = ['content-type', 'content-encoding'];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'cache-control': ['no-cache', 'public, max-age=600'],
  'content-disposition': ['inline', 'attachment; filename="a b"'],
  'content-language': ['de', 'de, en'],
  expires: ['Thu, 01 Jan 2099 00:00:00 GMT', '0'],
  'x-amz-website-redirect-location': ['/x', 'https://example.com/'],
  'x-amz-meta-a': ['1', 'two'],
  'x-amz-meta-b': ['1'],
};

const someHeaders = (withEmpty: boolean) =>
  fc.record(
    Object.fromEntries(
      MANAGED.map((name) => [name, fc.constantFrom(...(VALUES[name] ?? []), ...(withEmpty ? [''] : []))]),
    ) as Record<string, fc.Arbitrary<string>>,
    { requiredKeys: [] },
  );

/** What lies in the bucket before. */
const stored = fc.record({
  headers: someHeaders(false),
  type: fc.constantFrom(undefined, 'text/html', 'text/html; charset=utf-8', 'TEXT/CSS', 'application/octet-stream'),
  encoding: fc.constantFrom(undefined, undefined, undefined, 'gzip', 'aws-chunked'),
  /** Of the bytes: as an earlier run has put them, compressed or not, or others, or none at all. */
  bytes: fc.constantFrom('plain', 'gzip', 'other', 'absent'),
});

const options = fc.record(
  {
    headers: someHeaders(true),
    cacheControl: fc.constantFrom('no-store', ''),
    expires: fc.constantFrom('', '2031-05-05'),
    contentType: fc.constantFrom('guess', 'text/x-own'),
    gzip: fc.constantFrom(true, false, 'all' as const),
    rules: fc.array(
      fc.record({
        match: fc.constantFrom('*.html', 'LICENSE', '*'),
        headers: someHeaders(true),
        gzip: fc.boolean(),
        optional: fc.constant(true),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['headers'] },
);

/** The names that the run manages for a file. */
function managedFor(key: string, { headers = {}, rules = [], ...others }: Partial<PutOptions>): Set<string> {
  const names = new Set([...ALWAYS, ...Object.keys(headers)]);
  if (others.cacheControl !== undefined) names.add('cache-control');
  if (others.expires !== undefined) names.add('expires');
  for (const { match, headers: own = {} } of rules)
    if (match === '*' || match === key || (match === '*.html' && key.endsWith('.html')))
      for (const name of Object.keys(own)) names.add(name);
  return names;
}

const only = (server: S3Server, key: string, wanted: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(server.object('site', key)?.headers ?? {})
      .filter(([name]) => name !== 'x-amz-meta-s3pp-md5' && wanted(name))
      .sort(),
  );

/** Content types that mean the same. */
const normal = (all: Record<string, string>): Record<string, string> => ({
  ...all,
  ...('content-type' in all && { 'content-type': all['content-type']?.toLowerCase() ?? '' }),
  ...(all['content-encoding'] === 'aws-chunked' && { 'content-encoding': '' }),
});

function withoutEmpty(all: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

test('every managed header is that of a first deploy afterwards, whatever was there before, and nothing else has changed', async (t) => {
  const source = makeTree(t, FILES);
  const modes = fc.record({
    metadataDirective: fc.constantFrom('supported' as const, 'ignored' as const),
    enforcedConditions: fc.boolean(),
    acl: fc.constantFrom('allowed' as const, 'BucketOwnerEnforced' as const),
    order: fc.constantFrom('none' as const, 'site' as const),
    compare: fc.constantFrom('content' as const, 'size' as const),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(...KEYS.map(() => stored)),
      options as fc.Arbitrary<Partial<PutOptions>>,
      modes,
      async (before, given, { order, compare, ...mode }) => {
        const [server, first, plain, zipped] = await Promise.all([1, 2, 3, 4].map(() => serverFor(t)));
        assert.ok(server && first && plain && zipped);
        try {
          await Promise.all([run(plain, { source }), run(zipped, { source, gzip: 'all' })]);
          KEYS.forEach((key, index) => {
            const { headers, type, encoding, bytes } = before[index] as NonNullable<(typeof before)[0]>;
            if (bytes === 'absent') return;
            const object = (bytes === 'gzip' ? zipped : plain).object('site', key);
            const all = {
              ...object?.headers,
              ...headers,
              ...(type !== undefined && { 'content-type': type }),
              ...(encoding !== undefined && { 'content-encoding': encoding }),
            };
            const body = bytes === 'other' ? Buffer.alloc((object?.body.length ?? 0) + 1) : (object?.body ?? '');
            server.seed('site', key, body, { headers: all as Record<string, string>, tags: { team: 'docs' } });
          });
          // A put of a new key has no condition.
          const isBound = before.every(({ bytes }) => bytes !== 'absent');
          server.mode({ ...mode, enforcedConditions: mode.enforcedConditions && isBound });
          const was = new Map(KEYS.map((key) => [key, server.object('site', key)]));
          const expected = await run(first, { source, ...given });
          const { error, outcomes, reasonOf } = await runUpdate(server, { source, ...given, order, compare });
          assert.equal(expected.error, undefined);
          assert.equal(error, undefined);
          for (const key of KEYS) {
            const managed = managedFor(key, given);
            const isManaged = (name: string) => managed.has(name);
            assert.deepEqual(
              withoutEmpty(normal(only(server, key, isManaged))),
              normal(only(first, key, isManaged)),
              `${key}: ${reasonOf(key)}`,
            );
            const old = was.get(key);
            if (
              old === undefined ||
              (reasonOf(key)?.startsWith('same') === false && reasonOf(key) !== 'headers differ')
            )
              continue;
            const others = Object.fromEntries(
              Object.entries(old.headers)
                .filter(([name]) => !isManaged(name) && name !== 'x-amz-meta-s3pp-md5')
                .sort(),
            );
            assert.deepEqual(
              only(server, key, (name) => !isManaged(name)),
              others,
              key,
            );
            assert.deepEqual(server.object('site', key)?.tags, { team: 'docs' });
          }
          assert.equal(outcomes.length, KEYS.length);
          const again = await runUpdate(server, { source, ...given, order, compare });
          assert.deepEqual([again.report.counts.skip, again.error], [KEYS.length, undefined]);
        } finally {
          await Promise.all([server, first, plain, zipped].map((one) => one.close()));
        }
      },
    ),
    runs(25),
  );
});
