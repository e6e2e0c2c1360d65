import type { Environment } from '../config/layers.js';
import { beforeCompression, formatBytes, number, secondsText } from '../report/format.js';
import { shorten } from '../report/message.js';
import { countUnchanged } from '../report/reasons.js';
import type { Report } from '../report/types.js';
import type { StepError } from './errors.js';
import { codeSpan, link, many, plainText } from './markdown.js';
import type { Column, OutcomeSummary } from './outcome-summary.js';
import type { Unit } from './summary-sections.js';

/** The longest address in the heading: the longest that S3 takes fits; a longer one, which S3 refuses, is cut. */
const MAX_ADDRESS = 1_200;
/** The longest web address. */
const MAX_URL = 2_000;
const MAX_REF = 100;

/** The facts about a run that heading and sections show. */
export interface RunFacts {
  readonly doing: 'put' | 'copy' | 'delete';
  readonly bucket: string;
  /** Empty without a prefix. */
  readonly prefix: string;
  /** The URL where visitors find the put objects. */
  readonly url: string | undefined;
  /** What the workflow runs for. */
  readonly commit: Commit | undefined;
  readonly outcomes: OutcomeSummary;
  /** Undefined if the run did not start. */
  readonly report: Report | undefined;
  readonly dryRun: boolean;
  /** What the source does not have is deleted. */
  readonly deletes: boolean;
  /** The headers of unchanged objects are compared. @default false */
  readonly comparesHeaders?: boolean;
}

/** The commit that a workflow run is for; a step may have checked out another. */
export interface Commit {
  /** Branch or tag, as GitHub names it. */
  readonly ref: string;
  readonly sha: string;
  /** Its page; undefined where the runner does not name the repository. */
  readonly url: string | undefined;
}

/** How a command is named. */
export interface CommandWords {
  readonly unit: Unit;
  readonly noun: string;
  readonly verb: string;
  readonly past: string;
  /** What unchanged files are. */
  readonly same: string;
  /** The word before the place. */
  readonly at: 'to' | 'from';
}

export const WORDS: Readonly<Record<RunFacts['doing'], CommandWords>> = {
  put: { unit: 'file', noun: 'Upload', verb: 'upload', past: 'uploaded', same: 'as built', at: 'to' },
  copy: { unit: 'object', noun: 'Copy', verb: 'copy', past: 'copied', same: 'as in the source', at: 'to' },
  delete: { unit: 'object', noun: 'Deletion', verb: 'delete', past: 'deleted', same: 'kept', at: 'from' },
};

/** Numbers of objects by what happened to them. */
interface Counts {
  /** Written, or deleted by a command that only deletes. */
  readonly done: number;
  /** Kept, with other headers. */
  readonly headers: number;
  /** Deleted beside what was written. */
  readonly deleted: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly failed: number;
  /** May have been stored. */
  readonly unknown: number;
  /** Undefined if their number is not known. */
  readonly notAttempted: number | undefined;
}

/** The counts for people; undefined if the run ended before any object. */
function countsOf({ report, doing }: RunFacts, stepError: StepError | undefined): Counts | undefined {
  if (report === undefined) return undefined;
  const { counts, reasons } = report;
  const settled = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (stepError !== undefined && settled === 0) return undefined;
  const unchanged = countUnchanged(reasons);
  const skipped = Math.max(0, counts.skip - unchanged);
  const notAttempted = report.notAttempted ?? (report.complete ? 0 : undefined);
  const { put, copy, metadata, delete: deleted, fail: failed, unknown } = counts;
  const written = put + copy;
  const changes = doing === 'delete' ? { done: written + deleted, deleted: 0 } : { done: written, deleted };
  return { ...changes, headers: metadata, unchanged, skipped, failed, unknown, notAttempted };
}

