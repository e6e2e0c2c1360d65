import { CLI, EVERY, EVERYWHERE, type OptionRow, PUT_AND_COPY } from '../option-row.js';
import { COMPARES, PUT_MODES } from '../option-values.js';

/** Options that say when an object is put. */
export const WHEN_TO_PUT: readonly OptionRow[] = [
  {
    name: 'mode',
    flag: 'mode',
    aliases: ['put'],
    type: 'choice',
    choices: PUT_MODES,
    default: 'update',
    value: 'MODE',
    help: 'Which objects are put. add: absent ones; update: absent and different ones; stupid: all, without a look at the bucket.',
    copyHelp:
      'Which objects are copied. add: absent ones; update: absent and different ones; stupid: all, without a look at the destination.',
    group: 'When to put',
    commands: PUT_AND_COPY,
    faces: EVERYWHERE,
  },
  {
    name: 'compare',
    flag: 'compare',
    shorthands: { 'size-only': 'size' },
    type: 'choice',
    choices: COMPARES,
    default: 'content',
    value: 'WHAT',
    help: 'What update compares; size misses edits of equal length. --size-only is --compare size.',
    group: 'When to put',
    commands: PUT_AND_COPY,
    faces: EVERYWHERE,
  },
  {
    name: 'dryRun',
    flag: 'dry-run',
    short: 'n',
    type: 'switch',
    default: 'off',
    help: 'Say what would be done and write nothing; with --mode stupid no request at all.',
    copyHelp: 'Say what would be done and write nothing; both buckets are listed, with --mode stupid only the source.',
    group: 'When to put',
    commands: EVERY,
    faces: EVERYWHERE,
  },
  {
    name: 'check',
    flag: 'check',
    type: 'switch',
    default: 'off',
    help: 'Dry run that exits with 1 if anything would change.',
    group: 'When to put',
    commands: PUT_AND_COPY,
    faces: CLI,
  },
];
