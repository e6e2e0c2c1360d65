import type { OptionCommand, OptionRow } from './row.js';
import { BATCH } from './rows/batch.js';
import { COPY_ALONE } from './rows/copy.js';
import { WHERE_TO } from './rows/destination.js';
import { EDGE } from './rows/edge.js';
import { FLEET } from './rows/fleet.js';
import { HEADERS } from './rows/headers.js';
import { OUTPUT } from './rows/output.js';
import { HOW } from './rows/requests.js';
import { WHEN_TO_PUT, WHICH_FILES } from './rows/selection.js';
import { SHARDS } from './rows/shards.js';
import { SITES } from './rows/site.js';
import { UNFINISHED_UPLOADS } from './rows/uploads.js';

/**
 * All options, one row each. Parsing, `--help`, shell completion and the lists of options in the documentation are made from
 * it.
 */
export const OPTION_TABLE: readonly OptionRow[] = [
  ...WHERE_TO,
  ...WHICH_FILES,
  ...WHEN_TO_PUT,
  ...SITES,
  ...EDGE,
  ...HEADERS,
  ...HOW,
  ...FLEET,
  ...COPY_ALONE,
  ...SHARDS,
  ...BATCH,
  ...UNFINISHED_UPLOADS,
  ...OUTPUT,
];

/** The default of an option in a command, as users read it. */
export function defaultIn(
  { default: usual, copyDefault = usual, deleteDefault = usual, finishDefault = usual }: OptionRow,
  command: OptionCommand,
): string | undefined {
  return {
    put: usual,
    copy: copyDefault,
    uploads: usual,
    delete: deleteDefault,
    explain: usual,
    finish: finishDefault,
    worker: usual,
  }[command];
}

/** Whether a command takes an option. */
export function belongsTo({ name, commands = ['put'] }: OptionRow, command: OptionCommand): boolean {
  if (commands.includes(command)) return true;
  // A line of a put can be explained as it is, and what finishes a put takes its options.
  if (!commands.includes('put')) return false;
  return (command === 'explain' && name !== 'printConfig') || (command === 'finish' && name !== 'shard');
}

/** The options of the API function with the command's name. */
export function apiRows(command: OptionCommand): readonly OptionRow[] {
  return OPTION_TABLE.filter((row) => row.faces.includes('api') && belongsTo(row, command));
}

/** The rows that can be flags on the command line. */
export const CLI_FLAGS: readonly (OptionRow & { readonly flag: string })[] = OPTION_TABLE.filter(isFlag);

function isFlag(row: OptionRow): row is OptionRow & { readonly flag: string } {
  return row.flag !== undefined && row.type !== 'operands' && row.faces.includes('cli');
}
