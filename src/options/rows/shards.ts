import { EVERYWHERE, type OptionRow, PUT_AND_COPY } from '../row.js';

/** Options by which several jobs share the work of one. */
export const SHARDS: readonly OptionRow[] = [
  {
    name: 'shard',
    flag: 'shard',
    type: 'string',
    value: 'I/N',
    help: 'Upload only one of N disjoint parts of the keys, such as 2/4. The order is then site by default, and pages are left to the command finish.',
    copyHelp: 'Copy only one of N disjoint parts of the keys, such as 2/4, as one of N jobs.',
    group: 'More than one machine',
    commands: PUT_AND_COPY,
    faces: EVERYWHERE,
    foundFile: 'never',
  },
  {
    name: 'reports',
    flag: 'reports',
    type: 'string',
    value: 'DIR',
    help: 'The folder that has the report of every shard: files that end in .json, .jsonl or .ndjson, also below it.',
    group: 'More than one machine',
    commands: ['finish'],
    faces: EVERYWHERE,
    foundFile: 'never',
  },
  {
    name: 'shards',
    flag: 'shards',
    type: 'integer',
    value: 'N',
    help: 'How many shards there are, so that a missing one is noticed.',
    group: 'More than one machine',
    commands: ['finish'],
    faces: EVERYWHERE,
    foundFile: 'never',
  },
];
