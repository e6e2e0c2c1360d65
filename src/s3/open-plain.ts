import type { ConnectionOptions } from '../options/resolved.js';
import type { OnEvent } from '../report/types.js';
import { defaultRegion, plainAddress } from './address.js';
import { givenCredentials, type Provider } from './credentials.js';
import type { HttpClient } from './http/http-client.js';
import { plainSettings } from './plain-settings.js';
import { once, sdkConfigs } from './sdk-parts.js';
import { type OpenedSession, openSession } from './session.js';

/** Opens a session without the SDK; undefined where only the SDK knows region, address or credentials. */
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
  const late = once(() => sdkClientsOf(connection, http, onEvent));

  const provider: Provider =
    given !== undefined
      ? givenCredentials(given, onEvent)
      : async ({ forceRefresh = false } = {}) =>
          forceRefresh || plain.credentials === undefined
            ? (await late()).credentials({ forceRefresh })
            : plain.credentials;
  const resolveAddress = async (region: string) => addressIn(region) ?? (await late()).resolveAddress(name, region);
  const session = await openSession({ region, resolveAddress, provider, profile, onCredentials });
  return { session, namedRegion: plain.region };
}

/** What the SDK has for the few cases that come later: other credentials, and a region that is not certain. */
async function sdkClientsOf(connection: ConnectionOptions, http: HttpClient, onEvent: OnEvent | undefined) {
  const { sdkClients, resolveEndpoint } = await sdkConfigs();
  const { credentials, endpointClient } = await sdkClients(connection, http, onEvent);
  const resolveAddress = (name: string, region: string) => resolveEndpoint(endpointClient, name)(region);
  return { credentials, resolveAddress };
}
