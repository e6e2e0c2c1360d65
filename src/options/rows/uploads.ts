import { CLI_AND_ACTION, type OptionRow } from '../row.js';

/** Options of the command `uploads`. */
export const UNFINISHED_UPLOADS: readonly OptionRow[] = [
  {
    name: 'abortOlderThan',
    flag: 'abort-older-than',
    type: 'string',
    value: 'AGE',
    help: 'With the command uploads: abort those of this tool that began so long ago, such as 12h or 7d.',
    group: 'Unfinished uploads',
    commands: ['uploads'],
    faces: CLI_AND_ACTION,
  },
  {
    name: 'any',
    flag: 'any',
    type: 'switch',
    default: 'off',
    help: 'Abort those of other tools too.',
    group: 'Unfinished uploads',
    commands: ['uploads'],
    faces: CLI_AND_ACTION,
  },
  {
    name: 'yes',
    flag: 'yes',
    type: 'switch',
    default: 'off',
    help: 'Abort without asking; needed where there is no terminal to ask on.',
    group: 'Unfinished uploads',
    commands: ['uploads'],
    faces: CLI_AND_ACTION,
    foundFile: 'never',
  },
];
