import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SLOW_MS } from '../../../../src/s3/http/http-client.js';
import { type End, type LineOptions, SimulatedLine, type SimulatedRequest } from '../../../support/line-simulation.js';
import { runs } from '../../../support/runs.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const MBIT = 125;
const HOUR = 3_600_000;

/** Sends bodies over a line that was not measured yet, and returns how they ended. */
async function endsOf(options: LineOptions, count: number, bytes: number) {
  const line = new SimulatedLine(options);
  for (let i = 0; i < count; i++) line.send(bytes);
  const ends = await line.run(HOUR);
  const codes = new Set(ends.map((end) => end?.code ?? 'nothing'));
  const times = ends.map((end) => (end?.at ?? Number.POSITIVE_INFINITY) / 1_000);
  return { codes: [...codes], first: Math.min(...times), last: Math.max(...times) };
}

const endOf = ({ end }: SimulatedRequest): End | undefined => end;

const DEAD: LineOptions = { rate: 0 };
const FAST_AND_SILENT: LineOptions = { rate: 1_000 * MBIT };
const GIVEN_UP: readonly (readonly [
  what: string,
  options: LineOptions,
  count: number,
  bytes: number,
  code: string,
  from: number,
  to: number,
])[] = [
  ['one body of 15 MiB stalls', DEAD, 1, 15 * MIB, 'StalledSend', 10, 12],
  ['one body of 4.5 MiB stalls', DEAD, 1, 4.5 * MIB, 'StalledSend', 10, 12],
  ['64 bodies of 15 MiB stall', DEAD, 64, 15 * MIB, 'StalledSend', 10, 41],
  ['64 bodies stall that the system has accepted', DEAD, 64, 100 * KIB, 'SilentServer', 30, 62],
  ['a body stalls without send queues', { ...DEAD, blind: true }, 1, 15 * MIB, 'StalledSend', 10, 13],
  ['64 bodies stall without send queues', { ...DEAD, blind: true }, 64, 15 * MIB, 'StalledSend', 10, 41],
  ['a server reads 15 MiB and is silent', FAST_AND_SILENT, 1, 15 * MIB, 'SilentServer', 30, 33],
  ['a server reads 8 KiB and is silent', FAST_AND_SILENT, 1, 8 * KIB, 'SilentServer', 30, 31],
  ['a server reads 64 small bodies and is silent', FAST_AND_SILENT, 64, 8 * KIB, 'SilentServer', 30, 36],
  ['a server reads 16 parts and is silent', FAST_AND_SILENT, 16, 15 * MIB, 'SilentServer', 30, 66],
  ['a server reads 64 bodies and is silent', FAST_AND_SILENT, 64, 100 * KIB, 'SilentServer', 30, 62],
];

for (const [what, options, count, bytes, code, from, to] of GIVEN_UP)
  test(`from the first request on: ${what}, and fails after ${from} s to ${to} s`, async () => {
    const { codes, first, last } = await endsOf(options, count, bytes);
    assert.deepEqual(codes, [code]);
    assert.ok(first >= from && last <= to, `${first} s to ${last} s`);
  });

const SLOW: readonly (readonly [count: number, bytes: number])[] = [
  [20, 400_000],
  [64, 100_000],
  [1, 8 * MIB],
  [4, 8 * MIB],
  [64, MIB],
];
for (const [count, bytes] of SLOW)
  for (const [kernelBytes, chunk] of [
    // A line that moves packets, and a proxy on this machine.
    [64 * KIB, 3 * KIB],
    [4 * MIB, 64 * KIB],
  ] as const)
    test(`${count} bodies of ${bytes} bytes pass over 1 Mbit/s if the system accepts ${kernelBytes} of each`, async () => {
      const line = { rate: MBIT, kernelBytes, chunk, latencyMs: 100 };
      assert.deepEqual((await endsOf(line, count, bytes)).codes, ['answered']);
    });

for (const [count, bytes] of SLOW.slice(0, 2))
  test(`${count} bodies of ${bytes} bytes pass over 1 Mbit/s if the system accepts 128 KiB and provides no send queues`, async () => {
    const line = { rate: MBIT, kernelBytes: 128 * KIB, proxyBytes: 0, latencyMs: 100, blind: true };
    assert.deepEqual((await endsOf(line, count, bytes)).codes, ['answered']);
  });

