import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  headerChanges,
  headersOfReplacement,
  headersOfUpdate,
  keptHeaders,
  type WantedHeaders,
} from '../../../src/encode/header-changes.js';

const TYPE = 'text/html; charset=utf-8';

function wanted(
  headers: Readonly<Record<string, string>> = {},
  removed: readonly string[] = [],
  compressedBy?: 'gzip',
): WantedHeaders {
  return { headers: { 'content-type': TYPE, ...headers }, removed, compressedBy };
}

const changed = (of: WantedHeaders, stored: Readonly<Record<string, string>>): string[] =>
  headerChanges(of, { 'content-type': TYPE, ...stored }).map(
    ({ name, from = '-', to = '-' }) => `${name}: ${from} > ${to}`,
  );

test('managed are the type and the encoding, and what the run names', () => {
  const cases: readonly (readonly [WantedHeaders, Readonly<Record<string, string>>, readonly string[]])[] = [
    [wanted(), {}, []],
    [wanted(), { 'cache-control': 'no-cache', expires: '0', 'x-amz-meta-a': 'b' }, []],
    [wanted({ 'cache-control': 'no-cache' }), { 'cache-control': 'no-cache' }, []],
    [wanted({ 'cache-control': 'no-cache' }), {}, ['cache-control: - > no-cache']],
    [wanted({ 'cache-control': 'a' }), { 'cache-control': 'b' }, ['cache-control: b > a']],
    [wanted({}, ['cache-control']), { 'cache-control': 'b' }, ['cache-control: b > -']],
    [wanted({}, ['cache-control', 'x-amz-meta-a']), {}, []],
    [wanted({}, ['x-amz-meta-a']), { 'x-amz-meta-a': '' }, ['x-amz-meta-a:  > -']],
    [wanted({}, ['expires']), { expires: '' }, []],
    [wanted({ 'x-amz-meta-b': '1', 'x-amz-meta-a': '2' }), {}, ['x-amz-meta-a: - > 2', 'x-amz-meta-b: - > 1']],
    [wanted({ 'x-amz-website-redirect-location': '/x' }), {}, ['x-amz-website-redirect-location: - > /x']],
    // None of them is a header that objects show, or that may be set again without the bytes.
    [wanted({ 'x-amz-acl': 'public-read', 'x-amz-storage-class': 'STANDARD_IA', 'x-amz-tagging': 'a=b' }), {}, []],
    [wanted(), { 'content-type': 'text/html' }, [`content-type: text/html > ${TYPE}`]],
    [wanted(), { 'content-type': 'TEXT/html;Charset="UTF-8"' }, []],
    [wanted(), { 'content-type': 'text/html ;charset=utf-8;' }, []],
    [wanted({ 'content-type': 'a/b; x="Q"' }), { 'content-type': 'a/b;x=Q' }, []],
    [wanted({ 'content-type': 'a/b; x=Q' }), { 'content-type': 'a/b;x=q' }, ['content-type: a/b;x=q > a/b; x=Q']],
    [wanted({ expires: 'Sun, 06 Nov 1994 08:49:37 GMT' }), { expires: '1994-11-06T08:49:37Z' }, []],
    [wanted({ expires: 'Sun, 06 Nov 1994 08:49:37 GMT' }), { expires: 'Sunday, 06-Nov-94 08:49:37 GMT' }, []],
    [wanted({ expires: '0' }), { expires: '-1' }, ['expires: -1 > 0']],
    [wanted(), { 'content-encoding': 'aws-chunked' }, []],
    [wanted({}, [], 'gzip'), { 'content-encoding': 'GZIP,aws-chunked' }, []],
    [wanted({ 'content-encoding': 'br, gzip' }), { 'content-encoding': 'br,gzip' }, []],
    [wanted({}, [], 'gzip'), {}, ['content-encoding: - > gzip']],
    [wanted(), { 'content-encoding': 'gzip' }, ['content-encoding: gzip > -']],
    [wanted({ 'x-amz-meta-s3pp-md5': 'x' }), {}, []],
  ];
  for (const [of, stored, expected] of cases)
    assert.deepEqual(changed(of, stored), expected, JSON.stringify([of, stored]));
});

test('a copy gets the ACL of the run instead of that of the object', () => {
  const facts = { key: 'a', kept: {}, grants: { 'x-amz-grant-read': 'id="a"' }, now: 0 };
  assert.deepEqual(headersOfUpdate({ ...facts, wanted: wanted() }), {
    'content-type': TYPE,
    'x-amz-grant-read': 'id="a"',
    'x-amz-metadata-directive': 'REPLACE',
  });
  const own = headersOfUpdate({ ...facts, wanted: wanted({ 'x-amz-acl': 'private' }) });
  assert.deepEqual([own['x-amz-acl'], own['x-amz-grant-read']], ['private', undefined]);
});

const NAMES = [
  'cache-control',
  'content-disposition',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
  'x-amz-meta-a',
  'x-amz-meta-b',
];
const headers = fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom('a', 'b', 'Thu, 01 Jan 1970 00:00:00 GMT'), {
  noNullPrototype: true,
});
const stored = fc.record({
  headers,
  type: fc.constantFrom(TYPE, 'text/html', 'TEXT/HTML; charset=UTF-8'),
  encoding: fc.constantFrom(undefined, 'aws-chunked'),
});
const given = fc.record({ headers, removed: fc.subarray(NAMES) });

/** What a server keeps of the headers of a request. */
const kept = (sent: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sent).filter(([name]) => NAMES.includes(name) || name.startsWith('content-')));

test('after the whole set is written nothing differs any more, and nothing else has changed', () => {
  fc.assert(
    fc.property(stored, given, fc.boolean(), (old, run, byPut) => {
      const names = run.removed.filter((name) => !(name in run.headers));
      const of = wanted(run.headers, names);
      const before = {
        ...old.headers,
        'content-type': old.type,
        ...(old.encoding && { 'content-encoding': old.encoding }),
      };
      const facts = { key: 'a.html', wanted: of, kept: keptHeaders(before), grants: {}, now: 0 };
      const sent = byPut ? headersOfReplacement(facts, 'put') : headersOfUpdate(facts);
      for (const value of Object.values(sent)) assert.notEqual(value, '');
      const after = kept(sent);
      assert.deepEqual(headerChanges(of, after), []);
      const unmanaged = (all: Readonly<Record<string, string>>) =>
        Object.entries(all)
          .filter(([name]) => NAMES.includes(name) && !(name in run.headers) && !names.includes(name))
          .sort();
      assert.deepEqual(unmanaged(after), unmanaged(before));
    }),
  );
});
