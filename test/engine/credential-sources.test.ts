import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { S3Server } from 'fake-s3';
import { type Ran, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const KEYS = { accessKeyId: 'key-id', secretAccessKey: 'secret-of-it', sessionToken: 'token-of-it' };

interface Machine {
  readonly env?: Readonly<Record<string, string>>;
  /** The text of the AWS config file; `@/` is its folder. */
  readonly config?: string;
  /** A script that credential_process may name. */
  readonly script?: string;
  readonly profile?: string;
}

/** Runs a put with the credentials that the SDK's chain finds on a machine that has only this. */
async function runOn(t: TestContext, server: S3Server, { env = {}, config, script, profile }: Machine): Promise<Ran> {
  const home = makeTree(t, { 'home/': '', 'dist/a': 'a' });
  if (script !== undefined) {
    writeFileSync(join(home, 'process.sh'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(home, 'process.sh'), 0o755);
  }
  if (config !== undefined) writeFileSync(join(home, 'config'), config.replaceAll('@/', `${home}/`));
  const given: Readonly<Record<string, string>> = {
    HOME: join(home, 'home'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    ...env,
  };
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, given);
  try {
    return await run(server, { source: join(home, 'dist'), credentials: undefined, profile });
  } finally {
    for (const name of Object.keys(given)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

const NEWLINE: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: `${KEYS.accessKeyId}\n`,
  AWS_SECRET_ACCESS_KEY: ` ${KEYS.secretAccessKey}\r\n`,
  AWS_SESSION_TOKEN: `${KEYS.sessionToken} `,
};
const CLEAN: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  AWS_SESSION_TOKEN: KEYS.sessionToken,
};

for (const [variable, value] of Object.entries(NEWLINE))
  it(`white space at the ends of ${variable} is left out with one warning that names it`, async (t) => {
    const server = await serverFor(t, { credentials: KEYS });
    const { error, report } = await runOn(t, server, { env: { ...CLEAN, [variable]: value } });
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), ['a']);
    assert.deepEqual(report.warnings.length, 1);
    assert.match(String(report.warnings[0]), new RegExp(`^${variable} has a (?:line break|blank) at its ends?`));
    assert.doesNotMatch(JSON.stringify(report), /secret-of-it|token-of-it/);
  });

it('white space at the ends of credentials of the option, of a function and of a process is left out', async (t) => {
  const server = await serverFor(t, { credentials: KEYS });
  const odd = { ...KEYS, secretAccessKey: `${KEYS.secretAccessKey}\n` };
  for (const credentials of [odd, async () => odd]) {
    const { error, report } = await run(server, { source: makeTree(t, { a: 'a' }), mode: 'stupid', credentials });
    assert.equal(error, undefined);
    assert.match(String(report.warnings[0]), /^The secretAccessKey of the credentials has a line break at its end/);
  }
  const json = JSON.stringify({
    Version: 1,
    AccessKeyId: KEYS.accessKeyId,
    SecretAccessKey: `${KEYS.secretAccessKey} `,
    SessionToken: KEYS.sessionToken,
  });
  const ran = await runOn(t, server, {
    config: '[profile prod]\ncredential_process = @/process.sh\n',
    script: `echo '${json}'`,
    profile: 'prod',
  });
  assert.equal(ran.error, undefined);
  assert.match(String(ran.report.warnings[0]), /secretAccessKey that credential_process returns has a blank/);
});

/** A machine like most: the service of an instance is not disabled, and not there. */
const NO_INSTANCE: Readonly<Record<string, string>> = {
  AWS_EC2_METADATA_DISABLED: 'false',
  AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1',
};
const machineEnv = ({ env = {} }: Machine): Readonly<Record<string, string>> => env;

async function namedOn(
  t: TestContext,
  server: S3Server,
  machine: Machine,
  message: RegExp,
  hint: RegExp,
): Promise<void> {
  const { error } = await runOn(t, server, machine);
  assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'CredentialsProviderError']);
  assert.match(error?.message ?? '', message);
  assert.match(error?.hint ?? '', hint);
  assert.doesNotMatch(`${error?.message} ${error?.hint}`, /hunter2|\n|secret.of-it/);
  assert.equal(server.requests.length, 0);
}

