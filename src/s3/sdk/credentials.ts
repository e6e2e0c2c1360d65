import { createRequire } from 'node:module';
import type { OnEvent } from '../../report/types.js';
import { cleaner, credentialsError, type Provider, VARIABLES } from '../credentials.js';
import type { SdkHandler } from './http-handler.js';
import { disableNodeWarning } from './node-warning.js';

export interface CredentialsDeps {
  readonly profile: string | undefined;
  /** The region of the requests of providers, such as for the credentials of a role, where the profile names no other. */
  readonly region: string;
  /** Sends the requests of providers. Default: the SDK's own. */
  readonly requestHandler?: SdkHandler | undefined;
  readonly onEvent: OnEvent | undefined;
  /** Most milliseconds that a service for credentials may take. */
  readonly serviceMs?: number | undefined;
}

/** A service for credentials responds at once. The SDK only warns of one that does not, and would wait for ever. */
const SERVICE_MS = 30_000;
/** What the SDK logs when it goes on to the service of a container. A program or a single sign-on may wait for a person, so they have no limit. */
const ASKS_SERVICE = /remoteProvider::fromHttp/;
/** What the SDK logs when it goes on to the service of an instance, last and unasked: what that says is no fault of the user's configuration. */
const ASKS_INSTANCE = /remoteProvider::fromInstanceMetadata/;

/**
 * The SDK's chain of providers in a shell, for both lanes: white space at the ends of keys is removed with a warning, other characters that no
 * header can have are named, and a chain that finds nothing says why, which the SDK keeps to itself. The chain loads one provider after the other,
 * and none of a client's code: that takes longer than a small run.
 */
export function explainedChain(deps: CredentialsDeps): Provider {
  const { profile, onEvent, serviceMs = SERVICE_MS } = deps;
  const heard: string[] = [];
  const late = timeLimit(serviceMs);
  const provider = chainOf(deps, heard, late.begin);
  const cleaned = cleaner(onEvent);
  return async (options) => {
    heard.length = 0;
    const identity = await late.limit(provider(options)).catch(async (error: unknown) => {
      throw await cause(error, heard, profile);
    });
    return cleaned(identity);
  };
}

interface TimeLimit {
  /** From now on the time counts. */
  readonly begin: () => void;
  /** The promise's result, or an error once the time is over. */
  readonly limit: <T>(promise: Promise<T>) => Promise<T>;
}

function timeLimit(ms: number): TimeLimit {
  let fail: (error: Error) => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  return {
    begin() {
      const message = `the service for credentials of this container (AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI) does not respond within ${ms / 1_000} s`;
      timer ??= setTimeout(() => fail(credentialsError(message)), ms);
    },
    limit: <T>(promise: Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        fail = reject;
        promise.then(resolve, reject);
      }).finally(() => {
        clearTimeout(timer);
        timer = undefined;
      }),
  };
}

/** What the SDK exports to find credentials, as its clients use it. */
interface ChainModule {
  readonly defaultProvider: (init: object) => (properties: object) => ReturnType<Provider>;
}

// The SDK may have modules of its own, so they are looked up from there.
const require: NodeJS.Require = createRequire(import.meta.url);

function chainModule(): ChainModule {
  return createRequire(require.resolve('@aws-sdk/client-s3'))('@aws-sdk/credential-provider-node') as ChainModule;
}

/** The SDK's chain of providers, which tells a logger what each of them says. */
function chainOf(
  { profile, region, requestHandler }: CredentialsDeps,
  heard: string[],
  onService: () => void,
): Provider {
  let asksInstance = false;
  const hear = (text: unknown): void => {
    if (ASKS_SERVICE.test(String(text))) onService();
    // Each pass begins with another provider.
    if (String(text).startsWith('@aws-sdk/')) asksInstance = ASKS_INSTANCE.test(String(text));
    const [, said] = /^@smithy\/property-provider (?:->|\(!\)) (.*)$/s.exec(String(text)) ?? [];
    if (said !== undefined && !asksInstance) heard.push(said);
  };
  const silent = () => {};
  // The SDK prints a warning of its own only where there is no logger.
  const logger = { trace: silent, debug: hear, info: silent, warn: silent, error: silent };
  const named = profile === undefined ? {} : { profile };
  // What providers take of the client for which they find credentials.
  const client = { ...named, region: async () => region, requestHandler, logger };
  disableNodeWarning();
  const { defaultProvider } = chainModule();
  const provider = defaultProvider({ ...named, parentClientConfig: client, logger });
  return (options) => provider({ ...options, callerClientConfig: client });
}

const GENERIC = /^Could not load credentials from any providers/;
/** What providers say that had nothing to do. */
const IDLE =
  /^(?:AWS_PROFILE is set, skipping|Skipping SSO|Unable to find environment variable|EC2 Instance Metadata Service access disabled|Could not resolve credentials using profile|Profile .* (?:could not be found in|did not contain)|Web identity configuration not specified|Could not load credentials from any)/;

