import { homedir } from 'node:os';
import path from 'node:path';
import type { ConnectionOptions } from '../options/resolved.js';
import { type Profile, type Profiles, readProfiles } from './aws-files.js';
import type { Identity } from './credentials.js';

/** The variables of a process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What the environment and the shared files say, where that is simple. */
export interface PlainSettings {
  /** Undefined where nothing names one. */
  readonly region: string | undefined;
  /** Undefined for AWS itself. Never the one of the option. */
  readonly endpointUrl: string | undefined;
  /** Undefined where the option gives them, or only the SDK's chain of providers can find them. */
  readonly credentials: Identity | undefined;
}

/** Variables that are read here, or that change neither region nor endpoint. With any other of AWS, its SDK has to find both. */
const KNOWN_VARIABLES: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_EXECUTION_ENV',
  'AWS_CA_BUNDLE',
  'AWS_MAX_ATTEMPTS',
  'AWS_RETRY_MODE',
  'AWS_SDK_LOAD_CONFIG',
  'AWS_DEFAULT_OUTPUT',
  'AWS_PAGER',
  'AWS_CLI_AUTO_PROMPT',
  'AWS_ACCOUNT_ID',
  'AWS_CREDENTIAL_SCOPE',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_STS_REGIONAL_ENDPOINTS',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE',
  'AWS_EC2_METADATA_V1_DISABLED',
  // Names that other tools and many workflows use.
  'AWS_VAULT',
  'AWS_SESSION_EXPIRATION',
  'AWS_BUCKET',
  'AWS_S3_BUCKET',
]);
/** Names the endpoint of another service. */
const OTHER_ENDPOINT = /^AWS_ENDPOINT_URL_(?!S3$)[A-Z0-9_]+$/;
/** Entries of a profile that are read here, or that change nothing. */
const KNOWN_ENTRIES: ReadonlySet<string> = new Set(['region', 'endpoint_url', 'output', 'cli_pager']);
const KEY_ENTRIES: ReadonlySet<string> = new Set(['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token']);
/** Entries that name credentials which only the SDK's chain of providers can get. */
const PROVIDER_ENTRIES: ReadonlySet<string> = new Set([
  'aws_account_id',
  'aws_credential_scope',
  'role_arn',
  'role_session_name',
  'source_profile',
  'credential_source',
  'external_id',
  'mfa_serial',
  'duration_seconds',
  'web_identity_token_file',
  'credential_process',
  'login_session',
  'sso_session',
  'sso_start_url',
  'sso_region',
  'sso_account_id',
  'sso_role_name',
  'sso_registration_scopes',
]);

const REGION = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** What a header can have, without a blank; other values are explained beside the SDK's chain. */
const PRINTABLE = /^[!-~]+$/;

/**
 * Region, endpoint and credentials of the environment and of a plain profile, as the SDK finds them: a test compares. Undefined where something is
 * there from which only the SDK can tell region and endpoint.
 */
export async function plainSettings(
  connection: Pick<ConnectionOptions, 'region' | 'endpointUrl' | 'profile' | 'credentials'>,
  env: Variables = process.env,
): Promise<PlainSettings | undefined> {
  for (const name in env)
    if (/^AWS_/i.test(name) && !KNOWN_VARIABLES.has(name) && !OTHER_ENDPOINT.test(name)) return undefined;
  const files = await readFiles(env);
  if (files === undefined) return undefined;
  const profile = profileNamed(connection.profile ?? (env.AWS_PROFILE || 'default'), files);
  if (profile === undefined) return undefined;
  const region = regionOf(connection, env, profile);
  const endpoint = endpointOf(connection, env, files);
  const credentials = credentialsOf(connection, env, profile);
  if (region === undefined || endpoint === undefined) return undefined;
  return { region: region.value, endpointUrl: endpoint.value, credentials };
}

/** What was found; a value of undefined is an answer too. */
interface Found<T> {
  readonly value: T | undefined;
}

const NONE: Found<never> = { value: undefined };

/**
 * The endpoint that the environment names for another service of AWS, such as `S3_CONTROL`; undefined where it names none.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function serviceEndpoint(service: string, env: Variables = process.env): string | undefined {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined;
  return ownEndpoint(service, env) ?? (env.AWS_ENDPOINT_URL || undefined);
}

/** The endpoint that the environment names for this service alone: `AWS_ENDPOINT_URL` is that of S3 too, which may be all that the server has. */
export function ownEndpoint(service: string, env: Variables = process.env): string | undefined {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined;
  return env[`AWS_ENDPOINT_URL_${service}`] || undefined;
}

