import { basename } from 'node:path';
import { typeNameOf } from './encode/content-type.js';
import { normalizeHeaders, REUSED_MARK } from './encode/header-syntax.js';
import { headersByOption } from './encode/object-headers.js';
import { compressedCopy } from './encode/precompressed.js';
import {
  type ExplainedGzip,
  type ExplainedHeader,
  explainCompression,
  explainSent,
  traceHeaders,
} from './encode/provenance.js';
import { type NamedRule, nameOf, type PreparedRule } from './encode/rules.js';
import { PartialFailureError, RefusedError, UsageError } from './errors.js';
import { codingsOf } from './model/encodings.js';
import type { FilePhase } from './model/site-phases.js';
import type { Verb } from './model/verbs.js';
import type { PutTask } from './open-put.js';
import type { PutOptions } from './options/types.js';
import { type PreparedPut, preparePut } from './prepare-put.js';
import { startTask } from './put.js';
import { type Text, textIn } from './report/message.js';
import { isOtherContent } from './report/reasons.js';
import type { Outcome } from './report/types.js';
import { unitsOf } from './run/blocks.js';
import { type ExplainedShard, explainShard } from './shards/explain.js';
import { type HashedFiles, hashedFiles } from './site/hashed-files.js';
import { phaseRowOf } from './site/phases.js';
import { lowestHeaders, presetHeaders } from './site/preset.js';
import { type SecretGuard, secretGuard } from './site/secret-guard.js';
import { keyCuts } from './source/clean-urls.js';
import { type FilterDecision, filterDecisions } from './source/filter-decision.js';
import { listedPaths } from './source/listed-files.js';
import { localSource, survey } from './source/local.js';
import { locateFile } from './source/locate-file.js';
import { nameWatch } from './source/names.js';
import { ownFiles } from './source/own-files.js';
import { pathsDeciding } from './source/precompressed.js';
import type { Entry, Source } from './source/types.js';
import { headersOfEntry } from './transfer/put/form.js';

export type { ExplainedGzip, ExplainedHeader, HeaderOrigin } from './encode/provenance.js';
export type { NamedRule } from './encode/rules.js';
export { type AwsDecision, type ExplainedName, type FilterDecision, nameExplainer } from './source/filter-decision.js';

/** What one put would do with one file, and why. */
export interface Explanation {
  /** The source that it is in, as it was given. */
  readonly source: string;
  /** Its path relative to the source, with `/`, as filters and rules see it. */
  readonly path: string;
  /** Bytes; absent where it is left out by its name, or cannot be read. */
  readonly size?: number;
  /** What the filters say. */
  readonly filter: FilterDecision;
  /** Why it is not put; then nothing else is known of it. */
  readonly leftOut?: LeftOut;
  /** Why it cannot be put. */
  readonly failure?: Error;
  readonly key?: ExplainedKey;
  /** The headers that it is sent with, in the order of their names. */
  readonly headers?: readonly ExplainedHeader[];
  readonly gzip?: ExplainedGzip;
  readonly phase?: ExplainedPhase;
  /** With `shard`. */
  readonly shard?: ExplainedShard;
  /** Absent without a destination. */
  readonly decision?: ExplainedDecision;
  /** What a run with this file would warn of. */
  readonly warnings: readonly Text[];
}

export type LeftOut =
  /** By its name: `filter` says more. */
  | { readonly by: 'filter' }
  | ({ readonly by: 'rule' } & NamedRule)
  | { readonly by: 'minSize' | 'maxSize'; readonly limit: number }
  /** The function `filter`. */
  | { readonly by: 'function' }
  /** `filesFrom` does not list it. */
  | { readonly by: 'filesFrom' }
  /** The run itself reads or writes it. */
  | { readonly by: 'ownFile' }
  /** A compressed copy, of which the best is put under the key of its file. */
  | { readonly by: 'precompressed' }
  /** It is a link that is not followed, or no regular file. */
  | { readonly by: 'kind'; readonly reason: string };

export interface ExplainedKey {
  readonly key: string;
  /** From the path, without what clean URLs cut off, by the option `as`, or by the function `key`. */
  readonly by: 'path' | 'cleanUrls' | 'as' | 'function';
  /** The key that the page has as well, as the page of its folder. */
  readonly folder?: string;
  /** What it begins with, by the destination. */
  readonly prefix: string;
  /** The path is relative to the working directory. */
  readonly fromWorkingDirectory: boolean;
}

