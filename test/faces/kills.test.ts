import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { killAndRerun } from '../support/kills.js';
import { noise } from '../support/parts.js';
import { makeTree } from '../support/tree.js';

const MIB = 1024 * 1024;

for (const threads of [1, 2])
  test(`a process with ${threads} thread(s) that is killed at a random moment loses no part that was stored`, async (t) => {
    const server = await serverFor(t);
    const size = 40 * MIB + 5;
    const cwd = makeTree(t, { 'big.bin': noise(size) });
    const kills = { rounds: 3, size, perSecond: 60 * MIB, partSize: 5 * MIB, threads };
    const rounds = await killAndRerun(server, cwd, kills);
    const useful = rounds.filter(({ arrived, parts }) => arrived > 0 && arrived < parts);
    assert.ok(useful.length >= 2, JSON.stringify(rounds));
  });
