import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PutItem } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';

const putsTo = (server: Awaited<ReturnType<typeof serverFor>>): readonly (string | undefined)[] =>
  server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);

test('an item that is an error fails with it, in the phase of its name, and nothing is deleted', async (t) => {
  const broken = Object.assign(new Error('not built'), { code: 'Broken' });
  const source: readonly PutItem[] = [
    { key: 'index.html', body: 'page' },
    { key: 'app.css', body: broken },
    { key: 'other.css', body: 'css' },
  ];
  for (const order of ['none', 'site'] as const) {
    const server = await serverFor(t);
    server.seed('site', 'old.css', 'old');
    const { report, error } = await run(server, { source, order, delete: true, prefix: '' });
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual(
      report.failures.map(({ key, message, code }) => [key, message, code]),
      [['app.css', 'not built', 'Broken']],
    );
    assert.ok(server.object('site', 'old.css') !== undefined);
    assert.equal(server.object('site', 'index.html') !== undefined, order === 'none');
  }
});

test('an item that is left out is not put, and its key stays', async (t) => {
  const server = await serverFor(t);
  for (const key of ['docs/kept.txt', 'docs/left.map', 'docs/never.map', 'docs/stray.txt'])
    server.seed('site', key, key);
  const settled: unknown[] = [];
  const onSettled: PutItem['onSettled'] = (...given) => void settled.push(given);
  const source: readonly PutItem[] = [
    { key: 'a.txt', body: 'a' },
    { key: 'kept.txt', body: 'new', leftOut: true, onSettled },
    { key: 'left.map', body: 'map' },
  ];
  const { report, error } = await run(server, { source, prefix: 'docs', delete: true, exclude: '*.map' });
  assert.equal(error, undefined);
  assert.deepEqual(settled, [[]]);
  // What a filter leaves out stays by its name, whether the source has it or not.
  assert.deepEqual(server.keys('site'), ['docs/a.txt', 'docs/kept.txt', 'docs/left.map', 'docs/never.map']);
  assert.equal(server.object('site', 'docs/kept.txt')?.body.toString(), 'docs/kept.txt');
  assert.deepEqual([report.strays, report.straysComplete, report.counts.delete], [1, true, 1]);
});

test('an item may name its phase, and learns that it is held until the others have settled', async (t) => {
  const server = await serverFor(t);
  const held: string[] = [];
  const item = (key: string, phase?: PutItem['phase']): PutItem => ({
    key,
    body: key,
    ...(phase !== undefined && { phase }),
    onHeld: () => {
      assert.equal(server.object('site', key), undefined);
      held.push(key);
    },
  });
  const source = [item('last.json', 'pages'), item('index.html'), item('early.html', 'assets'), item('a.css')];
  const { error } = await run(server, { source, order: 'site' });
  assert.equal(error, undefined);
  assert.deepEqual(held.sort(), ['index.html', 'last.json']);
  assert.deepEqual(putsTo(server).slice(2).sort(), ['index.html', 'last.json']);
  held.length = 0;
  await run(server, { source, mode: 'stupid' });
  assert.deepEqual(held, []);
});

test('a wrong phase fails the item, and names the right ones', async (t) => {
  const server = await serverFor(t);
  const source = [{ key: 'a', body: 'a', phase: 'last' as unknown as 'pages' }];
  const { error } = await run(server, { source });
  assert.match(error?.message ?? '', /the item "a" has the phase "last"; it must be one of: assets, data, pages/);
});
