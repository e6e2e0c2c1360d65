import { UsageError } from '../errors.js';
import { archiveKind } from '../model/archive-name.js';
import type { CopyOptions, PutOptions } from '../options/types.js';
import { maskAddress } from '../report/mask-secrets.js';
import { msg, option } from '../report/message.js';
import { HEADER_OPTIONS } from '../transfer/put/form.js';

/** What a put and a copy by workers needs besides their options. */
export interface QueueOptions {
  /** `redis://host:port/db`, or `rediss://` for TLS, with `user:password@` where the server asks for them. */
  readonly queue: string;
  /** Name of the run; a run of that name that was stopped goes on. */
  readonly queueRun: string;
  /** Endpoint that the environment gives where the options give none: workers have another environment. */
  readonly endpointUrl?: string | undefined;
}

/** Options that say what is done with an object: a job has them. */
const OF_OBJECTS = [
  'mode',
  'compare',
  ...HEADER_OPTIONS,
  'contentType',
  'maxRequestRate',
  'maxAttempts',
  'retryDelay',
  'partSize',
  'multipartThreshold',
  'resume',
  'forcePathStyle',
  'secure',
  'checksum',
  'requestPayer',
  'expectedBucketOwner',
] as const;
const OF_FILES = [
  'symlinks',
  'rules',
  'gzip',
  'gzipLevel',
  'compress',
  'brLevel',
  'zstdLevel',
  'conditionalWrites',
  'cleanUrls',
] as const;
const OF_COPIES = ['copyAcl', 'annotations', 'splitAbove', 'expectedSourceBucketOwner'] as const;

/** What jobs have besides: where from and where to. */
const PLACES = {
  put: ['bucket', 'prefix', 'endpointUrl', 'region'],
  copy: ['named', 'source', 'destination', 'sourceEndpointUrl', 'sourceRegion', 'destEndpointUrl', 'destRegion'],
} as const;

/** Whether a job can have an option: the queue decides neither about credentials nor about what is deleted. */
export function isJobOption(kind: 'put' | 'copy', name: string): boolean {
  const all: readonly string[] = [...OF_OBJECTS, ...(kind === 'put' ? OF_FILES : OF_COPIES), ...PLACES[kind]];
  return all.includes(name);
}

/** Options that the coordinator carries out itself, or that are about its own connections. */
const OF_COORDINATOR = [
  'source',
  'bucket',
  'prefix',
  'destination',
  'include',
  'exclude',
  'limit',
  'minSize',
  'maxSize',
  'hidden',
  'filesFrom',
  'key',
  'fromPrefix',
  'ifNoFilesFound',
  'allowSecrets',
  'warnSourceMaps',
  'failFast',
  'endpointUrl',
  'region',
  'sourceEndpointUrl',
  'sourceRegion',
  'destEndpointUrl',
  'destRegion',
  'concurrency',
  'threads',
  'memory',
  'profile',
  'sourceProfile',
  'destProfile',
  'credentials',
  'sourceCredentials',
  'destCredentials',
  'onCredentials',
  'proxy',
  'httpClient',
  'signal',
  'onEvent',
] as const;

/** Why an option has no place in a run by workers; of the others, because each worker sees only a part of the objects. */
const REASONS: Readonly<Record<string, string>> = {
  dryRun: 'a dry run sends nothing, so it needs no workers.',
  shard: 'both divide a run, each in its own way.',
  reports: 'finish runs in one process.',
  batchOperations: 'S3 itself copies, so there is nothing for workers to do.',
};

/** Values that ask for nothing. */
const IDLE: readonly unknown[] = [undefined, false, 'off', 'none'];
/** What the default of an option is, where that is a value. */
const USUAL: Readonly<Record<string, unknown>> = { keyBase: 'source' };

type Given = Readonly<Partial<Record<keyof PutOptions | keyof CopyOptions, unknown>>>;

/**
 * The options of a put or copy that go into its jobs. They are stored in the queue, so there is no credential among them.
 * @throws UsageError for an option that workers cannot carry out, and for a header that is a secret
 */
export function jobOptions(kind: 'put' | 'copy', options: Given): Readonly<Record<string, unknown>> {
  const taken: readonly string[] = [...OF_OBJECTS, ...(kind === 'put' ? OF_FILES : OF_COPIES)];
  const own: readonly string[] = OF_COORDINATOR;
  for (const [name, value] of Object.entries(options)) {
    if (IDLE.includes(value) || USUAL[name] === value || taken.includes(name) || own.includes(name)) continue;
    const reason = REASONS[name];
    throw new UsageError(
      msg`{queue} cannot be used with ${option(name)}: ${reason ?? 'workers see only a part of the objects.'}`,
      reason === undefined ? msg`Leave one of the two out.` : msg`Leave {queue} out.`,
    );
  }
  if (kind === 'put') for (const source of listOf(options.source)) checkSource(source);
  for (const headers of [options.headers, ...rulesIn(options.rules)]) refuseSecretHeaders(headers);
  return Object.fromEntries(taken.flatMap((name) => pick(options, name)));
}

function pick(options: Given, name: string): readonly (readonly [string, unknown])[] {
  const value = options[name as keyof Given];
  return value === undefined ? [] : [[name, value]];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function rulesIn(rules: unknown): readonly unknown[] {
  return Array.isArray(rules) ? rules.map((rule: { readonly headers?: unknown } | null) => rule?.headers) : [];
}

function checkSource(source: unknown): void {
  if (typeof source !== 'string')
    throw new UsageError(
      msg`{queue} needs directories and files as sources: workers cannot read items or standard input.`,
      msg`Leave {queue} out.`,
    );
  if (archiveKind(source) !== undefined)
    throw new UsageError(
      msg`{queue} needs directories and files as sources, but "${source}" is an archive.`,
      msg`Unpack it where all workers see it, or leave {queue} out.`,
    );
}

/** A customer's key would lie in the queue. */
function refuseSecretHeaders(headers: unknown): void {
  if (typeof headers !== 'object' || headers === null) return;
  // Names may have blanks around them.
  const secret = Object.keys(headers).find((name) => /^\s*x-amz-server-side-encryption-customer-/i.test(name));
  if (secret === undefined) return;
  throw new UsageError(
    msg`The header "${secret.trim()}" cannot be used with {queue}: the key would be stored in the queue.`,
    msg`Use keys of KMS ({sse} and {sseKmsKeyId}), or leave {queue} out.`,
  );
}

/** An endpoint of a job, without a password in it. @throws UsageError */
export function publicEndpoint(url: string | undefined): string | undefined {
  if (url !== undefined && maskAddress(url) !== url)
    throw new UsageError(
      msg`The endpoint ${maskAddress(url)} has a password, which {queue} would store in the queue.`,
      msg`Give the address without it.`,
    );
  return url;
}

const RUN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Checks the name of a run. @throws UsageError */
export function checkRunName(name: string): string {
  if (RUN_NAME.test(name)) return name;
  throw new UsageError(
    msg`{queueRun} is ${JSON.stringify(name)}; it must be 1 to 64 letters, digits, dots, dashes and underscores.`,
    'It begins with a letter or a digit, as in nightly-2026-11-30.',
  );
}
