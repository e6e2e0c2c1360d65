import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { killAndRerun } from '../support/kills.js';
import { noise } from '../support/parts.js';
import { makeTree } from '../support/tree.js';

const MIB = 1024 * 1024;

test('20 kills of a 200 MB file: each rerun sends only what is missing', async (t) => {
  const server = await serverFor(t);
  const size = 200e6;
  const cwd = makeTree(t, { 'big.bin': noise(size) });
  const rounds = await killAndRerun(server, cwd, { rounds: 20, size, perSecond: 40e6, partSize: 8 * MIB });
  const useful = rounds.filter(({ arrived, parts }) => arrived > 0 && arrived < parts);
  assert.ok(useful.length >= 15, JSON.stringify(rounds));
});
