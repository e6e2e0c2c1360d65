import { readSiteFiles } from './config/site-files.js';
import { headerWarnings } from './encode/header-grammar.js';
import { asksForKms, type ObjectHeaders, prepareObjectHeaders } from './encode/object-headers.js';
import { prepareRules, type Rules } from './encode/rules.js';
import { UsageError } from './errors.js';
import { type BucketAddress, checkOwnKey, normalizePrefix, parseBucket } from './model/key.js';
import type { FilePhase } from './model/site-phases.js';
import { checkedGzip, checkedGzipLevel, definedHeaders, sharedOptions } from './options/common.js';
import { compressOptions } from './options/compression.js';
import { connectionOf } from './options/connection.js';
import type { ResolvedPutOptions } from './options/resolved.js';
import { refuseInShard, shardOption, shardsOption } from './options/shard.js';
import { siteOptions } from './options/site.js';
import type { FinishChoices } from './options/site-types.js';
import { refuseUnknown } from './options/suggest.js';
import { apiRows } from './options/table.js';
import { KEY_BASES, type PutOptions, type SourceInput, SYMLINK_RULES } from './options/types.js';
import { flag, hook, oneOf, text, threadsOf } from './options/validate.js';
import { msg, option, type Text, textIn } from './report/message.js';
import type { CiAttempt } from './report/types.js';
import { readReports } from './shards/reports.js';
import { type FinishPlan, finishPlan } from './shards/work.js';
import { phaseOf } from './site/phases.js';
import { type SiteRedirect, siteRedirects } from './site/redirects.js';
import type { CleanUrlsOf } from './source/clean-urls.js';
import { createFilter, type Filter } from './source/filter.js';
import { globMatcher, keyMatcher } from './source/globs/glob.js';
import { HOST_FILES, type HostFile } from './source/names.js';

/** The checked options of a put, and the values that are derived from them once. */
export interface PreparedPut {
  readonly options: ResolvedPutOptions;
  /** Which files are put: those neither excluded nor skipped by a rule. */
  readonly names: Filter;
  readonly headersFor: ObjectHeaders;
  readonly rules: Rules;
  /** The phase of a file, by the rules, and by its name where these give it none. */
  readonly phaseOf: (relativePath: string) => FilePhase;
  /** The clean URLs of a file, by the rules, and by the option where these set none; undefined where there are none. */
  readonly cleanUrlsOf: CleanUrlsOf | undefined;
  /** Whether filters or rules leave out a file of this path, be there one or not. */
  readonly leavesOut: (relativePath: string) => boolean;
  /** Whether a key is never deleted. */
  readonly isProtected: (key: string) => boolean;
  /** What is odd about the options: about headers, redirects, and the files with either. */
  readonly warnings: readonly { readonly code: string; readonly message: Text }[];
  /** Objects that the source has besides its files. */
  readonly redirects: readonly SiteRedirect[];
  /** Whether the option `allowSecrets` has this path, relative to the source. */
  readonly allowsSecret: (relativePath: string) => boolean;
  /** Refuse all files that look like secrets, not only those that an ACL opens. A face whose users publish sets it. */
  readonly refuseSecrets: boolean;
  /** Files that the run itself reads or writes, by path, which directories are walked without. A face that knows of them sets it. */
  readonly ownFiles: readonly string[];
  /** URL of the proxy for requests to the live site. A face that reads the environment sets the one for that host. */
  readonly siteProxy: string | undefined;
  /** The files of `redirectsFile` and `headersFile`, which directories are walked without, too. Builds write them beside the site, so nothing is said of it. */
  readonly siteFiles: readonly string[];
  /** Names of files of other hosts that nothing reads. */
  readonly unreadFiles: readonly HostFile[];
  /** Which attempt of a CI's run this is. A face that knows its environment sets it; only a shard reports it. */
  readonly attempt?: CiAttempt | undefined;
  /** Only of `finish`. */
  readonly finish?: FinishPlan;
}

/** Options of `finish`: those of a put, except `shard`, and where the reports of the shards are. */
export interface FinishOptions extends Omit<PutOptions, 'shard'>, FinishChoices {}

