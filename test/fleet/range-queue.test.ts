import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RangeJob } from '../../src/fleet/job.js';
import { Queue, Worker } from '../../src/fleet/packages.js';
import { KEY_PREFIX, QUEUE_NAME } from '../../src/fleet/queue.js';
import { rangeQueue } from '../../src/fleet/range-queue.js';
import { startRedis, withoutRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const ID = 'run-0~0123456789abcdef.1';
const RESULT = { parts: 2 };

test('a range is taken back while it waits or its worker is lost, not while one has it, nor once it has ended', {
  skip: withoutRedis,
}, async (t) => {
  const redis = await startRedis(t);
  const connection = redis.client;
  const queue = new Queue(QUEUE_NAME, { connection, prefix: KEY_PREFIX, skipVersionCheck: true });
  t.after(() => queue.close().catch(() => {}));
  const ranges = rangeQueue(queue, connection, 'run');
  const add = (): Promise<void> => ranges.add([{ id: ID, job: { kind: 'range' } as RangeJob }]);
  const isWith = async (list: string): Promise<boolean> => (await connection.lpos(queue.toKey(list), ID)) !== null;
  const resultOf = async (): Promise<unknown> => (await ranges.states([ID]))[0]?.value;

  await add();
  assert.equal(await isWith('wait'), true);
  assert.equal(await ranges.removeUnlessEnded(ID), true);
  assert.deepEqual(await ranges.states([ID]), [undefined]);
  assert.equal(await isWith('wait'), false);
  assert.equal(await ranges.removeUnlessEnded(ID), false);

  const finishes: (() => void)[] = [];
  const worker = new Worker(QUEUE_NAME, () => new Promise((done) => finishes.push(() => done(RESULT))), {
    connection: { host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null },
    prefix: KEY_PREFIX,
    skipVersionCheck: true,
  });
  worker.on('error', () => {});
  await add();
  await until(() => finishes.length === 1);
  assert.equal(await ranges.removeUnlessEnded(ID), false);
  finishes[0]?.();
  await until(async () => (await resultOf()) !== undefined);
  assert.equal(await ranges.removeUnlessEnded(ID), false);
  assert.deepEqual(await resultOf(), RESULT);
  assert.equal(await ranges.remove(ID), true);

  await add();
  await until(() => finishes.length === 2);
  await connection.del(queue.toKey(`${ID}:lock`));
  assert.equal(await isWith('active'), true);
  assert.equal(await ranges.removeUnlessEnded(ID), true);
  assert.equal(await isWith('active'), false);
  finishes[1]?.();
  await worker.close();
  assert.deepEqual(await ranges.states([ID]), [undefined]);
});
