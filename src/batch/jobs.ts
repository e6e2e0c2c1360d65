import { createHash } from 'node:crypto';
import { REQUEST_DOLLARS } from '../model/verbs.js';
import type { Candidate } from './candidates.js';
import { manifestLine } from './manifest.js';
import type { JobHeaders } from './operation.js';
import { pause, UNTIL_PAUSE } from './pause.js';
import type { Spool } from './spool.js';

/** What all objects of a job have in common, as a text: their headers, and whether they have versions. */
export function setOf(fields: JobHeaders, versionId: string | undefined): string {
  return `${versionId === undefined ? 'current' : 'version'} ${JSON.stringify(fields)}`;
}

/** Counts how often each set occurs. */
export interface SetCounts {
  add(set: string): void;
  /** The sets that get jobs: the largest one, and the largest of those with at least so many objects. */
  largest(options: { readonly least: number; readonly most: number }): ReadonlySet<string>;
}

/** Sets that are counted at once. Where each object has headers of its own, there are as many sets as objects. */
const MOST_COUNTED = 10_000;

/**
 * Counts sets in bounded memory: where there are too many, the rarer half is forgotten, and counted anew where it occurs again. So a set that is a
 * good part of all objects is never lost, and a rare one gets no job, whatever its count.
 */
export function setCounts(mostCounted: number = MOST_COUNTED): SetCounts {
  let counts = new Map<string, number>();
  const bySize = (): [string, number][] => [...counts].sort(([, a], [, b]) => b - a);
  return {
    add(set) {
      counts.set(set, (counts.get(set) ?? 0) + 1);
      if (counts.size > mostCounted) counts = new Map(bySize().slice(0, mostCounted / 2));
    },
    largest({ least, most }) {
      const isJob = ([, count]: [string, number], index: number): boolean =>
        index === 0 || (index < most && count >= least);
      return new Set(
        bySize()
          .filter(isJob)
          .map(([set]) => set),
      );
    },
  };
}

/** Why an object has no job whose set is rare. */
export const RARE_HEADERS = 'with headers that too few have for a job';

/** A job that is not created yet. */
export interface PlannedJob {
  readonly fields: JobHeaders;
  readonly versioned: boolean;
  /** In key order. */
  readonly objects: Spool<Candidate>;
  /** Of its manifest. */
  readonly bytes: number;
}

export interface JobPlan {
  readonly bucket: string;
  /** The sets that get jobs. */
  readonly sets: ReadonlySet<string>;
  /** Bytes of a manifest at most: where there are more, a set gets several jobs. */
  readonly mostBytes: number;
  readonly fieldsOf: (candidate: Candidate) => JobHeaders;
  readonly open: () => Spool<Candidate>;
  /** Takes the objects of all other sets. */
  readonly others: (candidate: Candidate) => void;
  readonly signal: AbortSignal;
}

/** Distributes objects among jobs. Returns the jobs, the largest first. */
export async function planJobs(
  candidates: Iterable<Candidate>,
  { bucket, sets, mostBytes, fieldsOf, open, others, signal }: JobPlan,
): Promise<readonly PlannedJob[]> {
  let seen = 0;
  const jobs: { -readonly [Name in keyof PlannedJob]: PlannedJob[Name] }[] = [];
  const openJobs = new Map<string, (typeof jobs)[number]>();
  for (const candidate of candidates) {
    seen += 1;
    if (seen % UNTIL_PAUSE === 0) await pause(signal);
    const { versionId, planned } = candidate;
    const fields = fieldsOf(candidate);
    const set = setOf(fields, versionId);
    if (!sets.has(set)) {
      others(candidate);
      continue;
    }
    // A line is ASCII.
    const { length } = manifestLine(bucket, { key: planned.entry.sourceKey, versionId });
    let job = openJobs.get(set);
    if (job === undefined || job.bytes + length > mostBytes) {
      job = { fields, versioned: versionId !== undefined, objects: open(), bytes: 0 };
      jobs.push(job);
      openJobs.set(set, job);
    }
    job.objects.add(candidate);
    job.bytes += length;
  }
  return jobs.sort((a, b) => b.objects.size - a.objects.size);
}

/**
 * Dollars that S3 charges for jobs, and for each object of theirs, in us-east-1 when this was written; the copies cost what PUT requests cost.
 * @see https://aws.amazon.com/s3/pricing/ ("Management & Insights", S3 Batch Operations)
 */
const DOLLARS = { job: 0.25, object: 1 / 1_000_000 };

/** What a job costs, with its copy requests, in dollars; without transfer between regions. */
export function jobDollars(objects: number): number {
  return DOLLARS.job + objects * (DOLLARS.object + REQUEST_DOLLARS.write);
}

/**
 * The token by which S3 knows a request for a job that was sent before: one job for each manifest and set of headers of a run, however often it
 * is sent. Another run has another token, because S3 would answer with the job that is done. At most 64 characters.
 */
export function jobToken(run: string, manifestEtag: string, fields: JobHeaders): string {
  return createHash('sha256')
    .update([run, manifestEtag, JSON.stringify(fields)].join('\n'))
    .digest('hex');
}
