import { UsageError } from '../errors.js';
import { belongsTo, OPTION_TABLE } from '../option-table.js';
import type { Credentials } from '../put-options.js';
import { printable, secondsText } from '../report/text.js';
import { type Settings, valuesIn } from '../settings/layers.js';
import { formatBytes } from '../size.js';
import { type UnfinishedUpload, type UploadsOptions, uploads } from '../uploads.js';
import { type CommandDeps, type Done, NOTHING_DONE } from './done.js';

const NAMES: ReadonlySet<string> = new Set(
  OPTION_TABLE.filter((row) => belongsTo(row, 'uploads') && row.name !== 'yes' && row.name !== 'config').map(
    ({ name }) => name,
  ),
);

/** Lists unfinished uploads, and aborts the old ones where that is asked for and allowed. */
export async function runUploads(
  settings: Settings,
  credentials: Credentials | (() => Promise<Credentials>) | undefined,
  { log, cancelled }: CommandDeps,
): Promise<Done> {
  const values = valuesIn(settings);
  const { bucket, ...rest } = Object.fromEntries(Object.entries(values).filter(([name]) => NAMES.has(name)));
  if (typeof bucket !== 'string')
    throw new UsageError('Input "bucket" is missing.', 'Set it under with:, for example bucket: my-site.');
  if (values.abortOlderThan === undefined && (values.any === true || values.yes === true))
    throw new UsageError(
      'Inputs "any" and "yes" say which uploads are aborted, but none is to be.',
      'Add abort-older-than: 7d.',
    );
  let refused = false;
  const confirm = async (): Promise<boolean> => {
    refused = values.yes !== true;
    return !refused;
  };
  const own = credentials === undefined ? {} : { credentials };
  const options: UploadsOptions = { ...rest, ...own, bucket, confirm, signal: cancelled };
  const found = await uploads(options);
  for (const upload of found) log.info(printable(lineOf(upload)));
  const count = (state: UnfinishedUpload['state']): number => found.filter((one) => one.state === state).length;
  const chosen = count('chosen');
  log.info(
    `${found.length} unfinished uploads; ${count('aborted')} aborted, ${chosen} would be, ${count('failed')} failed.`,
  );
  if (refused)
    throw new UsageError('Nothing was aborted: nobody has confirmed it.', 'Set yes: true to abort without asking.');
  const failed = found.find(({ state }) => state === 'failed');
  return { ...NOTHING_DONE, error: failed === undefined ? undefined : (failed.error ?? new Error('An abort failed.')) };
}

function lineOf({ key, uploadId, initiated, parts, bytes, ours, state, error }: UnfinishedUpload): string {
  const age =
    initiated === undefined ? 'of unknown age' : `${secondsText((Date.now() - initiated.getTime()) / 1_000)} old`;
  const size = parts === undefined ? 'parts unknown' : `${parts} parts, ${formatBytes(bytes ?? 0)}`;
  const whose = ours ? '' : ", another tool's";
  const end = error === undefined ? '' : `: ${error.message}`;
  return `${state} ${key} (${size}, ${age}${whose}, upload ${uploadId})${end}`;
}