/**
 * Checks the options of a `finish`, and reads the reports of the shards. Throws `UsageError`.
 */
export function prepareFinish(options: FinishOptions): PreparedPut {
  if (typeof options !== 'object' || options === null) throw new UsageError('finish() needs an object of options.');
  refuseUnknown(options, FINISH_ROWS);
  const { reports, shards, ...put } = options;
  if (reports === undefined || reports === '')
    throw new UsageError(
      'No reports of shards were given.',
      msg`Set {reports} to the folder that has the report of every shard.`,
    );
  if (shards === undefined)
    throw new UsageError(
      'How many shards there are was not given.',
      msg`Set {shards} to their number, so that a missing one is noticed.`,
    );
  if (typeof reports !== 'string' && !Array.isArray(reports))
    throw new UsageError(
      msg`{reports} is ${reports === null ? 'null' : typeof reports}, which is neither a folder nor a list of reports.`,
      msg`Set {reports} to the folder that has the report of every shard.`,
    );
  const count = shardsOption(shards);
  const prepared = preparePut({ ...put, order: put.order ?? 'site' });
  const found = readReports(reports);
  // Other files below that folder may be the site's own.
  const isFile = typeof reports === 'string';
  const files = found.reports.flatMap(({ name, shard }) => (isFile && shard !== undefined ? [name] : []));
  return { ...prepared, ownFiles: files, finish: finishPlan(count, found) };
}

/**
 * Checks the options of a put and prepares what is derived from them. Its only I/O are `redirectsFile` and `headersFile`, which it reads. Throws
 * `UsageError`.
 */
export function preparePut(options: PutOptions): PreparedPut {
  const resolved = resolvePutOptions(options);
  const filter = createFilter(resolved);
  const headers = typeof resolved.headers === 'function' ? undefined : resolved.headers;
  const headersFor = prepareObjectHeaders({ ...resolved, headers });
  // The headers of an item, and those from a function, are known only when the item is put.
  const headersByItem =
    typeof resolved.headers === 'function' || resolved.sources.some((one) => typeof one !== 'string');
  const files = readSiteFiles({
    redirectsFile: text('redirectsFile', options.redirectsFile),
    headersFile: text('headersFile', options.headersFile),
  });
  const kmsElsewhere = headersByItem || asksForKms(headersFor(''));
  const rules = prepareRules(resolved.rules, globMatcher, kmsElsewhere, files.rules);
  const takes = (path: string): boolean => filter.takes(path) && !rules.resultFor(path).skip;
  const cleanUrlsOf = cleanUrlsBy(resolved, rules);
  const site = siteRedirects([...resolved.redirects, ...files.redirects], {
    prefix: resolved.prefix,
    cleanUrlsOf,
    url: resolved.verifyUrl,
  });
  const { leavesOut, isProtected } = keysThatStay(resolved, takes);
  return {
    options: resolved,
    names: { ...filter, takes },
    headersFor,
    rules,
    phaseOf: (path) => rules.resultFor(path).phase ?? phaseOf(path),
    cleanUrlsOf,
    leavesOut,
    isProtected,
    warnings: [...headerWarnings(headersFor('')), ...files.warnings, ...site.warnings],
    redirects: site.redirects,
    allowsSecret: secretsAllowed(resolved.allowSecrets),
    refuseSecrets: resolved.preset === 'site',
    ownFiles: [],
    siteProxy: resolved.connection.proxy,
    siteFiles: files.paths,
    unreadFiles: (['_redirects', '_headers'] as const).filter((name) => options[HOST_FILES[name]] === undefined),
  };
}

function cleanUrlsBy({ cleanUrls }: ResolvedPutOptions, rules: Rules): CleanUrlsOf | undefined {
  if (rules.setCleanUrls) return (path) => rules.resultFor(path).cleanUrls ?? cleanUrls;
  return cleanUrls === undefined ? undefined : () => cleanUrls;
}

