import { isIP } from 'node:net';
import type {
  CreateJobCommandOutput,
  DescribeJobCommandOutput,
  JobDescriptor,
  S3ControlClient,
} from '@aws-sdk/client-s3-control';
import { S3RequestError, UsageError } from '../errors.js';
import { errorCode } from '../model/error-codes.js';
import { VERSION } from '../model/version.js';
import type { BatchRole } from '../options/batch.js';
import { msg, type Text } from '../report/message.js';
import { orAborted } from '../run/abort.js';
import { callerAccount } from '../s3/caller-identity.js';
import type { RetryClock } from '../s3/middleware/retry.js';
import { retryDelay } from '../s3/middleware/retry-policy.js';
import type { ServiceAccess } from '../s3/open.js';
import { disableNodeWarning } from '../s3/sdk/node-warning.js';
import { type ServiceFailure, serviceFailure, serviceRetryKind } from '../s3/service-failure.js';
import type { JobHeaders } from './operation.js';

/** One job, as it is created. */
export interface NewJob {
  readonly token: string;
  readonly description: string;
  readonly role: BatchRole;
  readonly manifest: {
    readonly bucket: string;
    readonly key: string;
    readonly etag: string;
    readonly versioned: boolean;
  };
  readonly reports: { readonly bucket: string; readonly prefix: string };
  /** The destination: objects get `prefix/whole source key`, or whole source keys where it is empty. */
  readonly target: { readonly bucket: string; readonly prefix: string };
  readonly fields: JobHeaders;
}

/** The requests to S3 Control. Each is tried again where that may help, and throws an `S3RequestError`, or the reason of the signal. */
export interface BatchControl {
  /** @returns the id of the job, which is an earlier one's where its token is */
  createJob(job: NewJob, signal: AbortSignal): Promise<string>;
  describeJob(id: string, signal: AbortSignal): Promise<JobDescriptor>;
  close(): void;
}

export interface BatchControlOptions {
  /** Credentials, region and connections of the destination's bucket: a job runs in its region. */
  readonly access: ServiceAccess;
  /** Whose shared config may name an endpoint. */
  readonly profile: string | undefined;
  /** The destination's bucket, for messages. */
  readonly bucket: string;
  readonly role: BatchRole | undefined;
  readonly clock: RetryClock;
}

type Sdk = typeof import('./sdk.js');
type Verb = 'CreateJob' | 'DescribeJob';

const MOST_ATTEMPTS = { transient: 8, throttle: 20 } as const;

/**
 * Opens S3 Control with the AWS SDK, which finds its endpoint: that of `AWS_ENDPOINT_URL_S3_CONTROL` or the profile, where they name one.
 * @throws UsageError where the package is not installed, or where nothing says the account
 */
export async function openBatchControl(options: BatchControlOptions, signal: AbortSignal): Promise<BatchControl> {
  const { access, profile, bucket, role, clock } = options;
  const sdk = await loadSdk();
  // A role can be passed only in its own account.
  const account = role?.account ?? (await accountBySts(access, signal));
  disableNodeWarning();
  const client = new sdk.S3ControlClient({
    region: access.region(),
    maxAttempts: 1,
    customUserAgent: [['s3-parallel-put', VERSION]],
    credentials: access.credentials,
    requestHandler: access.requestHandler,
    systemClockOffset: access.now() - Date.now(),
    ...(profile !== undefined && { profile }),
  });
  keepIpAddresses(client);

  async function send<T>(verb: Verb, key: string | undefined, once: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await orAborted(once(), signal);
      } catch (thrown) {
        signal.throwIfAborted();
        const failed = serviceFailure(thrown);
        // The token of a CreateJob makes two of them one job.
        const kind = serviceRetryKind(failed);
        const isLast = kind === undefined || attempt >= MOST_ATTEMPTS[kind];
        const isStale = errorCode(failed.code).expired === true && !(await access.refresh());
        if (isLast || isStale) throw await errorOf(verb, key, failed, attempt, signal);
        await clock.sleep(retryDelay(kind, attempt, undefined, clock.random()), signal);
      }
    }
  }

  async function errorOf(
    verb: Verb,
    key: string | undefined,
    failed: ServiceFailure,
    attempts: number,
    signal: AbortSignal,
  ) {
    const { code, status, requestId, message, cause } = failed;
    const facts = [status, requestId && `request ${requestId}`].filter(Boolean).join(', ');
    const text = `${verb}${key === undefined ? '' : ` ${key}`}: ${code}${facts === '' ? '' : ` (${facts})`}${message === '' ? '' : `: ${message}`}`;
    const denied = status === 403 || code === 'AccessDenied';
    const caller = denied ? await callerAccount(access, signal).catch(() => undefined) : undefined;
    const hint = hintFor(verb, code, { denied, answered: status !== undefined, role, account, caller });
    return new S3RequestError(text, { code, verb, bucket, status, requestId, attempts, hint, cause });
  }

  return {
    async createJob(job, signal) {
      // A command can be sent only once.
      const once = (): Promise<CreateJobCommandOutput> =>
        client.send(new sdk.CreateJobCommand({ AccountId: account, ...requestOf(job) }), { abortSignal: signal });
      const { JobId: id } = await send('CreateJob', undefined, once, signal);
      return id ?? unusable('CreateJob', bucket);
    },
    async describeJob(id, signal) {
      const once = (): Promise<DescribeJobCommandOutput> =>
        client.send(new sdk.DescribeJobCommand({ AccountId: account, JobId: id }), { abortSignal: signal });
      const { Job: job } = await send('DescribeJob', id, once, signal);
      return job?.Status === undefined ? unusable('DescribeJob', bucket) : job;
    },
    close: () => client.destroy(),
  };
}

