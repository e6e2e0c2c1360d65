import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partsRelay } from '../../../src/fleet/parts-relay.js';
import type { Run } from '../../../src/run/run.js';
import type { AroundParts, SendParts } from '../../../src/transfer/multipart/types.js';

test('parts are sent as the batch says that has the object', async () => {
  const relay = partsRelay();
  const sent: string[] = [];
  const sends =
    (name: string): SendParts =>
    async ({ key }) => {
      sent.push(`${name} ${key}`);
      return 0;
    };
  const around =
    (name: string): AroundParts =>
    () =>
      sends(name);
  const end = relay.add('run', ['a', 'b'], around('first'));
  relay.add('run', ['c'], around('second'));
  relay.add('other', ['d'], around('third'));
  const send = relay.of('run')(sends('engine'), {} as Run);
  const put = async (key: string) => send({ key } as never, {} as never, {} as never, {} as never);
  for (const key of ['a', 'c', 'd']) await put(key);
  end();
  await put('b');
  assert.deepEqual(sent, ['first a', 'second c', 'engine d', 'engine b']);
});
