import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type UploadsOptions, UsageError, uploads } from '../../src/index.js';
import { connection, serverFor } from '../support/engine.js';

describe('wrong options of uploads are refused before any request', () => {
  const rows: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ prefx: 'x' }, /Unknown option "prefx"\. Did you mean prefix\?$/],
    [{ abortOlder: '7d' }, /Unknown option "abortOlder"\. Did you mean abortOlderThan\?$/],
    [{ older: '7d' }, /aborted by abortOlderThan/],
    [{ gzip: true }, /Unknown option "gzip"/],
    [{ checksum: 'off' }, /Unknown option "checksum"/],
    [{ yes: true }, /Unknown option "yes"/],
    [{ maxAttempts: 0 }, /maxAttempts is 0; it must be a whole number from 1/],
    [{ maxAttempts: '3' }, /maxAttempts is "3"/],
    [{ dryRun: 'yes' }, /dryRun is "yes"; it must be true or false/],
    [{ any: 1 }, /any is 1; it must be true or false/],
    [{ confirm: true }, /confirm is boolean; it must be a function/],
    [{ onEvent: 'log' }, /onEvent is string; it must be a function/],
    [{ signal: {} }, /signal is object; it must be an AbortSignal/],
    [{ abortOlderThan: 7 }, /abortOlderThan is number/],
    [{ abortOlderThan: '7' }, /The unit is missing/],
    [{ prefix: 7 }, /prefix is number/],
    [{ region: 'us east' }, /is not a region/],
    [{ bucket: 7 }, /No bucket/],
    [{ httpClient: 'socket' }, /Did you mean sockets\?/],
  ];
  for (const [wrong, message] of rows)
    test(JSON.stringify(wrong), async (t) => {
      const server = await serverFor(t);
      const options = { bucket: 'site', ...connection(server), ...wrong } as UploadsOptions;
      await assert.rejects(uploads(options), (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(`${error.message} ${error.hint ?? ''}`, message);
        return true;
      });
      assert.deepEqual(server.requests, []);
    });

  test('and so is what is no object', async () => {
    for (const nothing of [undefined, null, 's3://site'])
      await assert.rejects(uploads(nothing as unknown as UploadsOptions), UsageError);
  });
});

test('uploads takes all of its options', async (t) => {
  const server = await serverFor(t);
  const found = await uploads({
    bucket: 'site',
    prefix: 'a',
    ...connection(server),
    maxAttempts: 2,
    dryRun: true,
    any: true,
    abortOlderThan: '1h',
    confirm: async () => true,
    signal: new AbortController().signal,
    onEvent: () => {},
    onCredentials: () => {},
    forcePathStyle: true,
    httpClient: 'sockets',
    requestPayer: false,
  });
  assert.deepEqual(found, []);
});