function requestOf(job: NewJob) {
  const { token, description, role, manifest, reports, target, fields } = job;
  const arn = (bucket: string): string => `arn:${role.partition}:s3:::${bucket}`;
  return {
    ClientRequestToken: token,
    Description: description,
    ConfirmationRequired: false,
    Priority: 10,
    RoleArn: role.arn,
    Operation: {
      S3PutObjectCopy: {
        ...fields,
        TargetResource: arn(target.bucket),
        ...(target.prefix !== '' && { TargetKeyPrefix: target.prefix }),
      },
    },
    Manifest: {
      Spec: {
        Format: 'S3BatchOperations_CSV_20180820' as const,
        Fields: manifest.versioned
          ? ['Bucket' as const, 'Key' as const, 'VersionId' as const]
          : ['Bucket' as const, 'Key' as const],
      },
      Location: { ObjectArn: `${arn(manifest.bucket)}/${manifest.key}`, ETag: manifest.etag },
    },
    Report: {
      Enabled: true,
      Bucket: arn(reports.bucket),
      Prefix: reports.prefix,
      Format: 'Report_CSV_20180820' as const,
      ReportScope: 'AllTasks' as const,
    },
  };
}

/** The SDK puts the account before the host, which no IP address can have. The account is in a header, too. */
function keepIpAddresses({ config }: S3ControlClient): void {
  const { endpointProvider: usual } = config;
  config.endpointProvider = (parameters, context) => {
    const { Endpoint: endpoint } = parameters;
    if (endpoint === undefined || isIP(new URL(endpoint).hostname.replace(/^\[|\]$/g, '')) === 0)
      return usual(parameters, context);
    return { url: new URL(endpoint), headers: {}, properties: {} };
  };
}

async function accountBySts(access: ServiceAccess, signal: AbortSignal): Promise<string> {
  const account = await callerAccount(access, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  });
  if (typeof account === 'string') return account;
  throw new UsageError(
    msg`The account of the jobs is not known: STS did not answer (sts:GetCallerIdentity)${account === undefined ? '' : ` (${account.message})`}.`,
    msg`Give {batchRole}, whose ARN has the account id, or check the credentials by aws sts get-caller-identity.`,
  );
}

interface HintFacts {
  readonly denied: boolean;
  /** Whether there was a response. */
  readonly answered: boolean;
  readonly role: BatchRole | undefined;
  /** That the request named. */
  readonly account: string;
  /** That of the credentials, where STS says it. */
  readonly caller: string | undefined;
}

function hintFor(verb: Verb, code: string, { denied, answered, role, account, caller }: HintFacts): Text | undefined {
  if (caller !== undefined && caller !== account)
    return msg`The credentials are those of the account ${caller} (aws sts get-caller-identity), and the role of {batchRole} is in ${account}: give a role of ${caller}, or credentials of ${account}.`;
  if (denied && verb === 'CreateJob')
    return msg`Allow the credentials s3:CreateJob, and iam:PassRole on ${role?.arn ?? 'the role'}. docs/batch-operations.md has the policies.`;
  if (denied) return 'Allow the credentials s3:DescribeJob. docs/batch-operations.md has the policies.';
  if (verb === 'DescribeJob' && /NoSuchJob|NotFound/.test(code))
    return msg`The account ${account} has no such job in this region. Check {batchJob} and the region; S3 forgets jobs 90 days after their end.`;
  if (!answered) return 'Check the network, the proxy, and what AWS_ENDPOINT_URL_S3_CONTROL names, if anything.';
  return verb === 'CreateJob' ? 'docs/batch-operations.md says what role, manifest and report need.' : undefined;
}

function unusable(verb: Verb, bucket: string): never {
  throw new S3RequestError(`${verb}: the response is not one of S3 Control`, {
    code: 'NotAnS3ControlAnswer',
    verb,
    bucket,
    status: 200,
    hint: 'Check what AWS_ENDPOINT_URL_S3_CONTROL names.',
  });
}

/** Loads the client of the SDK. Throws `UsageError` where its package is not installed. */
export async function loadSdk(): Promise<Sdk> {
  return await import('./sdk.js').catch((error: unknown) => {
    throw withoutSdk(error);
  });
}

function withoutSdk(error: unknown): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = /MODULE_NOT_FOUND$/.test(code ?? '') ? 'which is not installed' : `which cannot be loaded (${message})`;
  return new UsageError(
    msg`{batchOperations} needs the package @aws-sdk/client-s3-control, ${why}.`,
    'npm install @aws-sdk/client-s3-control adds it.',
  );
}