export interface ExplainedPhase {
  readonly phase: FilePhase;
  /** The rule that says so, or what its name looks like. */
  readonly rule?: NamedRule;
  readonly why?: string;
  /** Whether the order of the run has phases. */
  readonly ordered: boolean;
}

export interface ExplainedDecision {
  /** `refuse`: the run would refuse it. `unknown`: nothing could be read from the bucket. */
  readonly action: Outcome['action'] | 'refuse';
  readonly reason: string;
  /** The same of the page's second key, where it has one. */
  readonly folder?: Pick<Outcome, 'action' | 'reason'>;
  readonly headerChanges?: Outcome['headerChanges'];
  readonly error?: Error;
  /** The requests that this took. */
  readonly requests: Readonly<Partial<Record<Verb, number>>>;
}

/** Options of a put, and the file. */
export interface ExplainOptions extends Omit<PutOptions, 'source' | 'bucket'> {
  /** A file in the source: its path relative to the working directory, or to the source. */
  readonly file: string;
  readonly source: string | readonly string[];
  /** Without it no request is made, and the decision is left out. */
  readonly bucket?: string | undefined;
}

/**
 * Says what a put with these options would do with one file, and why: its key, each of its headers, compression, phase and, where a bucket is given,
 * whether it is put. It reads the file, and makes the requests that a dry run of this file would make.
 * @throws UsageError for options that cannot work, and for a file that is not in the source
 */
export async function explain({ file, bucket, ...options }: ExplainOptions): Promise<Explanation> {
  if (typeof file !== 'string' || file === '') throw new UsageError('No file was given.', 'Name one in the source.');
  const prepared = preparePut(ofOneFile({ ...options, bucket: bucket ?? NO_BUCKET }));
  return explainPrepared(prepared, file, bucket !== undefined);
}

/** The options without those that are about the whole source, and that a put refuses without a prefix. */
export function ofOneFile({ delete: _delete, deleteAfter: _after, ...options }: PutOptions): PutOptions {
  return options;
}

/** Stands for the bucket where none is given. */
export const NO_BUCKET = 'bucket';

/** {@link explain} with options that are checked already. `decides`: whether the bucket is one. */
export async function explainPrepared(prepared: PreparedPut, file: string, decides: boolean): Promise<Explanation> {
  const { options, rules } = prepared;
  const { source, path, single } = locateFile(file, options.sources, options.as !== undefined);
  const filter = filterDecisions(options)(path);
  const named = { source, path, filter };
  const left = leftOutByName(prepared, named, single);
  if (left !== undefined) return { ...named, leftOut: left, warnings: [] };

  // One file is not many changes.
  const maxUpdate = { kind: 'count', count: Number.POSITIVE_INFINITY } as const;
  const filesFrom = single ? undefined : pathsDeciding(source, path, options.precompressed);
  const one = { ...prepared.options, sources: [source], filesFrom, maxUpdate };
  // Sizes and the function `filter` are looked at below, so that what they leave out has an outcome.
  const unfiltered = { ...one, minSize: 0, maxSize: Number.POSITIVE_INFINITY, filter: undefined };
  const hashed = await hashedIn(prepared);
  const alone = { ...unfiltered, mode: 'stupid', updateHeaders: false } as const;
  const local = await tryPut({ ...prepared, options: alone }, hashed, filesFrom && path);
  const { entry, outcome, sent } = local;
  if (outcome === undefined) {
    if (local.error !== undefined) throw local.error;
    const by = options.precompressed === 'replace' && compressedCopy(path) !== undefined ? 'precompressed' : 'ownFile';
    return { ...named, leftOut: { by }, warnings: [] };
  }
  const { warnings } = local;
  if (outcome.action === 'skip') return { ...named, leftOut: { by: 'kind', reason: outcome.reason }, warnings };
  if (outcome.action !== 'put' || entry === undefined)
    return { ...named, failure: outcome.error ?? new Error(outcome.reason), warnings };
  const size = outcome.sourceBytes;
  const leftOut = leftOutBySize(options, size) ?? leftOutByFunction(prepared, entry);
  if (leftOut !== undefined) return { ...named, size, leftOut, warnings };

  const real =
    decides && local.refusal === undefined
      ? await tryPut({ ...prepared, options: one }, hashed, filesFrom && path)
      : undefined;
  const reused = real?.outcome?.action === 'put' && isOtherContent(real.outcome.reason);
  const fitting = rules.matching(path);
  const headers = explainHeaders(prepared, entry, fitting, hashed, reused);
  const phase = explainPhase(prepared, path, fitting);
  const explained = {
    ...named,
    size,
    key: {
      key: outcome.key,
      by: keyGiver(prepared, path),
      prefix: options.prefix,
      fromWorkingDirectory: options.keyBase === 'cwd',
      ...(local.folder !== undefined && { folder: local.folder.key }),
    },
    headers: explainSent(headers.explained, reused ? real.sent : sent),
    gzip: explainCompression({ ...entry, headers: headers.headers, own: entry, rules: fitting, run: options, sent }),
    phase,
    ...explainShard(options.shard, outcome.key, phase),
  } as const;
  const refused = { action: 'refuse', reason: local.refusal?.message ?? '', requests: {} } as const;
  if (local.refusal !== undefined) return { ...explained, decision: refused, warnings };
  if (real === undefined) return { ...explained, warnings };
  return { ...explained, decision: decisionOf(real), warnings: unique([...warnings, ...real.warnings]) };
}