for (const [what, machine, message, hint] of [
  [
    'a line break within the secret key',
    { env: { ...CLEAN, AWS_SECRET_ACCESS_KEY: 'secret\nof-it' } },
    /AWS_SECRET_ACCESS_KEY holds a line break as its character 7, which no header can have/,
    /Store it again/,
  ],
  [
    'a profile in AWS_PROFILE that does not exist',
    { env: { AWS_PROFILE: 'prd' }, config: '[profile prod]\nregion = eu-west-1\n' },
    /The profile "prd" does not exist in \/.*\/config and \/.*\/credentials; they hold prod$/,
    /profile or AWS_PROFILE/,
  ],
  [
    'a profile of the option that does not exist',
    { profile: 'prd' },
    /The profile "prd" does not exist in .*; they hold no profile$/,
    /profile or AWS_PROFILE/,
  ],
  [
    'a profile without credentials',
    { profile: 'prod', config: '[profile prod]\nregion = eu-west-1\n' },
    /The profile "prod" holds no credentials in \/.*config/,
    /aws_access_key_id/,
  ],
  [
    'a credential_process that fails',
    {
      profile: 'prod',
      config: '[profile prod]\ncredential_process = @/process.sh --password hunter2\n',
      script: 'echo "vault: permission denied" >&2; exit 3',
    },
    /The credential_process of the profile "prod" failed: vault: permission denied$/,
    /Run that command by itself/,
  ],
  [
    'a credential_process of AWS_PROFILE that prints no JSON',
    {
      env: { AWS_PROFILE: 'prod' },
      config: '[profile prod]\ncredential_process = @/process.sh\n',
      script: 'echo hello',
    },
    /Profile prod credential_process returned invalid JSON/,
    /"Version": 1/,
  ],
  [
    'a source_profile that is absent',
    {
      profile: 'prod',
      config: '[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\n',
    },
    /The source_profile "base" of the profile "prod" does not exist in \/.*config/,
    /source_profile must name a profile/,
  ],
  [
    'a profile that needs an MFA code',
    {
      profile: 'prod',
      config:
        '[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\nmfa_serial = arn:aws:iam::111122223333:mfa/me\n',
    },
    /Profile prod requires multi-factor authentication/,
    /export-credentials --profile prod/,
  ],
  [
    'an SSO session that is absent or expired',
    {
      profile: 'prod',
      config:
        '[profile prod]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = x\n',
    },
    /The SSO session of the profile "prod" is invalid/,
    /^Run aws sso login --profile prod, then run again\.$/,
  ],
  [
    'an SSO session of AWS_PROFILE that is absent',
    {
      env: { AWS_PROFILE: 'prod' },
      config:
        '[profile prod]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = x\n',
    },
    /The SSO session of the profile "prod" is invalid/,
    /^Run aws sso login --profile prod, then run again\.$/,
  ],
  [
    'an sso_session without its section',
    {
      env: { AWS_PROFILE: 'prod' },
      config: '[profile prod]\nsso_session = main\nsso_account_id = 111122223333\nsso_role_name = x\n',
    },
    /: The sso_session of the profile "prod" names no section/,
    /^Run aws configure sso/,
  ],
  [
    'a credential_process of AWS_PROFILE that fails',
    {
      env: { AWS_PROFILE: 'prod' },
      config: '[profile prod]\ncredential_process = @/process.sh\n',
      script: 'echo "vault: no MFA code" >&2; exit 3',
    },
    /The credential_process of the profile "prod" failed: vault: no MFA code$/,
    /Run that command by itself/,
  ],
  [
    'a profile that does not exist beside one whose name is that of a cause',
    { profile: 'prd', config: '[profile mfa]\nregion = eu-west-1\n[profile sso]\nregion = eu-west-1\n' },
    /The profile "prd" does not exist in .*; they hold mfa, sso$/,
    /section for "prd"/,
  ],
  [
    'a web identity token that is absent',
    {
      profile: 'prod',
      config: '[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/x\nweb_identity_token_file = /absent/token\n',
    },
    /The token file "\/absent\/token" cannot be read \(ENOENT\)/,
    /web_identity_token_file/,
  ],
  [
    'an access key without its secret',
    { env: { AWS_ACCESS_KEY_ID: 'key-id' } },
    /AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not$/,
    /^Set both/,
  ],
  ['no credentials at all', {}, /Could not load credentials from any providers/, /^No credentials were found/],
] as const satisfies readonly (readonly [string, Machine, RegExp, RegExp])[])
  it(`${what} is named, with the fix, before any request`, async (t) => {
    const server = await serverFor(t, { credentials: KEYS });
    for (const env of [{}, NO_INSTANCE])
      await namedOn(t, server, { ...machine, env: { ...env, ...machineEnv(machine) } }, message, hint);
  });

it('the SDK prints no warning of its own where a profile and keys are set', async (t) => {
  const server = await serverFor(t, { credentials: KEYS });
  const printed = t.mock.method(console, 'warn', () => {});
  const { accessKeyId, secretAccessKey, sessionToken } = KEYS;
  const config = `[profile prod]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\naws_session_token = ${sessionToken}\n`;
  const { error } = await runOn(t, server, { env: { ...CLEAN, AWS_PROFILE: 'prod' }, config });
  assert.equal(error, undefined);
  assert.equal(printed.mock.callCount(), 0);
});

it('a function for credentials that returns nothing is said to', async (t) => {
  const server = await serverFor(t, { credentials: KEYS });
  for (const nothing of [undefined, null]) {
    const credentials = async () => nothing as never;
    const { error } = await run(server, { source: makeTree(t, { a: 'a' }), credentials });
    assert.equal(error?.code, 'CredentialsProviderError');
    assert.match(error?.message ?? '', /the function that is given as credentials returned nothing$/);
    assert.match(error?.hint ?? '', /^It must give an object with accessKeyId/);
  }
});
