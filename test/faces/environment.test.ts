import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { S3Server } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const PROGRAM = `
const { put } = await import(process.argv[1]);
try {
  const { counts } = await put(JSON.parse(process.argv[2]));
  console.log(JSON.stringify({ put: counts.put }));
} catch (error) {
  console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message, hint: error.hint }));
}`;

/** Puts one file in a process that has no other environment than this. */
async function putWith(server: S3Server, source: string, env: Readonly<Record<string, string>>, options: object = {}) {
  const library = new URL('../../dist/lib/index.js', import.meta.url).href;
  const given = JSON.stringify({ source, bucket: 'site', endpointUrl: server.url, ...options });
  const { PATH = '', SystemRoot = '' } = process.env;
  const bare = { PATH, SystemRoot, HOME: source, USERPROFILE: source, AWS_EC2_METADATA_DISABLED: 'true', ...env };
  const args = ['--input-type=module', '--eval', PROGRAM, library, given];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: bare, cwd: source });
  return JSON.parse(stdout) as { put?: number; name?: string; code?: string; message?: string; hint?: string };
}

const CREDENTIALS = { accessKeyId: 'key-of-session', secretAccessKey: 'its-secret', sessionToken: 'its/token==' };

describe('credentials and region', () => {
  it('come from the environment, with a session token', async (t) => {
    const server = await serverFor(t, { credentials: CREDENTIALS, mode: { region: 'eu-north-7' } });
    const env = {
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
      AWS_REGION: 'eu-north-7',
    };
    assert.deepEqual(await putWith(server, makeTree(t, { a: '1' }), env), { put: 1 });
  });

  it('come from a profile, by option and by environment', async (t) => {
    const server = await serverFor(t, {
      credentials: { accessKeyId: 'profiled', secretAccessKey: 'p-secret' },
      mode: { region: 'sa-south-3' },
    });
    const source = makeTree(t, {
      a: '1',
      '.aws/credentials': '[deploy]\naws_access_key_id = profiled\naws_secret_access_key = p-secret\n',
      '.aws/config': '[profile deploy]\nregion = sa-south-3\n',
    });
    const files = {
      AWS_SHARED_CREDENTIALS_FILE: `${source}/.aws/credentials`,
      AWS_CONFIG_FILE: `${source}/.aws/config`,
    };
    assert.deepEqual(await putWith(server, source, files, { profile: 'deploy', include: 'a' }), { put: 1 });
    assert.deepEqual(
      await putWith(server, source, { ...files, AWS_PROFILE: 'deploy' }, { include: 'a', mode: 'stupid' }),
      { put: 1 },
    );
  });

  it('fall back to us-east-1, and the option wins over the environment', async (t) => {
    const server = await serverFor(t);
    const env = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey };
    const source = makeTree(t, { a: '1' });
    assert.deepEqual(await putWith(server, source, env), { put: 1 });
    assert.deepEqual(
      await putWith(server, source, { ...env, AWS_REGION: 'xx-wrong-1' }, { region: 'us-east-1', mode: 'stupid' }),
      { put: 1 },
    );
  });

  it('that are missing are one error with the fix', async (t) => {
    const server = await serverFor(t);
    const { name, hint } = await putWith(server, makeTree(t, { a: '1' }), {});
    assert.equal(name, 'RunStoppedError');
    assert.match(hint ?? '', /AWS_ACCESS_KEY_ID/);
    assert.equal(server.requests.length, 0);
  });

  it('a region that is wrong is named right', async (t) => {
    const server = await serverFor(t, { mode: { region: 'eu-central-1' } });
    const env = {
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      AWS_REGION: 'us-east-1',
    };
    const { name, code, hint } = await putWith(server, makeTree(t, { a: '1' }), env);
    assert.deepEqual([name, code], ['RunStoppedError', 'WrongRegion']);
    assert.match(hint ?? '', /eu-central-1/);
  });
});