/** The cause of a failure that the chain gives up, by what its providers said. */
async function cause(error: unknown, heard: readonly string[], profile: string | undefined): Promise<unknown> {
  const message = error instanceof Error ? error.message : String(error);
  const own = GENERIC.test(message) ? heard.find((text) => !IDLE.test(text)) : message;
  const matched = (pattern: RegExp): string | undefined =>
    heard.map((text) => pattern.exec(text)?.[1]).find((name) => name !== undefined);
  const absent = matched(/^Profile (.*) could not be found in shared/s);
  const present = matched(/^Profile (.*) did not contain credential_process/s);
  const unresolved = matched(/^Could not resolve credentials using profile: \[(.*)\]/s);
  const name = profile ?? (await environmentVariable('AWS_PROFILE')) ?? absent ?? present;
  if (own !== undefined && /^Command failed/.test(own)) return credentialsError(processText(own, name), error);
  if (own !== undefined) {
    const text = providerText(own, name);
    return text === message ? error : credentialsError(text, error);
  }
  const isChosen = profile !== undefined || heard.some((text) => text.startsWith('AWS_PROFILE is set'));
  const { files, profiles } = await sharedFiles();
  if (present !== undefined && unresolved !== undefined && unresolved !== present) {
    const what = profiles.includes(unresolved) ? 'holds no credentials' : `does not exist in ${files}`;
    return credentialsError(`The source_profile "${unresolved}" of the profile "${present}" ${what}`, error);
  }
  if (!isChosen) {
    const [id, secret] = [
      await environmentVariable(VARIABLES.accessKeyId),
      await environmentVariable(VARIABLES.secretAccessKey),
    ];
    if ((id === undefined) === (secret === undefined)) return error;
    const [set, missing] =
      id === undefined ? (['secretAccessKey', 'accessKeyId'] as const) : (['accessKeyId', 'secretAccessKey'] as const);
    return credentialsError(`${VARIABLES[set]} is set, and ${VARIABLES[missing]} is not`, error);
  }
  if (absent !== undefined) {
    const others = profiles.length === 0 ? 'they hold no profile' : `they hold ${profiles.slice(0, 10).join(', ')}`;
    return credentialsError(`The profile "${absent}" does not exist in ${files}; ${others}`, error);
  }
  return present === undefined
    ? error
    : credentialsError(`The profile "${present}" holds no credentials in ${files}`, error);
}

/** What a failed command has written, without the command itself, which may hold secrets. */
function processText(failed: string, profile = 'default'): string {
  const [, ...lines] = failed.split('\n');
  const said = lines.join(' ').replaceAll(/\s+/g, ' ').trim().slice(0, 500);
  return `The credential_process of the profile "${profile}" failed${said === '' ? ' without a word' : `: ${said}`}`;
}

/** What a provider says, with the profile and the file that it speaks of. */
function providerText(own: string, profile = 'default'): string {
  // An sso_session that names no section.
  if (/^Cannot read properties of undefined \(reading 'sso_/.test(own))
    return `The sso_session of the profile "${profile}" names no section [sso-session …] of the AWS config file`;
  const [, login] = /^Failed to load token from (.*?): Error: ENOENT\b/s.exec(own) ?? [];
  if (login !== undefined) return `There is no login session of the profile "${profile}" at ${login}`;
  const [, code, file] = /^(E[A-Z]+): .*, open '(.*)'$/s.exec(own) ?? [];
  if (file !== undefined) return `The token file "${file}" cannot be read (${code})`;
  return own.replace('associated with this profile', `of the profile "${profile}"`);
}

/** What the SDK exports to read its files; it knows the variables that move them. */
interface SharedConfig {
  readonly getHomeDir: () => string;
  readonly loadSharedConfigFiles: () => Promise<Readonly<Record<'configFile' | 'credentialsFile', object>>>;
  readonly loadConfig: (selectors: {
    readonly environmentVariableSelector: (env: Readonly<Record<string, string | undefined>>) => string | undefined;
    readonly configFileSelector: () => undefined;
    readonly default: string;
  }) => () => Promise<string>;
}

function sharedConfig(): SharedConfig {
  return createRequire(require.resolve('@aws-sdk/client-s3'))('@smithy/core/config') as SharedConfig;
}

/** A variable as the SDK reads it; undefined where it is not set or empty. */
export async function environmentVariable(name: string): Promise<string | undefined> {
  const value = await sharedConfig().loadConfig({
    environmentVariableSelector: (env) => env[name],
    configFileSelector: () => undefined,
    default: '',
  })();
  return value === '' ? undefined : value;
}

/** The AWS files of this machine, and the profiles in them. */
async function sharedFiles(): Promise<{ readonly files: string; readonly profiles: readonly string[] }> {
  const shared = sharedConfig();
  const { configFile, credentialsFile } = await shared.loadSharedConfigFiles();
  const file = async (name: string, usual: string): Promise<string> =>
    (await environmentVariable(name)) ?? `${shared.getHomeDir()}/.aws/${usual}`;
  const files = await Promise.all([
    file('AWS_CONFIG_FILE', 'config'),
    file('AWS_SHARED_CREDENTIALS_FILE', 'credentials'),
  ]);
  // Sections of other kinds, such as sso-session, have a dot after their kind.
  const sections = [...Object.keys(configFile), ...Object.keys(credentialsFile)];
  const profiles = [...new Set(sections)].filter((name) => !/^(?:sso-session|services)\./.test(name)).sort();
  return { files: files.join(' and '), profiles };
}
