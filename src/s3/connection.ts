import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { ConnectionOptions } from '../connection-options.js';
import { VERSION } from '../version.js';
import type { HttpClient } from './http/http-client.js';
import { sdkHandler } from './http/sdk-handler.js';
import { sdk } from './sdk.js';

/** The SDK as the engine uses it. */
export interface Connection {
  /** Makes one attempt per call, adds no checksums of its own, and sends everything by one `HttpClient`. */
  readonly client: S3Client;
  /** The same without credentials, to ask for addresses. */
  readonly asked: S3Client;
}

export async function connect(connection: ConnectionOptions, http: HttpClient): Promise<Connection> {
  const { S3Client: Client } = sdk();
  const config: S3ClientConfig = {
    maxAttempts: 1,
    forcePathStyle: connection.forcePathStyle,
    tls: connection.secure,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    customUserAgent: [['s3-parallel-put', VERSION]],
    requestHandler: sdkHandler(http),
    ...(connection.endpointUrl !== undefined && { endpoint: connection.endpointUrl }),
    ...(connection.profile !== undefined && { profile: connection.profile }),
  };
  // A client asks its first region about FIPS and the like, so it must have one from the start.
  const region = connection.region ?? (await chainRegion(new Client(config))) ?? defaultRegion(connection.endpointUrl);
  const none = { accessKeyId: 'none', secretAccessKey: 'none' };
  const { credentials } = connection;
  return {
    client: new Client({ ...config, region, ...(credentials !== undefined && { credentials }) }),
    asked: new Client({ ...config, region, credentials: none }),
  };
}

/** The region that the environment or the profile names. */
async function chainRegion(client: S3Client): Promise<string | undefined> {
  try {
    return await client.config.region();
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/** The region where neither option, environment nor profile names one: R2 has only `auto`, everything else knows `us-east-1`. */
export function defaultRegion(endpointUrl: string | undefined): string {
  const host = endpointUrl === undefined ? '' : new URL(endpointUrl).hostname;
  return host.endsWith('.r2.cloudflarestorage.com') ? 'auto' : 'us-east-1';
}
