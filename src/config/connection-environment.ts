import { UsageError } from '../errors.js';
import type { CopyOptions } from '../options/types.js';
import { maskUrl } from '../report/mask-secrets.js';
import { msg } from '../report/message.js';
import type { Environment } from './layers.js';
import { type Destination, withCopyProxy, withEnvironmentProxy } from './proxy.js';

/**
 * The options with what the environment says about connections: its proxy, where they name none. Throws `UsageError` for variables that cannot be
 * used.
 */
export function withConnectionEnvironment<T extends Destination>(options: T, env: Environment): T {
  checkEndpointVariables(env, options.endpointUrl);
  return withEnvironmentProxy(options);
}

/** The same for both buckets of a copy. */
export function copyWithConnectionEnvironment(options: CopyOptions, env: Environment): CopyOptions {
  const { endpointUrl, sourceEndpointUrl = endpointUrl, destEndpointUrl = endpointUrl } = options;
  checkEndpointVariables(env, sourceEndpointUrl, destEndpointUrl);
  return withCopyProxy(options);
}

/** The SDK's variables for the address of a server; the first that is set counts. */
const VARIABLES = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'] as const;

/**
 * Checks the variable that gives the endpoint where the options give none. The SDK reads it, too, but its errors show the whole value, with a
 * password that may be in it. Throws `UsageError`.
 * @param endpoints what the options give, one for each bucket
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 * @internal
 */
export function checkEndpointVariables(env: Environment, ...endpoints: readonly (string | undefined)[]): void {
  if (!endpoints.includes(undefined) || env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return;
  const name = VARIABLES.find((one) => (env[one] ?? '') !== '');
  const value = name === undefined ? '' : (env[name] ?? '');
  if (name === undefined || isAddress(value)) return;
  throw new UsageError(
    `${name} is "${maskUrl(value)}", which is not the address of a server.`,
    msg`It begins with http:// or https://, as in "https://s3.example.com", and has no user, query or fragment. Change or unset it, or give {endpointUrl}.`,
  );
}

/** Whether it is a URL without a user, a query or a fragment, as for the option. */
function isAddress(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return username === '' && password === '' && search === '' && hash === '' && !text.includes('\\');
}
