import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyBuffers } from '../../../src/run/body-buffers.js';
import { runs } from '../../support/runs.js';

const MIB = 1024 * 1024;

test('a buffer is used again once the system has copied its bytes and its use has ended', () => {
  const buffers = bodyBuffers();
  const first = buffers.take(200_000);
  buffers.accepted(first.subarray(0, 100));
  buffers.end(first.subarray(0, 200_000));
  assert.equal(buffers.spareBytes, first.length);
  assert.equal(buffers.take(150_000), first);
  assert.equal(buffers.spareBytes, 0);
});

test('short and empty bodies share buffers of one size', () => {
  const buffers = bodyBuffers();
  for (const length of [0, 1, 64, 65, 4096, 8192, 8256]) {
    const bytes = buffers.take(length);
    assert.ok(bytes.length >= length);
    buffers.accepted(bytes);
    buffers.end(bytes);
    assert.equal(buffers.spareBytes, 8256);
  }
});

test('a buffer whose bytes may still be read is not used again', () => {
  const buffers = bodyBuffers();
  const [unsent, dropped] = [buffers.take(200_000), buffers.take(200_000)];
  buffers.end(unsent);
  buffers.accepted(dropped);
  buffers.drop(dropped);
  buffers.end(dropped);
  assert.equal(buffers.spareBytes, 0);
  assert.ok(![unsent, dropped].includes(buffers.take(200_000)));
});

test('a buffer that is used again needs to be accepted again', () => {
  const buffers = bodyBuffers();
  const first = buffers.take(200_000);
  buffers.accepted(first);
  buffers.end(first);
  buffers.end(buffers.take(200_000));
  assert.equal(buffers.spareBytes, 0);
});

test('a second end, and bodies from elsewhere, change nothing', () => {
  const buffers = bodyBuffers();
  const first = buffers.take(200_000);
  buffers.accepted(first);
  buffers.end(first);
  buffers.end(first);
  buffers.accepted(Buffer.alloc(200_000));
  buffers.end(Buffer.alloc(200_000));
  assert.equal(buffers.spareBytes, first.length);
  assert.notEqual(buffers.take(200_000), buffers.take(200_000));
});

test('every buffer is long enough, no two in use share memory, and no more is kept than allowed', () => {
  const step = fc.record({ length: fc.integer({ min: 0, max: 9 * MIB }), ends: fc.nat(20), accepted: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 6 * MIB }), (steps, most) => {
      const buffers = bodyBuffers(most);
      const inUse: Buffer[] = [];
      for (const { length, ends, accepted } of steps) {
        const taken = buffers.take(length);
        assert.ok(taken.length >= length);
        // Short ones may be slices of one memory, but never of a pooled one.
        if (length > MIB) assert.ok(inUse.every((other) => other.buffer !== taken.buffer));
        inUse.push(taken);
        const [ended] = inUse.splice(ends, 1);
        if (ended !== undefined && accepted) buffers.accepted(ended);
        if (ended !== undefined) buffers.end(ended);
        assert.ok(buffers.spareBytes <= most);
      }
    }),
    runs(50),
  );
});