function keyGiver({ options, cleanUrlsOf }: PreparedPut, path: string): ExplainedKey['by'] {
  if (options.key !== undefined) return 'function';
  if (options.as !== undefined) return 'as';
  return keyCuts(path, cleanUrlsOf?.(path)).own > 0 ? 'cleanUrls' : 'path';
}

/** With the preset, what shows which names change with their content: a survey of the whole source, as a put makes one. */
async function hashedIn({ options, names, cleanUrlsOf, ...prepared }: PreparedPut): Promise<HashedFiles | undefined> {
  if (options.preset !== 'site') return undefined;
  const hashed = hashedFiles();
  await hashed.load();
  const source = localSource({ ...options, names, cleanUrlsOf, ownFiles: ownFiles(prepared.ownFiles) });
  if (source.repeatable) await survey(source, new AbortController().signal, { contents: hashed });
  return hashed;
}

function unique(warnings: readonly Text[]): readonly Text[] {
  return [...new Map(warnings.map((warning) => [String(warning), warning])).values()];
}

function leftOutByName(
  { options, rules }: PreparedPut,
  { source, path, filter }: Pick<Explanation, 'source' | 'path' | 'filter'>,
  single: boolean,
): LeftOut | undefined {
  if (options.filesFrom !== undefined && !single && !listedPaths(source, options.filesFrom).includes(path))
    return { by: 'filesFrom' };
  if (!filter.taken) return { by: 'filter' };
  if (!rules.resultFor(path).skip) return undefined;
  const rule = rules.matching(path).findLast(({ skip }) => skip !== undefined);
  return rule === undefined ? undefined : { by: 'rule', ...nameOf(rule) };
}

function leftOutBySize({ minSize, maxSize }: PreparedPut['options'], size: number): LeftOut | undefined {
  if (size < minSize) return { by: 'minSize', limit: minSize };
  return size > maxSize ? { by: 'maxSize', limit: maxSize } : undefined;
}

function leftOutByFunction({ options }: PreparedPut, { relativePath, key, origin, size }: Entry): LeftOut | undefined {
  return options.filter?.({ relativePath, key, origin, size }) === false ? { by: 'function' } : undefined;
}

/** What a dry run of one file has shown. */
interface Tried {
  readonly entry: Entry | undefined;
  /** The key of its second object, as the page of its folder. */
  readonly folder: Outcome | undefined;
  /** Undefined where the walk left it out, or the run ended before. */
  readonly outcome: Outcome | undefined;
  /** The headers that it would be sent with. */
  readonly sent: Readonly<Record<string, string>>;
  readonly error: unknown;
  /** The run would refuse the file. */
  readonly refusal: RefusedError | undefined;
  readonly warnings: readonly Text[];
  readonly requests: ExplainedDecision['requests'];
}

/** Warnings of what only a whole walk shows. */
const OF_WALKS: ReadonlySet<string> = new Set(['rule-unmatched', 'filter-unmatched']);

