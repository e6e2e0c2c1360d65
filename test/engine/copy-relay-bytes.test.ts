import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KIB, runInOrder, seed, twoServers } from '../support/copies.js';
import { noise, PART } from '../support/parts.js';

const BIG = noise(10 * KIB);
const THREE = [4 * KIB, 4 * KIB, 2 * KIB];

for (const [name, options] of [
  ['one piece', {}],
  ['parts', { partSizes: THREE }],
] as const) {
  test(`bytes that were changed on their way are read again (${name})`, async (t) => {
    const { source, dest, options: reach } = await twoServers(t);
    seed(source, 'big', BIG, options);
    source.fault({ verb: 'GetObject', occurrences: 1, type: 'wrong-body' });
    const ran = await runInOrder(dest, reach);
    assert.equal(ran.error, undefined);
    assert.ok(dest.object('site', 'big')?.body.equals(BIG));
    assert.deepEqual(dest.uploads('site'), []);
  });

  test(`bytes that are changed whenever they are read make no object, and fail by name (${name})`, async (t) => {
    const { source, dest, options: reach } = await twoServers(t);
    seed(source, 'big', BIG, options);
    seed(source, 'sound', 'sound');
    source.fault({ verb: 'GetObject', occurrences: 'all', key: 'big', type: 'wrong-body' });
    const ran = await runInOrder(dest, reach);
    assert.deepEqual([ran.keys('fail'), ran.keys('copy')], [['big'], ['sound']]);
    assert.equal(ran.report.failures[0]?.code, 'ETagMismatch');
    assert.deepEqual([dest.keys('site'), dest.uploads('site')], [['sound'], []]);
  });
}

test('an answer that ends too early is read again', async (t) => {
  for (const of of [{}, { partSizes: THREE }]) {
    const { source, dest, options } = await twoServers(t);
    seed(source, 'big', BIG, of);
    source.fault({ verb: 'GetObject', occurrences: [1, 2], type: 'truncate' });
    const ran = await runInOrder(dest, options);
    assert.equal(ran.error, undefined);
    assert.ok(dest.object('site', 'big')?.body.equals(BIG));
    assert.ok(ran.report.retries >= 2);
  }
});

test('little memory is enough for many relayed objects and parts, which then wait for it', async (t) => {
  const { source, dest, options } = await twoServers(t);
  for (let n = 0; n < 6; n++) {
    seed(source, `whole-${n}`, noise(PART, n + 1));
    seed(source, `parts-${n}`, noise(2 * PART, n + 20), { partSizes: [PART, PART] });
  }
  const ran = await runInOrder(dest, { ...options, memory: 4 * PART, concurrency: 64 });
  assert.equal(ran.error, undefined);
  assert.ok(source.peak <= 4, `${source.peak} at once`);
  for (const key of source.keys('from')) assert.equal(dest.object('site', key)?.etag, source.object('from', key)?.etag);
});
