import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { plainSettings } from '../../../src/s3/plain-settings.js';
import { resolveEndpoint } from '../../../src/s3/sdk/client.js';
import { explainedChain } from '../../../src/s3/sdk/credentials.js';
import { makeTree } from '../../support/tree.js';

interface Case {
  readonly config?: string | undefined;
  readonly credentials?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly profile?: string | undefined;
}

/** Replaces the variables of AWS by these for a test. */
function setVariables(t: TestContext, values: Readonly<Record<string, string>>): void {
  const before = { ...process.env };
  const ofAws = (): string[] => Object.keys(process.env).filter((name) => name.startsWith('AWS_'));
  for (const name of ofAws()) delete process.env[name];
  Object.assign(process.env, values);
  t.after(() => {
    for (const name of ofAws()) delete process.env[name];
    Object.assign(process.env, before);
  });
}

/** What the SDK finds; its texts of errors where it finds nothing. */
async function ofSdk(profile: string | undefined) {
  const text = (error: unknown): string => `refused: ${error instanceof Error ? error.message : String(error)}`;
  const named = profile === undefined ? {} : { profile };
  const client = new S3Client(named);
  const region = await client.config.region().catch((error: unknown) => {
    if (/Region is missing/.test(String(error))) return undefined;
    return text(error);
  });
  const none = { accessKeyId: 'none', secretAccessKey: 'none' };
  const anonymous = new S3Client({ ...named, region: 'us-east-1', credentials: none, forcePathStyle: true });
  const address = await resolveEndpoint(anonymous, 'site')('us-east-1').catch(text);
  const origin = typeof address === 'string' ? address : address.origin;
  const credentials = await explainedChain({ profile, region: 'us-east-1', onEvent: undefined })().catch(text);
  for (const one of [client, anonymous]) one.destroy();
  return { region, origin, credentials };
}

const keysOf = (found: unknown): unknown => {
  const { accessKeyId, secretAccessKey, sessionToken } = found as Record<string, string | undefined>;
  return { accessKeyId, secretAccessKey, sessionToken };
};

/** What is left to the SDK: nothing, its chain of providers, or all. */
type Left = 'nothing' | 'chain' | 'all';

/** Compares with the SDK what is not left to it. */
async function compare(t: TestContext, { config, credentials, env = {}, profile }: Case): Promise<Left> {
  const files = {
    ...(config !== undefined && { config }),
    ...(credentials !== undefined && { credentials }),
    other: '',
  };
  const home = makeTree(t, files);
  const variables = {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: `${home}/config`,
    AWS_SHARED_CREDENTIALS_FILE: `${home}/credentials`,
    ...env,
  };
  setVariables(t, variables);
  const own = await plainSettings({ region: undefined, endpointUrl: undefined, profile, credentials: undefined });
  if (own === undefined) return 'all';
  const sdk = await ofSdk(profile);
  const what = JSON.stringify({ config, credentials, env, profile });
  assert.equal(own.region, sdk.region, what);
  assert.equal(
    own.endpointUrl === undefined ? 'https://s3.us-east-1.amazonaws.com' : new URL(own.endpointUrl).origin,
    sdk.origin,
    what,
  );
  if (own.credentials === undefined) return 'chain';
  assert.deepEqual(keysOf(own.credentials), keysOf(sdk.credentials), what);
  return 'nothing';
}

const KEYS = 'aws_access_key_id = ID\naws_secret_access_key = SECRET+/=\n';
const OTHER_KEYS = 'aws_access_key_id=ID2\naws_secret_access_key=S2\naws_session_token=T2==\n';
/** Variables that change nothing here. */
const HARMLESS = { AWS_CA_BUNDLE: '/x.pem', AWS_MAX_ATTEMPTS: '3', AWS_RETRY_MODE: 'adaptive', AWS_PAGER: '' };
const ENV_KEYS = { AWS_ACCESS_KEY_ID: 'IDE', AWS_SECRET_ACCESS_KEY: 'SE' };

