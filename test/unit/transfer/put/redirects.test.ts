import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bucket } from '../../../../src/s3/bucket.js';
import { PROFILES, profileFinder } from '../../../../src/s3/endpoint-profile.js';
import type { Entry } from '../../../../src/source/types.js';
import { redirectHeaders } from '../../../../src/transfer/put/redirects.js';

const LOCATION = 'x-amz-website-redirect-location';
const MARK = 'x-amz-meta-s3pp-redirect';
const ENTRY = { kind: 'entry', key: 'old', redirect: '/new' } as Entry;
const LOST = [{ name: LOCATION, to: '/new' }] as const;

function headersFor(redirects: boolean | 'unknown') {
  const warnings: string[] = [];
  const bucket = { name: 'site', facts: () => ({ redirects }) } as unknown as Bucket;
  return { warnings, ...redirectHeaders({ warn: (code: string) => warnings.push(code) }, bucket) };
}

function sent(redirects: boolean | 'unknown', entry: Entry = ENTRY): Record<string, string> {
  const headers = { 'content-encoding': 'gzip', [LOCATION]: '/new' };
  headersFor(redirects).complete(entry, headers);
  return headers;
}

test('only a server of which it is unknown whether it keeps redirects gets a mark, and none gets an encoding', () => {
  assert.deepEqual(Object.keys(sent(true)), [LOCATION]);
  assert.deepEqual(Object.keys(sent(false)), [LOCATION]);
  assert.deepEqual(Object.keys(sent('unknown')), [LOCATION, MARK]);
  assert.deepEqual(sent('unknown', { ...ENTRY, redirect: '/other' })[MARK] === sent('unknown')[MARK], false);
});

test('entries that are no redirects stay as they are', () => {
  const { redirect: _, ...file } = ENTRY;
  assert.deepEqual(sent('unknown', file), { 'content-encoding': 'gzip', [LOCATION]: '/new' });
  assert.equal(headersFor(false).possible(file, LOST, {}), LOST);
});

test('a lost header is set again, unless the server does not keep it', () => {
  const mark = { [MARK]: sent('unknown')[MARK] };
  for (const [redirects, stored, changes, warned] of [
    [true, {}, LOST, 0],
    [true, mark, LOST, 0],
    ['unknown', {}, LOST, 0],
    ['unknown', { [MARK]: 'of another key' }, LOST, 0],
    ['unknown', mark, [], 1],
    [false, {}, [], 1],
  ] as const) {
    const { possible, warnings } = headersFor(redirects);
    assert.deepEqual(possible(ENTRY, LOST, stored), changes);
    assert.equal(warnings.length, warned);
  }
});

test('a header with another value is set again on each server, and the mark alone is no change', () => {
  const other = [{ name: LOCATION, from: '/x', to: '/new' }];
  for (const redirects of [true, false, 'unknown'] as const) {
    assert.deepEqual(headersFor(redirects).possible(ENTRY, other, {}), other);
    assert.deepEqual(headersFor(redirects).possible(ENTRY, [{ name: MARK, to: 'x' }], {}), []);
  }
});

test('only the host shows that redirects are kept', () => {
  assert.equal(profileFinder('site.s3.eu-west-1.amazonaws.com').current.redirects, true);
  const named = profileFinder('127.0.0.1:9000');
  named.learn('AmazonS3');
  assert.deepEqual([named.current, named.current.redirects], [PROFILES.aws, 'unknown']);
});