test('bodies pass over a live line of at least 1 Mbit/s, however it is shared', async () => {
  const lines = fc
    .record({
      rate: fc.integer({ min: MBIT, max: 100 * MBIT }),
      count: fc.integer({ min: 1, max: 64 }),
      bytes: fc.oneof(fc.integer({ min: 1, max: 400 * KIB }), fc.integer({ min: 1, max: 8 * MIB })),
      kernelBytes: fc.integer({ min: 64 * KIB, max: 4 * MIB }),
      proxyBytes: fc.integer({ min: 0, max: 256 * KIB }),
      chunk: fc.integer({ min: 1 * KIB, max: 64 * KIB }),
      latencyMs: fc.integer({ min: 1, max: 3_000 }),
    })
    // A slow connection has at least 10 packets of its 64 KiB buffer in transit at once, and they are acknowledged one by one.
    .map((line) => ({ ...line, chunk: Math.min(line.chunk, line.kernelBytes / 4) }))
    // Bytes that proxies hold for longer than the patience for a response cannot be distinguished from silence.
    .filter(({ count, proxyBytes, bytes, rate }) => (count * Math.min(proxyBytes, bytes)) / rate < 27_000)
    .filter(({ count, bytes, rate }) => (count * bytes) / rate < 600_000);
  await fc.assert(
    fc.asyncProperty(lines, async ({ count, bytes, ...options }) => {
      assert.deepEqual((await endsOf(options, count, bytes)).codes, ['answered']);
    }),
    runs(40),
  );
});

test('requests on a line that dies in the middle fail in a bounded time', async () => {
  const lines = fc.record({
    rate: fc.integer({ min: MBIT, max: 1_000 * MBIT }),
    count: fc.integer({ min: 1, max: 32 }),
    bytes: fc.integer({ min: 1, max: 16 * MIB }),
    afterMs: fc.integer({ min: 0, max: 20_000 }),
  });
  await fc.assert(
    fc.asyncProperty(lines, async ({ rate, count, bytes, afterMs }) => {
      const line = new SimulatedLine({ rate, latencyMs: 100 });
      for (let i = 0; i < count; i++) line.send(bytes);
      await line.run(afterMs);
      const died = line.now;
      const living = line.requests.filter((request) => endOf(request) === undefined);
      for (const request of living) request.dead = true;
      await line.run(HOUR);
      for (const { end } of living) {
        assert.ok(end !== undefined && end.code !== 'answered');
        assert.ok(end.at - died <= 121_000, `${end.at - died}`);
      }
    }),
    runs(30),
  );
});

for (const rate of [10 * MBIT, 1_000 * MBIT])
  test(`one dead connection among live ones at ${rate / MBIT} Mbit/s fails, and the others succeed`, async () => {
    const line = new SimulatedLine({ rate, latencyMs: 20 });
    const dead = line.send(15 * MIB);
    dead.dead = true;
    for (let round = 0; round < 300 && dead.end === undefined; round++) {
      while (line.requests.filter(({ end }) => end === undefined).length < 8) line.send(2 * MIB);
      await line.run(250);
    }
    assert.equal(dead.end?.code, 'StalledSend');
    // 8 slices of others take 0.9 s at 10 Mbit/s; the rate may be measured three times too high.
    assert.ok(dead.end.at >= 10_000 && dead.end.at <= 13_500, `${dead.end.at}`);
    await line.run(HOUR);
    for (const one of line.requests) if (one !== dead) assert.equal(one.end?.code, 'answered');
  });

test('after quick responses a silent server has 30 s and no more', async () => {
  const line = new SimulatedLine({ rate: 1_000 * MBIT, latencyMs: 20 });
  for (let i = 0; i < 64; i++) line.send(100 * KIB);
  await line.run(HOUR);
  line.options = { ...line.options, latencyMs: undefined };
  const from = line.now;
  const silent = Array.from({ length: 64 }, () => line.send(100 * KIB));
  await line.run(HOUR);
  for (const { end } of silent) assert.ok(end?.code === 'SilentServer' && end.at - from <= 32_000, `${end?.at}`);
});

test('a slow source is no stall, and its next slice has the full patience', async () => {
  const line = new SimulatedLine(DEAD);
  const request = line.send(15 * MIB);
  request.phase = 'reading';
  await line.run(HOUR);
  assert.equal(endOf(request), undefined);
  request.phase = 'sending';
  request.progressAt = line.now;
  const from = line.now;
  await line.run(HOUR);
  assert.ok(request.end !== undefined && request.end.at - from >= 10_000 && request.end.at - from <= 12_000);
});

test('a copy may take its 15 minutes', async () => {
  const line = new SimulatedLine(FAST_AND_SILENT);
  const copy = line.send(0, SLOW_MS);
  await line.run(SLOW_MS - 1_000);
  assert.equal(endOf(copy), undefined);
  await line.run(HOUR);
  assert.equal(copy.end?.code, 'SilentServer');
});

test('a connection that is not established in time fails', async () => {
  const line = new SimulatedLine(DEAD);
  const request = line.send(15 * MIB);
  request.phase = 'connecting';
  const check = line.watchdog.check.bind(line.watchdog);
  line.now = 9_999;
  await check();
  assert.equal(endOf(request), undefined);
  line.now = 10_000;
  await check();
  assert.equal(request.end?.code, 'ConnectTimeout');
});

test('a hanging read of the send queues does not delay the failure', async () => {
  const line = new SimulatedLine({ ...DEAD, hangs: true });
  const request = line.send(15 * MIB);
  line.now = 5_000;
  void line.watchdog.check();
  line.now = 12_000;
  await line.watchdog.check();
  assert.equal(request.end?.code, 'StalledSend');
});