const PLAIN: readonly Case[] = [
  { env: { ...ENV_KEYS, AWS_CONFIG_FILE: '/', AWS_SHARED_CREDENTIALS_FILE: '/none/at/all' } },
  { env: { ...ENV_KEYS } },
  { env: { ...ENV_KEYS, ...HARMLESS, AWS_EXECUTION_ENV: 'CI', AWS_DEFAULT_OUTPUT: 'json' } },
  { env: { ...ENV_KEYS, AWS_REGION: 'eu-central-1', AWS_SESSION_TOKEN: 'T' } },
  { env: { ...ENV_KEYS, AWS_REGION: 'eu-central-1', AWS_DEFAULT_REGION: 'us-west-2', AWS_SESSION_TOKEN: '' } },
  { env: { ...ENV_KEYS, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' } },
  {
    env: {
      ...ENV_KEYS,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: 'http://a.test',
      AWS_ENDPOINT_URL_S3: 'http://b.test',
    },
  },
  { credentials: `[default]\n${KEYS}`, config: '[default]\nregion = eu-west-1\noutput = json\n' },
  {
    credentials: `# mine\n[default]\n${KEYS}\n[other]\n${OTHER_KEYS}`,
    env: { AWS_PROFILE: 'other', AWS_REGION: 'x-1' },
  },
  {
    credentials: `[default]\r\n${KEYS.replaceAll('\n', '\r\n')}region=us-west-1\r\n`,
    config: '[default]\nregion=eu-west-1\n',
  },
  {
    config: `[profile deploy]\n${KEYS}region = eu-west-3\nendpoint_url = http://minio.test:9000\n`,
    env: { AWS_PROFILE: 'deploy' },
  },
  { config: `[profile deploy]\n${KEYS}region = eu-west-3\n`, profile: 'deploy', env: { ...ENV_KEYS } },
  {
    config: `[profile deploy]\n${KEYS}region = eu-west-3\n`,
    credentials: `[deploy]\n${OTHER_KEYS}`,
    profile: 'deploy',
  },
  { config: `[default]\nregion = eu-west-3\n[sso-session s]\nsso_region = x\n`, env: { ...ENV_KEYS } },
  { config: `[default]\n${KEYS}region = eu-west-3\n[profile role]\nrole_arn = arn:aws:iam::111122223333:role/x\n` },
  { env: { ...ENV_KEYS, AWS_DEFAULT_REGION: 'eu-west-1' } },
  { env: { ...ENV_KEYS, AWS_EC2_METADATA_DISABLED: '' } },
  { env: { ...ENV_KEYS, AWS_ACCOUNT_ID: '111122223333' } },
  { env: { ...ENV_KEYS, AWS_CREDENTIAL_SCOPE: 'us-west-2' } },
  {
    credentials: `[default]\n${KEYS}`,
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/x', AWS_ROLE_ARN: 'arn:aws:iam::1:role/x' },
  },
  {
    credentials: `[default]\n${KEYS}`,
    config: '[profile tool]\ncredential_process = "/a b" --x # y\n[profile old]\ns3 =\n  addressing_style = path\n',
  },
];

for (const [index, one] of PLAIN.entries()) {
  test(`plain settings are read as the SDK reads them (${index + 1})`, async (t) => {
    assert.equal(await compare(t, one), 'nothing');
  });
}

const CHAIN: readonly Case[] = [
  {
    config: `[default]\nendpoint_url = http://minio.test\n[profile b]\n${KEYS}`,
    profile: 'default',
    env: { ...ENV_KEYS },
  },
  {},
  { env: { AWS_ACCESS_KEY_ID: 'ID' } },
  { env: { ...ENV_KEYS, AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z' } },
  { env: { ...ENV_KEYS, AWS_SECRET_ACCESS_KEY: 'SE\n' } },
  { env: { ...ENV_KEYS, AWS_PROFILE: 'absent' } },
  { credentials: `[default]\n${KEYS}aws_account_id = 111122223333\n` },
  {
    credentials: `[default]\n${KEYS}`,
    config: '[default]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile=default\n',
  },
  { credentials: `[default]\n${KEYS}`, config: '[default]\ncredential_process = cat keys\n' },
  { credentials: `[default]\n${KEYS}aws_session_token = "T"\n` },
  { credentials: '[default]\naws_access_key_id = ID\naws_secret_access_key = "S E"\n' },
  { config: '[default]\nregion = eu-west-3\nsso_session = s\n[sso-session s]\nsso_region = x\n' },
  { env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/x', AWS_REGION: 'eu-west-1' } },
  { env: { AWS_WEB_IDENTITY_TOKEN_FILE: '/none', AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/x' } },
  { config: `[profile r]\n${KEYS}region = eu-west-3\ncredential_source = Environment\nrole_arn = x\n`, profile: 'r' },
];

for (const [index, one] of CHAIN.entries()) {
  test(`region and endpoint are read as the SDK reads them where its chain has to find the keys (${index + 1})`, async (t) => {
    assert.equal(await compare(t, one), 'chain');
  });
}

const HARD: readonly Case[] = [
  { env: { ...ENV_KEYS, AWS_REGION: '' } },
  { env: { ...ENV_KEYS, AWS_REGION: ' eu-west-1' } },
  { env: { ...ENV_KEYS, AWS_USE_FIPS_ENDPOINT: 'true' } },
  { env: { ...ENV_KEYS, AWS_USE_DUALSTACK_ENDPOINT: 'true' } },
  { env: { ...ENV_KEYS, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' } },
  { env: { AWS_PROFILE: 'deploy', AWS_CONFIG_FILE: '~/config' } },
  { credentials: `[default]\n${KEYS}`, config: '[default]\ns3 =\n  max_concurrent_requests = 20\n' },
  { credentials: `[default]\n${KEYS}`, config: '[default]\nuse_fips_endpoint = true\n' },
  {
    credentials: `[default]\n${KEYS}`,
    config: '[default]\nservices = s\n[services s]\ns3 =\n  endpoint_url = http://a.test\n',
  },
  { credentials: `[default]\n${KEYS}`, config: '[default]\nregion = eu-west-1 # home\n' },
  { credentials: `[default]\n${KEYS}`, config: '[default]\nregion\n' },
  { credentials: `[default]\n${KEYS}[default]\n${OTHER_KEYS}` },
  { credentials: `\uFEFF[default]\n${KEYS}` },
  { config: `[deploy]\n${KEYS}`, env: { AWS_PROFILE: 'deploy' } },
  {
    config: `[profile deploy]\n${KEYS}endpoint_url = http://a.test\n`,
    credentials: '[deploy]\nendpoint_url = http://b.test\n',
    env: { AWS_PROFILE: 'deploy', AWS_REGION: 'eu-west-1' },
  },
  { credentials: `[default]\n${KEYS}`, config: '[default]\nregion = eu-west-1\n  nested = 1\n' },
];

for (const [index, one] of HARD.entries()) {
  test(`settings with anything unusual are left to the SDK (${index + 1})`, async (t) => {
    assert.equal(await compare(t, one), 'all');
  });
}

test('all combinations of variables and files are read as the SDK reads them, or left to it', async (t) => {
  const left = { nothing: 0, chain: 0, all: 0 };
  for (const credentials of [undefined, `[default]\n${KEYS}`, `[a]\n${OTHER_KEYS}region=us-west-2\n`])
    for (const config of [
      undefined,
      '[default]\nregion=eu-west-1\n',
      `[profile a]\n${KEYS}endpoint_url=http://a.test\n`,
    ])
      for (const keys of [{}, ENV_KEYS])
        for (const region of [{}, { AWS_REGION: 'ap-east-1' }])
          for (const chosen of [{}, { AWS_PROFILE: 'a' }, { AWS_PROFILE: '' }, { AWS_PROFILE: 'default' }])
            for (const endpoint of [{}, { AWS_ENDPOINT_URL: 'https://s3.test' }, { AWS_ENDPOINT_URL_S3: '' }])
              for (const profile of [undefined, 'a', 'default']) {
                const env = { ...keys, ...region, ...chosen, ...endpoint };
                left[await compare(t, { credentials, config, env, profile })] += 1;
              }
  assert.ok(left.nothing > 300 && left.chain > 100 && left.all > 0, JSON.stringify(left));
});