/** Which keys that the source lacks stay nevertheless. */
function keysThatStay(
  options: ResolvedPutOptions,
  takes: (path: string) => boolean,
): Pick<PreparedPut, 'leavesOut' | 'isProtected'> {
  return {
    // By the filter of the walk: a glob that keeps a key has matched something.
    leavesOut: (path) => !takes(path),
    isProtected: keyMatcher(options.protect, options.prefix),
  };
}

/** @throws UsageError for an invalid glob */
function secretsAllowed(allowed: true | readonly string[]): (relativePath: string) => boolean {
  if (allowed === true) return () => true;
  try {
    const matchers = allowed.map(globMatcher);
    return (path) => matchers.some((matches) => matches(path));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(msg`{allowSecrets}: ${textIn(error, 'message')}`, textIn(error, 'hint'));
  }
}

const ROWS = apiRows('put');
const FINISH_ROWS = apiRows('finish');

/** Checks all options and fills in defaults. Throws `UsageError` naming the first wrong value and its fix; does no I/O. */
function resolvePutOptions(options: PutOptions): ResolvedPutOptions {
  if (typeof options !== 'object' || options === null) throw new UsageError('put() needs an object of options.');
  refuseUnknown(options, ROWS);
  const { bucket, prefix, slashWritten, explicit } = destination(options);
  const sources = sourcesOf(options.source);
  const shared = sharedOptions(options);
  const shard = shardOption(options.shard);
  if (shard !== undefined) refuseInShard(options);
  // Pages wait for `finish` unless somebody says that they need not.
  const site = siteOptions(options, shared.mode, shard === undefined ? 'none' : 'site');
  if (site.delete) checkDelete(options, explicit);
  if (options.filesFrom !== undefined) checkListedSource(options, sources);
  return {
    ...shared,
    ...site,
    // A shard does not see what the others put; `finish` checks all links.
    ...(shard !== undefined && { checkLinks: 'off' }),
    shard,
    sources,
    bucket,
    prefix,
    slashWritten,
    as: keyOfFile(options, sources, prefix),
    keyBase: oneOf('keyBase', options.keyBase ?? 'source', KEY_BASES),
    hidden: flag('hidden', options.hidden, true),
    symlinks: oneOf('symlinks', options.symlinks ?? 'inside', SYMLINK_RULES),
    contentType: text('contentType', options.contentType) ?? 'guess',
    headers: headersOf(options.headers),
    cacheControl: text('cacheControl', options.cacheControl),
    contentEncoding: text('contentEncoding', options.contentEncoding),
    contentDisposition: text('contentDisposition', options.contentDisposition),
    contentLanguage: text('contentLanguage', options.contentLanguage),
    expires: options.expires,
    websiteRedirect: text('websiteRedirect', options.websiteRedirect),
    acl: options.acl,
    metadata: options.metadata,
    storageClass: options.storageClass,
    sse: options.sse,
    sseKmsKeyId: text('sseKmsKeyId', options.sseKmsKeyId),
    tagging: options.tagging,
    requestPayer: options.requestPayer,
    expectedBucketOwner: options.expectedBucketOwner,
    rules: options.rules,
    gzip: checkedGzip('gzip', options.gzip),
    gzipLevel: checkedGzipLevel('gzipLevel', options.gzipLevel),
    ...compressOptions(options),
    syncReads: flag('syncReads', options.syncReads, true),
    threads: threadsOf(options.threads),
    connection: connectionOf(options, undefined, { bucket, prefix }),
    key: hook('key', options.key),
    absoluteKey: absoluteKeyOf(options),
    filter: hook('filter', options.filter),
  };
}

/** Deletes are for a source that is whole, and for a prefix that somebody has written. */
function checkDelete(options: PutOptions, explicit: boolean): void {
  if (!explicit)
    throw new UsageError(
      msg`{delete} needs a prefix: it deletes every key below it that the source does not have.`,
      msg`Write one, as in s3://bucket/docs; for the whole bucket write s3://bucket/ with the slash at its end.`,
    );
  const partial = (['limit', 'filesFrom'] as const).find((name) => options[name] !== undefined);
  if (partial !== undefined)
    throw new UsageError(
      msg`{delete} cannot be used with ${option(partial)}, which takes only a part of the source: the rest would be deleted.`,
      msg`Leave one of them out.`,
    );
}

