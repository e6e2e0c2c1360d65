import type { ConnectionOptions } from '../options/resolved.js';
import type { OnEvent } from '../report/types.js';
import { defaultRegion, plainAddress } from './address.js';
import { givenCredentials, type Provider } from './credentials.js';
import type { HttpClient } from './http/http-client.js';
import { plainSettings } from './plain-settings.js';
import { sdkHandler } from './sdk/http-handler.js';
import { once, sdkChains, sdkConfigs } from './sdk-parts.js';
import { type OpenedSession, openSession } from './session.js';

/**
 * Opens a session without a client of the SDK; undefined where only its rules tell region or address. Of the SDK, the chain of providers is loaded
 * where the environment and a plain profile hold no keys.
 */
export async function openPlainSession(
  name: string,
  connection: ConnectionOptions,
  http: HttpClient,
  onEvent: OnEvent | undefined,
): Promise<OpenedSession | undefined> {
  const plain = await plainSettings(connection);
  if (plain === undefined) return undefined;
  const { credentials: given, profile, onCredentials, forcePathStyle, secure } = connection;
  const endpointUrl = connection.endpointUrl ?? plain.endpointUrl;
  const addressIn = (region: string) => plainAddress(name, region, { endpointUrl, forcePathStyle, secure });
  const region = plain.region ?? defaultRegion(connection.endpointUrl);
  if (addressIn(region) === undefined) return undefined;
  const chain = once(async () => {
    const { explainedChain } = await sdkChains();
    return explainedChain({ profile, region, requestHandler: sdkHandler(http), onEvent });
  });
  const rules = once(() => endpointRules(connection, http, onEvent));

  const provider: Provider =
    given !== undefined
      ? givenCredentials(given, onEvent)
      : async ({ forceRefresh = false } = {}) =>
          forceRefresh || plain.credentials === undefined ? (await chain())({ forceRefresh }) : plain.credentials;
  const resolveAddress = async (region: string) => addressIn(region) ?? (await rules())(name, region);
  const session = await openSession({ region, resolveAddress, provider, profile, onCredentials });
  return { session, namedRegion: plain.region };
}

/** The SDK's endpoint rules, for a region whose hosts are not certain. */
async function endpointRules(connection: ConnectionOptions, http: HttpClient, onEvent: OnEvent | undefined) {
  const { sdkClients, resolveEndpoint } = await sdkConfigs();
  const { endpointClient } = await sdkClients(connection, http, onEvent);
  return (name: string, region: string) => resolveEndpoint(endpointClient, name)(region);
}
