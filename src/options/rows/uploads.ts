import { API, CLI_AND_ACTION, EVERYWHERE, type OptionRow } from '../row.js';

/** Options of the command `uploads`. */
export const UNFINISHED_UPLOADS: readonly OptionRow[] = [
  {
    name: 'abortOlderThan',
    flag: 'abort-older-than',
    type: 'string',
    value: 'AGE',
    help: 'With the command uploads: abort uploads of this tool that are older than this, such as 12h or 7d.',
    group: 'Unfinished uploads',
    guarded: true,
    commands: ['uploads'],
    faces: EVERYWHERE,
  },
  {
    name: 'any',
    flag: 'any',
    type: 'switch',
    default: 'off',
    help: 'Abort uploads of other tools too.',
    group: 'Unfinished uploads',
    guarded: true,
    commands: ['uploads'],
    faces: EVERYWHERE,
  },
  {
    name: 'yes',
    flag: 'yes',
    type: 'switch',
    default: 'off',
    help: 'Abort or delete without confirmation; needed without a terminal.',
    uploadsHelp: 'Abort without confirmation; needed without a terminal.',
    deleteHelp: 'Delete without confirmation; needed without a terminal.',
    group: 'Unfinished uploads',
    guarded: true,
    commands: ['uploads', 'delete'],
    faces: CLI_AND_ACTION,
    foundFile: 'never',
  },
  {
    name: 'confirm',
    type: 'function',
    help: 'Called once with the uploads that are about to be aborted, or with what is about to be deleted; false keeps all.',
    group: 'Unfinished uploads',
    commands: ['uploads', 'delete'],
    faces: API,
  },
];
