import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { ConnectionOptions } from '../connection-options.js';
import { VERSION } from '../version.js';
import type { HttpClient } from './http/http-client.js';
import { sdkHandler } from './http/sdk-handler.js';

/** The SDK as the engine uses it. */
export interface Connection {
  /** Makes one attempt per call, adds no checksums of its own, and sends everything by one `HttpClient`. */
  readonly client: S3Client;
  /** The same without credentials, to ask for addresses. */
  readonly asked: S3Client;
}

export async function connect(connection: ConnectionOptions, http: HttpClient): Promise<Connection> {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
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
    ...(connection.region !== undefined && { region: connection.region }),
    ...(connection.profile !== undefined && { profile: connection.profile }),
  };
  const asked = new Client({ ...config, credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  const region = connection.region ?? (await regionOf(asked, connection.endpointUrl));
  const { credentials } = connection;
  return { asked, client: new Client({ ...config, region, ...(credentials !== undefined && { credentials }) }) };
}

async function regionOf(client: S3Client, endpointUrl: string | undefined): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    return defaultRegion(endpointUrl);
  }
}

/** The region where neither option, environment nor profile names one: R2 has only `auto`, everything else knows `us-east-1`. */
export function defaultRegion(endpointUrl: string | undefined): string {
  const host = endpointUrl === undefined ? '' : new URL(endpointUrl).hostname;
  return host.endsWith('.r2.cloudflarestorage.com') ? 'auto' : 'us-east-1';
}
