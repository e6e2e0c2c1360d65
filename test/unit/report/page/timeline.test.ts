import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeline } from '../../../../src/report/page/timeline.js';

test('requests are counted by when they ended and what the answer was', () => {
  const requests = timeline();
  requests.phase('plan', 0);
  requests.request(200, 1);
  requests.request(404, 5);
  requests.request(503, 12);
  requests.request(undefined, 12);
  requests.request(403, 12);
  assert.deepEqual(requests.ended(), {
    bucketMs: 10,
    buckets: [
      { ok: 2, throttled: 0, failed: 0 },
      { ok: 0, throttled: 1, failed: 2 },
    ],
    phases: [{ phase: 'plan', at: 0 }],
  });
});

test('spans grow with the run, and no request is lost', () => {
  const requests = timeline();
  for (let at = 0; at < 100_000; at += 100) requests.request(at % 300 === 0 ? 429 : 200, at);
  requests.request(200, 10_000_000);
  const { buckets, bucketMs } = requests.ended();
  assert.ok(buckets.length <= 120 && buckets.length * bucketMs >= 10_000_000);
  assert.equal(
    buckets.reduce((sum, { ok, throttled }) => sum + ok + throttled, 0),
    1_001,
  );
  assert.equal(
    buckets.reduce((sum, { throttled }) => sum + throttled, 0),
    334,
  );
});
