import type { S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../../errors.js';
import type { ConnectionOptions } from '../../options/resolved.js';
import { msg } from '../../report/message.js';
import type { OnEvent } from '../../report/types.js';
import type { HttpClient } from '../http/http-client.js';
import { type OpenedSession, openSession } from '../session.js';
import { resolveEndpoint, sdkClients } from './client.js';

type SdkProvider = S3Client['config']['credentials'];

/** Opens a session whose region, endpoint and credentials are those of the SDK; its client takes all three from the session. */
export async function openSdkSession(
  name: string,
  connection: ConnectionOptions,
  http: HttpClient,
  onEvent: OnEvent | undefined,
): Promise<OpenedSession & { readonly sdk: S3Client }> {
  const { client, endpointClient, credentials, region, namedRegion } = await sdkClients(connection, http, onEvent);
  try {
    const { profile, onCredentials } = connection;
    const resolveAddress = resolveEndpoint(endpointClient, name);
    const start = { region, resolveAddress, provider: credentials, profile, onCredentials, clock: client.config };
    const session = await openSession(start);
    client.config.region = async () => session.region;
    // The session has its own memory; the client must not add another, which would ignore a refresh.
    const provider = Object.assign(async () => session.credentials(), { memoized: true });
    client.config.credentials = provider as unknown as SdkProvider;
    return { session, namedRegion, sdk: client };
  } catch (error) {
    client.destroy();
    throw unaddressable(name, connection, error);
  }
}

function unaddressable(name: string, { endpointUrl }: ConnectionOptions, error: unknown): UsageError {
  if (error instanceof UsageError) return error;
  const why = error instanceof Error ? error.message : String(error);
  // The endpoint of the option is checked already, so this is one that only the SDK reads.
  if (endpointUrl === undefined && /invalid url|not a valid uri|custom endpoint/i.test(why))
    return new UsageError(
      'AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or the endpoint_url of the profile, is not the address of a server.',
      'Write it with its scheme: https://s3.example.com or http://127.0.0.1:9000.',
    );
  return new UsageError(
    `The bucket "${name}" cannot be addressed: ${why}`,
    msg`Check bucket, region and {endpointUrl}.`,
  );
}
