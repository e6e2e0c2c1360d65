import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';

test('a million keys take at most 700 MiB of the memory of the embedded server', async (t) => {
  const server = await serverFor(t);
  const before = process.memoryUsage().rss;
  server.seedMany('site', 1_000_000, (i) => `dir-${i % 1_000}/file-${String(i).padStart(7, '0')}.html`, {
    size: (i) => i % 100,
  });
  assert.equal(server.keys('site').length, 1_000_000);
  const used = (process.memoryUsage().rss - before) / 1024 ** 2;
  t.diagnostic(`${used.toFixed(0)} MiB`);
  assert.ok(used < 700, `${used} MiB`);
});
