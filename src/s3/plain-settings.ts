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
  /** Undefined where the option gives them. */
  readonly credentials: Identity | undefined;
}

/** Variables that are read here, or that change neither region, endpoint nor credentials. With any other of AWS, the SDK is asked. */
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
]);
/** Entries of a profile that are read here, or that change nothing. */
const KNOWN_ENTRIES: ReadonlySet<string> = new Set([
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'region',
  'endpoint_url',
  'output',
  'cli_pager',
]);

const REGION = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** What a header can have, without a blank; other values are explained where the SDK is asked. */
const PRINTABLE = /^[!-~]+$/;

/**
 * Region, endpoint and credentials of the environment and of a plain profile, as the SDK finds them: a test compares. Undefined where anything is
 * there that only the SDK understands, such as roles, single sign-on, or a file with nested entries.
 */
export async function plainSettings(
  connection: Pick<ConnectionOptions, 'region' | 'endpointUrl' | 'profile' | 'credentials'>,
  env: Variables = process.env,
): Promise<PlainSettings | undefined> {
  for (const name in env) if (/^AWS_/i.test(name) && !KNOWN_VARIABLES.has(name)) return undefined;
  const files = await readFiles(env);
  if (files === undefined) return undefined;
  const profile = profileNamed(connection.profile ?? (env.AWS_PROFILE || 'default'), files);
  if (profile === undefined) return undefined;
  const region = regionOf(connection, env, profile);
  const endpoint = endpointOf(connection, env, files);
  const credentials = credentialsOf(connection, env, profile);
  if (region === undefined || endpoint === undefined || credentials === undefined) return undefined;
  return { region: region.value, endpointUrl: endpoint.value, credentials: credentials.value };
}

/** What was found; a value of undefined is an answer too. */
interface Found<T> {
  readonly value: T | undefined;
}

const NONE: Found<never> = { value: undefined };

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

/** The entries of a profile from both files; those of the credentials file win. Undefined if one of them is not plain. */
function profileNamed(name: string, { config, credentials }: Files): Profile | undefined {
  const entries: Profile = { ...config.get(name), ...credentials.get(name) };
  return Object.keys(entries).every((entry) => KNOWN_ENTRIES.has(entry)) ? entries : undefined;
}

function regionOf(
  { region }: Pick<ConnectionOptions, 'region'>,
  env: Variables,
  profile: Profile,
): Found<string> | undefined {
  if (region !== undefined) return { value: region };
  // The SDK takes a variable that is set and empty for a region.
  const found = env.AWS_REGION ?? profile.region;
  if (found !== undefined) return REGION.test(found) ? { value: found } : undefined;
  // Without a region, the SDK asks the instance's service.
  return env.AWS_EC2_METADATA_DISABLED && env.AWS_DEFAULT_REGION === undefined ? NONE : undefined;
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

function credentialsOf(
  connection: Pick<ConnectionOptions, 'credentials' | 'profile'>,
  env: Variables,
  profile: Profile,
): Found<Identity> | undefined {
  if (connection.credentials !== undefined) return NONE;
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  const isChosen = Boolean(connection.profile ?? env.AWS_PROFILE);
  if (id && secret && !isChosen) return keysIn(id, secret, token || undefined, 'CREDENTIALS_ENV_VARS');
  // One without the other, and what a profile says beside it, is for the SDK to judge.
  if (!isChosen && (id || secret)) return undefined;
  const { aws_access_key_id, aws_secret_access_key, aws_session_token } = profile;
  return keysIn(aws_access_key_id, aws_secret_access_key, aws_session_token, 'CREDENTIALS_PROFILE');
}

function keysIn(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
  source: string,
): Found<Identity> | undefined {
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  if (![accessKeyId, secretAccessKey, sessionToken ?? 'none'].every((part) => PRINTABLE.test(part))) return undefined;
  const token = sessionToken === undefined ? {} : { sessionToken };
  return { value: { accessKeyId, secretAccessKey, ...token, $source: { [source]: '' } } };
}
