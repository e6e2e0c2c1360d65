import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCopy } from '../../src/copy.js';
import { copyServer, seed } from '../support/copies.js';
import { connection, follow, IMPATIENT } from '../support/engine.js';
import { ROLE, s3ControlFor } from '../support/fake-s3-control.js';

const MANY = 100_000;
const ODD = ['a b', 'a+b', 'a,b', 'a"b', 'ä/ö', '雪', '🦊', "it's(!)*~", 'x&y<z>', 'line\nbreak', 'a//b', '100%'];

/** Every tenth key has a character that a manifest, a report or a listing may spoil. */
const keyOf = (index: number): string =>
  `objects/${index % 10 === 0 ? ODD[(index / 10) % ODD.length] : 'plain'}/${String(index).padStart(6, '0')}`;

for (const versioning of [false, true])
  test(`${MANY} objects are copied by one job${versioning ? ', by their versions' : ''}, odd keys among them`, async (t) => {
    const server = await copyServer(t, { from: { versioning } });
    const failing = new Set([keyOf(7), keyOf(10), keyOf(99_990)]);
    const control = await s3ControlFor(t, server, {
      tasksAtOnce: 10_000,
      onTask: (key) => (failing.has(key) ? 'InternalError' : undefined),
    });
    for (let index = 0; index < MANY; index++) seed(server, keyOf(index), `content ${index}`);
    const options = {
      source: 's3://from',
      destination: 's3://site/backup',
      batchOperations: true,
      batchRole: ROLE,
      ...connection(server),
    };
    const { report, error, outcomes } = await follow((onEvent) => startCopy({ ...options, onEvent }, IMPATIENT));
    assert.equal(error, undefined);
    assert.equal(control.jobs.length, 1);
    assert.equal(control.jobs[0]?.tasks.length, MANY);
    assert.equal(report.counts.copy, MANY);
    assert.equal(new Set(outcomes.map(({ key }) => key)).size, MANY);
    assert.equal(outcomes.filter(({ way }) => !/by S3 Batch Operations/.test(way ?? '')).length, failing.size);
    for (let index = 0; index < MANY; index++) {
      const copy = server.object('site', `backup/${keyOf(index)}`);
      if (copy?.body.toString() !== `content ${index}`) assert.fail(keyOf(index));
    }
    if (versioning) assert.ok(control.jobs[0]?.tasks.every(({ versionId }) => versionId !== undefined));
  });