interface Files {
  readonly config: Profiles;
  readonly credentials: Profiles;
}

async function readFiles(env: Variables): Promise<Files | undefined> {
  const home = env.HOME || env.USERPROFILE || (env.HOMEPATH ? undefined : homedir());
  if (home === undefined) return undefined;
  const file = (variable: string, usual: string): string => env[variable] || path.join(home, '.aws', usual);
  const paths = [file('AWS_CONFIG_FILE', 'config'), file('AWS_SHARED_CREDENTIALS_FILE', 'credentials')] as const;
  if (paths.some((one) => one.startsWith('~'))) return undefined;
  const [config, credentials] = await Promise.all([
    readProfiles(paths[0], 'config'),
    readProfiles(paths[1], 'credentials'),
  ]);
  return config === undefined || credentials === undefined ? undefined : { config, credentials };
}

/** The entries of a profile from both files; those of the credentials file win. Undefined if one of them may change region or endpoint. */
function profileNamed(name: string, { config, credentials }: Files): Profile | undefined {
  const entries: Profile = { ...config.get(name), ...credentials.get(name) };
  const isPlain = Object.entries(entries).every(([entry, value]) =>
    KNOWN_ENTRIES.has(entry) ? value !== undefined : KEY_ENTRIES.has(entry) || PROVIDER_ENTRIES.has(entry),
  );
  return isPlain ? entries : undefined;
}

function regionOf(
  { region }: Pick<ConnectionOptions, 'region'>,
  env: Variables,
  profile: Profile,
): Found<string> | undefined {
  if (region !== undefined) return { value: region };
  // The SDK takes a variable that is set and empty for a region.
  const found = env.AWS_REGION ?? profile.region;
  if (found === undefined) return NONE;
  return REGION.test(found) ? { value: found } : undefined;
}

function endpointOf(
  { endpointUrl, profile }: Pick<ConnectionOptions, 'endpointUrl' | 'profile'>,
  env: Variables,
  files: Files,
): Found<string> | undefined {
  if (endpointUrl !== undefined) return NONE;
  const found = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  if (found) return { value: found };
  // The SDK reads it of the profile of the environment, whatever the option says.
  const name = env.AWS_PROFILE || 'default';
  const own = profileNamed(name, files);
  if (own === undefined || (own.endpoint_url !== undefined && profile !== undefined && profile !== name))
    return undefined;
  // In the config file and in the credentials file: one of them would win.
  const both = files.config.get(name)?.endpoint_url !== undefined && files.credentials.get(name)?.endpoint_url;
  return both ? undefined : { value: own.endpoint_url };
}

/** The keys of the environment or of the profile; undefined where another source may come first, or the keys are not plain. */
function credentialsOf(
  connection: Pick<ConnectionOptions, 'credentials' | 'profile'>,
  env: Variables,
  profile: Profile,
): Identity | undefined {
  if (connection.credentials !== undefined) return undefined;
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  const isChosen = Boolean(connection.profile ?? env.AWS_PROFILE);
  if (id && secret && !isChosen) {
    const expires = Boolean(env.AWS_CREDENTIAL_EXPIRATION);
    return expires ? undefined : keysIn(id, secret, token || undefined, 'CREDENTIALS_ENV_VARS');
  }
  // One without the other, and what a profile says beside it, is for the SDK to judge.
  if (!isChosen && (id || secret)) return undefined;
  // The SDK takes the keys of a profile with a role for those of the caller.
  if (Object.keys(profile).some((entry) => PROVIDER_ENTRIES.has(entry))) return undefined;
  const { aws_access_key_id, aws_secret_access_key, aws_session_token } = profile;
  const unclear = 'aws_session_token' in profile && aws_session_token === undefined;
  return unclear
    ? undefined
    : keysIn(aws_access_key_id, aws_secret_access_key, aws_session_token, 'CREDENTIALS_PROFILE');
}

function keysIn(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
  source: string,
): Identity | undefined {
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  if (![accessKeyId, secretAccessKey, sessionToken ?? 'none'].every((part) => PRINTABLE.test(part))) return undefined;
  const token = sessionToken === undefined ? {} : { sessionToken };
  return { accessKeyId, secretAccessKey, ...token, $source: { [source]: '' } };
}