interface Destination extends BucketAddress {
  readonly slashWritten: boolean;
  /** Whether somebody has written the prefix, be it empty. */
  readonly explicit: boolean;
}

function destination(options: PutOptions): Destination {
  if (typeof options.bucket !== 'string' || options.bucket === '') {
    throw new UsageError('No bucket was given.', msg`Set {bucket} to a name or to "s3://bucket/prefix".`);
  }
  const { bucket, prefix } = parseBucket(options.bucket);
  const own = text('prefix', options.prefix);
  if (prefix !== '' && own !== undefined) {
    throw new UsageError(
      msg`The bucket "${options.bucket}" names a prefix, and so does the {prefix} option ("${own}").`,
      'Give only one of them.',
    );
  }
  const slashWritten = (own ?? options.bucket).endsWith('/');
  return {
    bucket,
    prefix: own === undefined ? prefix : normalizePrefix(own),
    slashWritten,
    explicit: own !== undefined || prefix !== '' || slashWritten,
  };
}

function keyOfFile(options: PutOptions, sources: readonly SourceInput[], prefix: string): string | undefined {
  const as = text('as', options.as);
  if (as === undefined) return undefined;
  const [only] = sources;
  if (sources.length > 1)
    throw new UsageError(
      msg`{as} is the key of one file, but there are ${sources.length} sources.`,
      msg`Upload that file in a run of its own, or leave {as} out.`,
    );
  if (typeof only !== 'string')
    throw new UsageError(
      msg`{as} is the key of one file, but the source is items, which have keys of their own.`,
      msg`Leave {as} out.`,
    );
  if (options.key !== undefined)
    throw new UsageError(msg`{as} and the function "key" both say what the key is.`, 'Give only one of them.');
  checkOwnKey(as, prefix);
  return as;
}

/** Whether the source is a directory shows only when it is walked. */
function checkListedSource({ as }: PutOptions, sources: readonly SourceInput[]): void {
  const lists = msg`{filesFrom} lists paths in one directory`;
  const fix = msg`Name one directory as the source, or leave {filesFrom} out.`;
  if (sources.length > 1) throw new UsageError(msg`${lists}, but there are ${sources.length} sources.`, fix);
  if (typeof sources[0] !== 'string') throw new UsageError(msg`${lists}, but the source is items.`, fix);
  if (as !== undefined)
    throw new UsageError(msg`${lists}, and {as} is the key of one file.`, 'Leave one of the two out.');
}

function absoluteKeyOf({ absoluteKey, key }: PutOptions): boolean {
  const absolute = flag('absoluteKey', absoluteKey, false);
  if (!absolute || key !== undefined) return absolute;
  throw new UsageError(
    msg`{absoluteKey} is true, but there is no key function.`,
    msg`Give key, a function that returns whole keys, or leave {absoluteKey} out.`,
  );
}

function sourcesOf(source: PutOptions['source'] | undefined): readonly SourceInput[] {
  if (source === undefined || source === null || source === '') {
    throw new UsageError('No source was given.', 'Name a directory, a file, or give an iterable of {key, body}.');
  }
  const several = Array.isArray(source) && source.length > 0 && !source.some(isItem);
  const sources = several ? (source as readonly SourceInput[]) : [source as SourceInput];
  for (const one of sources) {
    if (typeof one === 'string' ? one !== '' : isIterable(one)) continue;
    throw new UsageError(
      `A source is ${one === '' ? 'an empty string' : typeof one}.`,
      'Give a path, or an iterable of {key, body}.',
    );
  }
  return sources;
}

/** Whether a value is an item: an array of items, or an empty one, is one iterable source; any other array is several sources. */
function isItem(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'key' in value && 'body' in value;
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

function headersOf(headers: PutOptions['headers']): PutOptions['headers'] {
  if (headers === undefined || typeof headers === 'function') return headers;
  if (typeof headers === 'object' && headers !== null && !Array.isArray(headers)) return definedHeaders(headers);
  throw new UsageError(
    msg`{headers} is not an object.`,
    'Give {name: value}, or a function that gives it for an item.',
  );
}
