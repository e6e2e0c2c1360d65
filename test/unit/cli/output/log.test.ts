import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { eventEntry, isLogged, logLine, openLog, outcomeEntry } from '../../../../src/cli/output/log.js';
import { renderOptionNames } from '../../../../src/options/names.js';
import { LOG_LEVELS } from '../../../../src/options/types.js';
import { msg, warning } from '../../../../src/report/message.js';
import { originsOfPut } from '../../../../src/report/origin.js';
import type { Outcome, RunEvent } from '../../../../src/report/types.js';

const OUTCOME: Outcome = {
  action: 'put',
  reason: 'new',
  origin: 'd/a',
  key: 'a',
  bytes: 3,
  sourceBytes: 3,
  verified: 'md5',
  attempts: 1,
  durationMs: 1,
};
const SHOWN = { dryRun: false, origins: originsOfPut(['d'], '') };

test('each level holds those before it', () => {
  const held = LOG_LEVELS.map((wanted) => LOG_LEVELS.filter((level) => isLogged(level, wanted)).length);
  assert.deepEqual(held, [1, 2, 3, 4]);
});

test('a line has time, level and text, and stays one line whatever that holds', () => {
  const now = new Date(Date.UTC(2026, 0, 31, 12));
  assert.equal(logLine({ level: 'info', text: 'a → b' }, now), '2026-01-31T12:00:00.000Z info a → b');
  assert.equal(logLine({ level: 'info', text: 'a\nb\u001b[2J' }, now), '2026-01-31T12:00:00.000Z info a\\nb\\x1b[2J');
});

test('outcomes are logged at their level, with their hints', () => {
  assert.deepEqual(outcomeEntry(OUTCOME, SHOWN), { level: 'info', text: 'uploaded a (new, 3 B)' });
  assert.equal(outcomeEntry({ ...OUTCOME, action: 'copy' }, SHOWN).level, 'info');
  assert.equal(outcomeEntry({ ...OUTCOME, action: 'skip' }, SHOWN).level, 'debug');
  const headerChanges = [
    { name: 'expires', from: '0' },
    { name: 'cache-control', to: 'no-cache' },
  ] as const;
  const changed = { ...OUTCOME, action: 'metadata', reason: 'headers differ', headerChanges } as const;
  assert.deepEqual(outcomeEntry(changed, { ...SHOWN, verbose: true }), {
    level: 'info',
    text: 'changed the headers of a (expires: 0 → (none); cache-control: (none) → no-cache)',
  });
  const error = Object.assign(new Error('no'), { hint: 'Do.' });
  assert.deepEqual(outcomeEntry({ ...OUTCOME, action: 'fail', key: 'a\nb', error }, SHOWN), {
    level: 'error',
    text: 'failed a\\nb from d/a: no (Do.)',
  });
});

test('warnings are logged as such, and requests, retries and throttles as debug lines', () => {
  const key = 'k';
  const rows: readonly (readonly [RunEvent, string | undefined])[] = [
    [{ type: 'start', from: ['d'], to: 's3://b', dryRun: true }, 'info: Dry run: d → s3://b'],
    [warning('c', msg`Set {region}.`), 'warning: Set --region.'],
    [{ type: 'request', verb: 'PutObject', key, status: 200, durationMs: 1.6 }, 'debug: PutObject k: 200 in 2 ms'],
    [
      { type: 'request', verb: 'ListObjectsV2', key: undefined, status: undefined, durationMs: 9 },
      'debug: ListObjectsV2: no answer in 9 ms',
    ],
    [
      { type: 'retry', verb: 'PutObject', key, attempt: 1, delayMs: 50, error: new Error('reset') },
      'debug: PutObject k: again after try 1, in 50 ms: reset',
    ],
    [{ type: 'throttle', verb: 'PutObject', key }, 'debug: PutObject k: asked to slow down'],
    [{ type: 'phase', phase: 'transfer' }, undefined],
  ];
  for (const [event, expected] of rows) {
    const entry = eventEntry(event, (text) => renderOptionNames(text, 'cli'));
    assert.equal(entry && `${entry.level}: ${entry.text}`, expected);
  }
});

test('a log is appended to its file, or goes to stderr', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 's3pp-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'log');
  writeFileSync(file, 'before\n');
  const stderr = new PassThrough();
  const log = openLog({ file, level: 'info' }, stderr);
  await log.add({ level: 'info', text: 'one' });
  await log.add({ level: 'debug', text: 'two' });
  await log.add(undefined);
  assert.equal(await log.close(), undefined);
  assert.match(readFileSync(file, 'utf8'), /^before\n\S+Z info one\n$/);
  const shown = openLog({ file: undefined, level: 'debug' }, stderr);
  shown.add({ level: 'debug', text: 'three' });
  assert.equal(await shown.close(), undefined);
  assert.match(String(stderr.read()), /Z debug three\n$/);
  assert.throws(() => openLog({ file: join(folder, 'no', 'log'), level: 'info' }, stderr), {
    name: 'UsageError',
    message: /cannot be opened \(ENOENT\)/,
  });
});

test('a log that cannot be written reports the error at its end', { skip: !existsSync('/dev/full') }, async () => {
  const log = openLog({ file: '/dev/full', level: 'info' }, new PassThrough());
  await log.add({ level: 'info', text: 'one' });
  assert.equal((await log.close())?.code, 'ENOSPC');
});
