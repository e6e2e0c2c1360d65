import { UsageError } from '../errors.js';
import { parseBucket } from '../key.js';
import { belongsTo, OPTION_TABLE } from '../option-table.js';
import { printable } from '../report/text.js';
import { type Settings, valuesIn } from '../settings/layers.js';
import { viaProxy } from '../settings/proxy.js';
import { type UnfinishedUpload, type UploadsOptions, uploads } from '../uploads.js';
import { type CommandDeps, type Done, type Given, NOTHING_DONE } from './done.js';
import { endedBy } from './ended-by.js';
import { runLog } from './log.js';
import { joined } from './summary.js';
import { endedText } from './summary-lists.js';
import { ageText, sizeText, uploadsSections, uploadsText } from './summary-uploads.js';

const NAMES: ReadonlySet<string> = new Set(
  OPTION_TABLE.filter((row) => belongsTo(row, 'uploads') && row.name !== 'yes' && row.name !== 'config').map(
    ({ name }) => name,
  ),
);

/** Lists unfinished uploads, and aborts the old ones where that is asked for and allowed. */
export async function runUploads(settings: Settings, given: Given, deps: CommandDeps): Promise<Done> {
  const { options, yes } = uploadsAsked(settings);
  const { log, cancelled } = deps;
  const life = runLog(log);
  let refused = false;
  const confirm = async (): Promise<boolean> => {
    refused = !yes;
    return yes;
  };
  try {
    const { onEvent } = life;
    const found = await uploads({ ...options, ...given, confirm, onEvent, signal: cancelled });
    for (const upload of found) log.info(printable(lineOf(upload)));
    log.info(`${uploadsText(found)}.`);
    return doneWith(found, options, refused ? unconfirmed() : failureOf(found));
  } catch (error) {
    // Whatever was under way when the job was cancelled has failed for that.
    throw cancelled.aborted ? cancelled.reason : error;
  } finally {
    life.stop();
  }
}

function uploadsAsked(settings: Settings): { readonly options: UploadsOptions; readonly yes: boolean } {
  const values = valuesIn(settings);
  const { bucket, ...rest } = Object.fromEntries(Object.entries(values).filter(([name]) => NAMES.has(name)));
  if (typeof bucket !== 'string')
    throw new UsageError('Input "bucket" is missing.', 'Set it under with:, for example bucket: my-site.');
  if (values.abortOlderThan === undefined && (values.any === true || values.yes === true))
    throw new UsageError(
      'Inputs "any" and "yes" say which uploads are aborted, but none is to be.',
      'Add abort-older-than: 7d.',
    );
  const options: UploadsOptions = { ...rest, bucket };
  return { options: viaProxy(options), yes: values.yes === true };
}

function doneWith(
  found: readonly UnfinishedUpload[],
  { bucket, prefix }: UploadsOptions,
  error: Error | undefined,
): Done {
  const place = parseBucket(bucket);
  const below = prefix ?? place.prefix;
  const where = `s3://${place.bucket}${below === '' ? '' : `/${below}`}`;
  return {
    ...NOTHING_DONE,
    error,
    summary: (why) => {
      const ended = endedBy(why);
      return joined([...uploadsSections(where, found, why !== undefined), ended && endedText(ended)]);
    },
  };
}

function unconfirmed(): UsageError {
  return new UsageError('Nothing was aborted: nobody has confirmed it.', 'Set yes: true to abort without asking.');
}

function failureOf(found: readonly UnfinishedUpload[]): Error | undefined {
  const failed = found.find(({ state }) => state === 'failed');
  return failed === undefined ? undefined : (failed.error ?? new Error(`${failed.key} could not be aborted.`));
}

function lineOf(upload: UnfinishedUpload): string {
  const { key, uploadId, initiated, state, error } = upload;
  const age = initiated === undefined ? 'of unknown age' : `${ageText(upload)} old`;
  const end = error === undefined ? '' : `: ${error.message}`;
  return `${state} ${key} (${sizeText(upload)}, ${age}, upload ${uploadId})${end}`;
}
