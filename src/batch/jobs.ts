import { createHash } from 'node:crypto';
import { REQUEST_DOLLARS } from '../model/verbs.js';
import type { JobHeaders } from './operation.js';

/** An object that a job may copy, by what decides which job. */
export interface Grouped {
  readonly fields: JobHeaders;
  /** Undefined for a job that copies what is current. */
  readonly versionId: string | undefined;
}

/** Objects that one job can copy: they get the same headers, and all or none have a version. */
export interface JobGroup<T> {
  readonly fields: JobHeaders;
  readonly versioned: boolean;
  readonly objects: readonly T[];
}

export interface GroupOptions {
  /** A group beyond the largest gets a job only if it has so many objects. */
  readonly least: number;
  /** Groups that get jobs, at most. */
  readonly most: number;
}

/**
 * A job each for sets of headers that are large enough to be worth its price.
 * @returns the groups, the largest first, and the objects of all other sets
 */
export function groupJobs<T extends Grouped>(
  objects: Iterable<T>,
  { least, most }: GroupOptions,
): { readonly groups: readonly JobGroup<T>[]; readonly others: readonly T[] } {
  const sets = new Map<string, T[]>();
  const names = new Map<JobHeaders, string>();
  for (const object of objects) {
    const name = names.get(object.fields) ?? JSON.stringify(object.fields);
    names.set(object.fields, name);
    const set = `${object.versionId === undefined ? 'current' : 'version'} ${name}`;
    const known = sets.get(set);
    if (known === undefined) sets.set(set, [object]);
    else known.push(object);
  }
  const sorted = [...sets.values()].sort((a, b) => b.length - a.length);
  const isJob = (set: readonly T[], index: number): boolean => index === 0 || (index < most && set.length >= least);
  return {
    groups: sorted.filter(isJob).flatMap((set) => {
      const [first] = set;
      if (first === undefined) return [];
      return [{ fields: first.fields, versioned: first.versionId !== undefined, objects: set }];
    }),
    others: sorted.filter((set, index) => !isJob(set, index)).flat(),
  };
}

/**
 * Dollars that S3 charges for jobs, and for each object of theirs, in us-east-1; the copies cost what PUT requests cost. As of 2025.
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
