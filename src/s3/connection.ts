import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { ConnectionOptions } from '../connection-options.js';

/** Milliseconds without a byte in either direction after which a request is given up and tried again. */
export interface Patience {
  readonly connectMs: number;
  readonly silenceMs: number;
}

export const DEFAULT_PATIENCE: Patience = { connectMs: 10_000, silenceMs: 30_000 };

/** More sockets than any concurrency: the limiter decides, the agent never queues. */
const MAX_SOCKETS = 4_096;
/** S3 closes idle connections after about 5 s; a socket that we close first is never reused half dead. */
const IDLE_MS = 4_000;

/** An SDK client that makes one attempt per call, adds no checksums of its own, and never follows a redirect with credentials. */
export async function connect(connection: ConnectionOptions, patience: Patience): Promise<S3Client> {
  const sdk = await import('@aws-sdk/client-s3');
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS };
  const config: S3ClientConfig = {
    maxAttempts: 1,
    forcePathStyle: connection.forcePathStyle,
    tls: connection.secure,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A request that waits for "100 Continue" gets a socket of its own and up to 6 s of silence.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: patience.connectMs,
      socketTimeout: patience.silenceMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...(connection.endpointUrl !== undefined && { endpoint: connection.endpointUrl }),
    ...(connection.region !== undefined && { region: connection.region }),
    ...(connection.profile !== undefined && { profile: connection.profile }),
    ...(connection.credentials !== undefined && { credentials: connection.credentials }),
  };
  const client = new sdk.S3Client(config);
  if (connection.region !== undefined) return client;
  try {
    await client.config.region();
    return client;
  } catch {
    client.destroy();
    return new sdk.S3Client({ ...config, region: defaultRegion(connection.endpointUrl) });
  }
}

/** The region where neither option, environment nor profile names one: R2 has only `auto`, everything else knows `us-east-1`. */
export function defaultRegion(endpointUrl: string | undefined): string {
  const host = endpointUrl === undefined ? '' : new URL(endpointUrl).hostname;
  return host.endsWith('.r2.cloudflarestorage.com') ? 'auto' : 'us-east-1';
}