/** The heading: `### ✅ Deployed to [www.example.com](https://www.example.com/) — 31 files changed, 71 unchanged`. */
export function heading(run: RunFacts, stepError: StepError | undefined): string {
  const { report } = run;
  const counts = countsOf(run, stepError);
  const warnings = report?.warnings.length ?? 0;
  const failed = stepError !== undefined || (counts?.failed ?? 0) > 0 || report?.complete === false;
  const sign = failed ? '❌' : warnings > 0 ? '⚠️' : '✅';
  const { what, join, tallies } =
    failed || counts === undefined ? endedParts(run, counts, stepError) : doneParts(run, counts);
  const texts = [...tallies, ...(warnings > 0 ? [many(warnings, 'warning')] : [])];
  return `### ${sign} ${what}${texts.length > 0 ? join : ''}${texts.join(', ')}`;
}

/** What happened, and the numbers behind it. */
interface HeadingParts {
  readonly what: string;
  readonly join: ' — ' | ': ';
  readonly tallies: readonly string[];
}

/** A run that has ended as it should. */
function doneParts(run: RunFacts, { done, headers, deleted, unchanged, skipped }: Counts): HeadingParts {
  const { doing, dryRun } = run;
  const { unit, verb, past, same, at } = WORDS[doing];
  const site = siteLink(run.url) !== undefined && doing !== 'delete';
  const place = placeOf(run);
  const left: readonly Tally[] = [
    [unchanged, 'unchanged'],
    [skipped, 'skipped'],
  ];
  if (done > 0 && dryRun)
    return {
      what: `Dry run: ${many(done, unit)} would be ${past} ${at} ${place}`,
      join: ' — ',
      tallies: tallyTexts([[headers, 'would get new headers'], [deleted, 'would be deleted'], ...left]),
    };
  if (headers > 0 && dryRun)
    return {
      what: `Dry run: ${many(headers, unit)} would get new headers ${site ? 'on' : 'in'} ${place}`,
      join: ' — ',
      tallies: tallyTexts([[deleted, 'would be deleted'], ...left]),
    };
  if (deleted > 0 && dryRun)
    return {
      what: `Dry run: ${many(deleted, unit)} would be deleted from ${place}`,
      join: ' — ',
      tallies: tallyTexts(left),
    };
  if (done + headers + deleted > 0) {
    const other = headers > 0 ? `Changed headers in ${place}` : `Deleted from ${place}`;
    const what = site ? `Deployed to ${place}` : done > 0 ? `${capital(past)} ${at} ${place}` : other;
    const tallies: readonly Tally[] = [
      [done, changeWord(run)],
      [headers, 'with new headers'],
      [deleted, 'deleted'],
      ...left,
    ];
    return { what, join: ' — ', tallies: tallyTexts(tallies, unit) };
  }
  if (unchanged + skipped === 0)
    return { what: `${dryRun ? 'Dry run: nothing' : 'Nothing'} to ${verb} ${at} ${place}`, join: ' — ', tallies: [] };
  const nothing = dryRun ? 'Dry run: nothing would change' : 'Nothing changed';
  return {
    what: `${nothing} ${site ? 'on' : 'in'} ${place}`,
    join: ': ',
    tallies: tallyTexts(
      [
        [unchanged, `${unchanged === 1 ? 'is' : 'are'} ${same}`],
        [skipped, 'skipped'],
      ],
      unit,
    ),
  };
}

/** A run that has failed: after everything was done, or before. */
function endedParts(run: RunFacts, counts: Counts | undefined, stepError: StepError | undefined): HeadingParts {
  const { afterwards } = stepError ?? {};
  if (afterwards === undefined || counts === undefined) return failedParts(run, counts, stepError);
  const parts = doneParts(run, counts);
  return { ...parts, what: `${parts.what}, but ${afterwards}`, join: ' — ' };
}

/** A run with failures, or one that an error ended: then `counts` are undefined if it ended before any object. */
function failedParts(run: RunFacts, counts: Counts | undefined, stepError: StepError | undefined): HeadingParts {
  const { doing, dryRun } = run;
  const { unit, noun, past, at } = WORDS[doing];
  const place = placeOf(run);
  const site = siteLink(run.url) !== undefined && doing !== 'delete';
  const step = dryRun ? `Dry run for ${place}` : `${site ? 'Deployment' : noun} ${at} ${place}`;
  const what = `${step} ${(stepError?.word ?? 'Failed').toLowerCase()}`;
  if (counts === undefined) return { what, join: ' — ', tallies: [] };
  const { done, headers, deleted, unchanged, skipped, failed, unknown, notAttempted } = counts;
  const tallies: readonly Tally[] = [
    [failed, 'failed'],
    [unknown, 'unknown'],
    [done, dryRun ? `would be ${past}` : changeWord(run)],
    [headers, dryRun ? 'would get new headers' : 'with new headers'],
    [deleted, dryRun ? 'would be deleted' : 'deleted'],
    [unchanged, 'unchanged'],
    [skipped, 'skipped'],
    [notAttempted ?? 0, 'not attempted'],
  ];
  const rest = notAttempted === undefined ? ['the rest not attempted'] : [];
  return { what, join: ' — ', tallies: [...tallyTexts(tallies, unit), ...rest] };
}

