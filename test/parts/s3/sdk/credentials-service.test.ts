import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { explainedChain } from '../../../../src/s3/sdk/credentials.js';
import { makeTree } from '../../../support/tree.js';

/** A service that accepts connections and never responds. */
async function muteService(t: TestContext): Promise<string> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/credentials`;
}

function setEnvironment(t: TestContext, values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    t.after(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

test('a service for the credentials of a container that never responds is named', async (t) => {
  const home = makeTree(t, { config: '' });
  setEnvironment(t, {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: await muteService(t),
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_PROFILE: undefined,
    AWS_CONFIG_FILE: `${home}/config`,
    AWS_SHARED_CREDENTIALS_FILE: `${home}/none`,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  const region = 'us-east-1';
  const provider = explainedChain({ profile: undefined, region, onEvent: undefined, serviceMs: 200 });
  await assert.rejects(provider(), {
    name: 'CredentialsProviderError',
    message: /AWS_CONTAINER_CREDENTIALS_FULL_URI.* does not respond within 0\.2 s/,
  });
});