/** A dry run of the one file that the options name. In mode `stupid` it makes no request. */
async function tryPut(checked: PreparedPut, hashed: HashedFiles | undefined, path?: string): Promise<Tried> {
  const warnings: Text[] = [];
  const prepared: PreparedPut = {
    ...checked,
    options: {
      ...checked.options,
      dryRun: true,
      // A page of a folder has two, and of a compressed copy the file itself is there, too.
      limit: 4,
      delete: false,
      listStrays: false,
      ifNoFilesFound: 'ignore',
      onEvent(event) {
        if (event.type === 'warning' && !OF_WALKS.has(event.code)) warnings.push(textIn(event, 'message'));
      },
    },
  };
  const { options } = prepared;
  const own = ownFiles(prepared.ownFiles);
  let entry: Entry | undefined;
  let sent: Tried['sent'] = {};
  const settled: Entry['settled'] = (_outcome, headers = {}) => {
    sent = { ...headers };
  };
  let refusal: RefusedError | undefined;
  const all = localSource({ ...options, names: prepared.names, cleanUrlsOf: prepared.cleanUrlsOf, ownFiles: own });
  const source: Source = {
    ...all,
    async *walk(signal) {
      for await (const found of unitsOf(all.walk(signal))) {
        if (found.kind === 'entry' && path !== undefined && found.relativePath !== path) continue;
        if (found.kind === 'entry') entry = found;
        yield [found.kind === 'entry' ? { ...found, settled } : found];
      }
    },
  };
  const secrets = lenient(secretGuard(prepared), (error) => {
    refusal = error;
  });
  const task: PutTask = {
    prepared,
    source,
    names: nameWatch(source.ordered, false),
    secrets,
    hashed,
    own,
    internals: {},
  };
  const outcomes: Outcome[] = [];
  let error: unknown;
  let requests: Tried['requests'] = {};
  try {
    const job = startTask(task);
    for await (const one of job) outcomes.push(one);
    requests = (await job).requests;
  } catch (thrown) {
    // The failure of the file itself is its outcome.
    if (!(thrown instanceof PartialFailureError)) error = thrown;
  }
  // The page of a folder comes first in key order, and its key is its own with less at the end.
  outcomes.sort((one, other) => one.key.length - other.key.length);
  const outcome = outcomes.at(-1);
  const folder = outcomes.length > 1 ? outcomes[0] : undefined;
  return { entry, folder, outcome, sent, error, refusal, warnings, requests };
}

/** A guard whose refusal does not end the run. */
function lenient(guard: SecretGuard, refused: (error: RefusedError) => void): SecretGuard {
  return {
    ...guard,
    endSurvey(record, whole) {
      try {
        guard.endSurvey(record, whole);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        refused(error);
      }
    },
  };
}

function decisionOf({ outcome, folder, error, requests }: Tried): ExplainedDecision {
  if (outcome !== undefined && error === undefined) {
    const { action, reason, headerChanges } = outcome;
    const failed = outcome.error === undefined ? {} : { error: outcome.error };
    const second = folder === undefined ? {} : { folder: { action: folder.action, reason: folder.reason } };
    return { action, reason, ...second, requests, ...(headerChanges !== undefined && { headerChanges }), ...failed };
  }
  const failed = error instanceof Error ? error : new Error(String(error));
  return { action: 'unknown', reason: failed.message, error: failed, requests };
}

function explainHeaders(
  { options }: PreparedPut,
  entry: Entry,
  rules: readonly PreparedRule[],
  hashed: HashedFiles | undefined,
  reused: boolean,
): ReturnType<typeof traceHeaders> {
  const own = headersOfEntry(options, entry);
  const headers = typeof options.headers === 'function' ? undefined : options.headers;
  const parts = {
    encodedBy: entry.encoding && { name: basename(entry.origin), encoding: entry.encoding },
    preset: presetOf(options, entry.relativePath, hashed, reused),
    options: headersByOption({ ...options, headers }),
    rules,
    ...(own !== undefined && { own: normalizeHeaders(own) }),
  };
  const traced = traceHeaders({ ...parts, typeName: typeNameOf(entry) });
  const codings = codingsOf(traced.headers['content-encoding']);
  return codings.length === 0 ? traced : traceHeaders({ ...parts, typeName: typeNameOf(entry, codings) });
}

function presetOf({ preset }: PreparedPut['options'], path: string, hashed: HashedFiles | undefined, reused: boolean) {
  if (preset === undefined || hashed === undefined) return undefined;
  const { whenChanged } = lowestHeaders(path, hashed.hashedBy);
  if (!reused || whenChanged === undefined) return { preset, ...presetHeaders(path, hashed.hashedBy) };
  const why = 'its name has a hash, but the bucket has other content under it';
  return { preset, headers: { ...whenChanged, [REUSED_MARK]: 'true' }, why };
}

function explainPhase({ options }: PreparedPut, path: string, rules: readonly PreparedRule[]): ExplainedPhase {
  const ordered = options.order === 'site';
  const rule = rules.findLast(({ phase }) => phase !== undefined);
  if (rule?.phase !== undefined) return { phase: rule.phase, rule: nameOf(rule), ordered };
  const { phase = 'data', why = 'any other file' } = phaseRowOf(path) ?? {};
  return { phase, why, ordered };
}
