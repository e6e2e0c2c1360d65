import { randomUUID } from 'node:crypto';
import { realpathSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../errors.js';
import { systemText } from '../model/hints.js';
import { buildOf } from '../report/page/build.js';
import { pageCollector } from '../report/page/collect.js';
import { type PageFacts, reportPage } from '../report/page/page.js';
import type { Outcome, Report, RunEvent } from '../report/types.js';

/** What a page shows besides what happens in the run. */
export interface PageRun
  extends Pick<PageFacts, 'doing' | 'dryRun' | 'render'>,
    Partial<Pick<PageFacts, 'deletes' | 'comparesHeaders' | 'url'>> {
  readonly bucket: string;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
  /** The variables of the process, some of which name the commit. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The page of a run, which takes its outcomes and events and is written when it has ended. */
export interface ReportPageFile {
  readonly path: string;
  readonly add: (outcome: Outcome) => undefined;
  readonly onEvent: (event: RunEvent) => void;
  /**
   * Writes the page; resolves with the error if it could not be written.
   * @param error what ended the run early; failed objects alone do not
   */
  readonly end: (report: Report | undefined, error: Error | undefined) => Promise<Error | undefined>;
}

/**
 * The page of a run.
 * @param target the file, which is replaced when the run has ended
 */
export function openReportPage(target: string, run: PageRun): ReportPageFile {
  const { bucket, prefix, env, deletes = false, comparesHeaders = false } = run;
  const collector = pageCollector(prefix);
  const began = performance.now();
  return {
    path: target,
    add(outcome) {
      collector.outcome(outcome);
      return undefined;
    },
    onEvent: (event) => collector.event(event, performance.now() - began),
    async end(report, error) {
      const collected = collector.collected();
      const destination = collected.destination ?? `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;
      const facts = { ...run, build: buildOf(env), deletes, comparesHeaders, collected, destination, report, error };
      try {
        await replaceFile(target, reportPage(facts));
        return undefined;
      } catch (failed) {
        return failed instanceof Error ? failed : new Error(String(failed));
      }
    },
  };
}

/**
 * Checks the file of a page before the first request, because a run of hours must not end with such an error: throws `UsageError` for a file that cannot
 * be written. Returns the path to replace, behind links.
 * @param file its name, relative to the working directory
 */
export function checkPageFile(file: string): string {
  try {
    const target = existing(file);
    const probe = besides(target);
    // Removed at once: it might lie in the source, whose files are uploaded.
    writeFileSync(probe, '', { flag: 'wx' });
    unlinkSync(probe);
    return target;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `The report page "${file}" cannot be written: ${systemText(error, 'write')}`,
      'Name a file in a folder that exists and can be written.',
    );
  }
}

function existing(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return path.resolve(file);
  if (stat.isDirectory())
    throw new UsageError(
      `The report page "${file}" is a folder.`,
      `Name a file in it: ${path.join(file, 'report.html')}.`,
    );
  if (!stat.isFile()) throw new UsageError(`The report page "${file}" is no regular file.`, 'Name a file.');
  return realpathSync.native(file);
}

/** A new name in the same folder, from where a file can be renamed at once. */
function besides(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target).slice(0, 100)}.${randomUUID()}.tmp`);
}

/** Replaces a file as a whole: readers see the old page or the new one. */
async function replaceFile(target: string, text: string): Promise<void> {
  const written = besides(target);
  try {
    await writeFile(written, text, { flag: 'wx' });
    await rename(written, target);
  } catch (error) {
    await unlink(written).catch(() => undefined);
    throw error;
  }
}
