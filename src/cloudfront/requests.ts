import type { CachePolicyConfig, CloudFrontClient, DistributionConfig } from '@aws-sdk/client-cloudfront';
import { UsageError } from '../errors.js';
import { errorCode } from '../model/error-codes.js';
import { VERSION } from '../model/version.js';
import { orAborted } from '../run/abort.js';
import type { RetryClock } from '../s3/middleware/retry.js';
import { retryDelay } from '../s3/middleware/retry-policy.js';
import type { ServiceAccess } from '../s3/open.js';
import { disableNodeWarning } from '../s3/sdk/node-warning.js';
import { serviceFailure, serviceRetryKind } from '../s3/service-failure.js';

/** A request to CloudFront that failed. */
export class CloudFrontError extends Error {
  override readonly name = 'CloudFrontError';
  /** CloudFront's code, such as `NoSuchDistribution`, or the system's for a connection error. */
  readonly code: string;
  /** HTTP status; undefined without a response. */
  readonly status: number | undefined;
  constructor(message: string, code: string, status: number | undefined, cause: unknown) {
    super(message, { cause });
    this.code = code;
    this.status = status;
  }
}

/** An invalidation that CloudFront has taken. */
export interface Invalidation {
  readonly id: string;
  readonly completed: boolean;
}

/** The requests to CloudFront. Each is tried again where that may help, and throws a `CloudFrontError`, or the reason of the signal. */
export interface CloudFront {
  distributionConfig(id: string, signal: AbortSignal): Promise<DistributionConfig>;
  cachePolicy(id: string, signal: AbortSignal): Promise<CachePolicyConfig>;
  createInvalidation(
    distributionId: string,
    reference: string,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<Invalidation>;
  invalidation(distributionId: string, id: string, signal: AbortSignal): Promise<Invalidation>;
  close(): void;
}

export interface CloudFrontOptions {
  /** Credentials and connections of the run. */
  readonly access: ServiceAccess;
  /** Whose shared config may name an endpoint. */
  readonly profile: string | undefined;
  /** The region of the bucket, which shows whether it is in China. */
  readonly region: string | undefined;
  readonly clock: RetryClock;
}

type Sdk = typeof import('./sdk.js');
type Command = InstanceType<
  Sdk['CreateInvalidationCommand' | 'GetCachePolicyCommand' | 'GetDistributionConfigCommand' | 'GetInvalidationCommand']
>;

/** More for a service that only asks to slow down: the next run finds nothing to invalidate. About two minutes. */
const MOST_ATTEMPTS = { transient: 6, throttle: 15 } as const;

/**
 * Opens CloudFront with the AWS SDK, which finds its endpoint: that of `AWS_ENDPOINT_URL_CLOUDFRONT` or the profile, where they name one.
 * @throws UsageError where the package is not installed
 */
export async function openCloudFront({ access, profile, region, clock }: CloudFrontOptions): Promise<CloudFront> {
  const sdk: Sdk = await import('./sdk.js').catch((error: unknown) => {
    throw withoutSdk(error);
  });
  disableNodeWarning('@aws-sdk/client-cloudfront');
  const client = new sdk.CloudFrontClient({
    // CloudFront is one service for all regions, but China has its own.
    region: region?.startsWith('cn-') === true ? 'cn-northwest-1' : 'us-east-1',
    maxAttempts: 1,
    customUserAgent: [['s3-parallel-put', VERSION]],
    credentials: access.credentials,
    requestHandler: access.requestHandler,
    systemClockOffset: access.now() - Date.now(),
    ...(profile !== undefined && { profile }),
  });

  async function send<T>(action: string, about: string, once: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await orAborted(once(), signal);
      } catch (thrown) {
        signal.throwIfAborted();
        const error = errorOf(action, about, thrown);
        // The caller reference makes two of them one invalidation.
        const kind = serviceRetryKind(error);
        if (kind === undefined || attempt >= MOST_ATTEMPTS[kind]) throw error;
        if (errorCode(error.code).expired === true && !(await access.refresh())) throw error;
        await clock.sleep(retryDelay(kind, attempt, undefined, clock.random()), signal);
      }
    }
  }

  const sendCommand = <T>(command: Command, signal: AbortSignal): Promise<T> =>
    (client as unknown as { send(command: Command, options: object): Promise<T> }).send(command, {
      abortSignal: signal,
    });

  return {
    distributionConfig: async (id, signal) => {
      const get = (): Promise<{ readonly DistributionConfig?: DistributionConfig }> =>
        sendCommand(new sdk.GetDistributionConfigCommand({ Id: id }), signal);
      const { DistributionConfig: config } = await send('GetDistributionConfig', id, get, signal);
      // Each has an origin; what has none is the page of another server.
      return config?.Origins === undefined ? missing('GetDistributionConfig', id) : config;
    },
    cachePolicy: async (id, signal) => {
      const get = (): Promise<{
        readonly CachePolicy?: { readonly CachePolicyConfig: CachePolicyConfig | undefined };
      }> => sendCommand(new sdk.GetCachePolicyCommand({ Id: id }), signal);
      const { CachePolicy: policy } = await send('GetCachePolicy', id, get, signal);
      return policy?.CachePolicyConfig ?? missing('GetCachePolicy', id);
    },
    createInvalidation: async (distributionId, reference, paths, signal) => {
      const create = (): Promise<InvalidationAnswer> =>
        sendCommand(
          new sdk.CreateInvalidationCommand({
            DistributionId: distributionId,
            InvalidationBatch: { CallerReference: reference, Paths: { Quantity: paths.length, Items: [...paths] } },
          }),
          signal,
        );
      const answer = await send('CreateInvalidation', distributionId, create, signal);
      return invalidationOf('CreateInvalidation', distributionId, answer);
    },
    invalidation: async (distributionId, id, signal) => {
      const get = (): Promise<InvalidationAnswer> =>
        sendCommand(new sdk.GetInvalidationCommand({ DistributionId: distributionId, Id: id }), signal);
      const answer = await send('GetInvalidation', distributionId, get, signal);
      return invalidationOf('GetInvalidation', distributionId, answer);
    },
    close: () => (client as Pick<CloudFrontClient, 'destroy'>).destroy(),
  };
}

interface InvalidationAnswer {
  readonly Invalidation?: { readonly Id: string | undefined; readonly Status: string | undefined } | undefined;
}

function invalidationOf(action: string, about: string, { Invalidation: answer }: InvalidationAnswer): Invalidation {
  return { id: answer?.Id ?? missing(action, about), completed: answer?.Status === 'Completed' };
}

function missing(action: string, about: string): never {
  throw new CloudFrontError(
    `${action} ${about}: the response is not one of CloudFront`,
    'NotACloudFrontAnswer',
    200,
    undefined,
  );
}

function errorOf(action: string, about: string, thrown: unknown): CloudFrontError {
  if (thrown instanceof CloudFrontError) return thrown;
  const { code, status, requestId, message: said } = serviceFailure(thrown);
  const facts = [status, requestId && `request ${requestId}`].filter(Boolean);
  const detail = said === '' ? '' : `: ${said}`;
  const message = `${action} ${about}: ${code}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}${detail}`;
  return new CloudFrontError(message, code, status, thrown);
}

function withoutSdk(error: unknown): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = /MODULE_NOT_FOUND$/.test(code ?? '') ? 'which is not installed' : `which cannot be loaded (${message})`;
  return new UsageError(
    `Invalidations of CloudFront need the package @aws-sdk/client-cloudfront, ${why}.`,
    'npm install @aws-sdk/client-cloudfront adds it.',
  );
}