type Tally = readonly [count: number, word: string];

/** The tallies that are not zero. The first names the unit, if there is one. */
function tallyTexts(tallies: readonly Tally[], unit?: Unit): readonly string[] {
  return tallies
    .filter(([count]) => count > 0)
    .map(([count, word], index) => `${index === 0 && unit !== undefined ? many(count, unit) : number(count)} ${word}`);
}

/** `changed` only where objects of the bucket were compared and replaced; what is all new, or was not compared, is uploaded. */
function changeWord({ doing, outcomes }: RunFacts): string {
  const total = (column: Column): number => outcomes.kinds.reduce((sum, { counts }) => sum + counts[column], 0);
  const compared = total('changed') > 0 && total('not compared') === 0;
  return doing === 'put' && compared ? 'changed' : WORDS[doing].past;
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/** The site with a link, or the bucket if there is no site. */
function placeOf(run: RunFacts): string {
  return siteLink(run.url) ?? addressOf(run);
}

/** A link to the site; undefined without one, and for what is no web address. */
function siteLink(url = ''): string | undefined {
  const text = url.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  return link(plainText(text, MAX_ADDRESS), url, MAX_URL);
}

function addressOf({ bucket, prefix }: RunFacts): string {
  return codeSpan(addressText(bucket, prefix), MAX_ADDRESS);
}

/** `s3://my-site/docs`: the slash at the end of a prefix says nothing. */
export function addressText(bucket: string, prefix: string): string {
  return `s3://${[bucket, prefix.replace(/\/$/, '')].filter((part) => part !== '').join('/')}`;
}

/** Bucket, commit, size and time, without what the heading has: `` `s3://my-site` · `main@7c6e1f2` · 336 kB in 0.7 s ``. */
export function factsLine(run: RunFacts): string {
  const { url, commit, report, dryRun } = run;
  const sent = report === undefined ? undefined : sentText(report, dryRun);
  return [siteLink(url) && addressOf(run), commit && commitText(commit), sent]
    .filter((fact) => fact !== undefined && fact !== '')
    .join(' · ');
}

function commitText({ ref, sha, url }: Commit): string {
  const named = codeSpan(`${shorten(ref, MAX_REF)}@${sha.slice(0, 7)}`, MAX_URL);
  return (url === undefined ? undefined : link(named, url, MAX_URL)) ?? named;
}

/** How much was sent, and how long that took. The time of a dry run says nothing about a run. */
function sentText({ bytes, sourceBytes, seconds }: Report, dryRun: boolean): string {
  const size = bytes > 0 ? `${formatBytes(bytes)}${beforeCompression(bytes, sourceBytes)}` : '';
  // A run that ended before its first request took no time.
  const time = dryRun || seconds < 0.005 ? '' : secondsText(seconds);
  return [size, time].filter((part) => part !== '').join(' in ');
}

/** The commit that the runner's variables name; undefined if they name none. */
export function commitOf(env: Environment): Commit | undefined {
  const { GITHUB_REF_NAME: ref = '', GITHUB_SHA: sha = '', GITHUB_SERVER_URL: server = '' } = env;
  const repository = env.GITHUB_REPOSITORY ?? '';
  if (ref === '' || !/^[0-9a-f]{7,64}$/.test(sha)) return undefined;
  const known = server !== '' && /^[\w.-]+\/[\w.-]+$/.test(repository);
  return { ref, sha, url: known ? `${server}/${repository}/commit/${sha}` : undefined };
}
