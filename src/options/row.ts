/** The commands that take options; in the API the functions of the same names, `deleteObjects`, and none for `worker`. `explain` and `finish` take those of `put` too. */
export const OPTION_COMMANDS = ['put', 'copy', 'uploads', 'delete', 'explain', 'finish', 'worker'] as const;
export type OptionCommand = (typeof OPTION_COMMANDS)[number];

/** Where an option can be given. */
export type Face = 'api' | 'cli' | 'action';

/**
 * How the text of an option becomes its value.
 * `switch` is a boolean, `optional` a boolean that may have a value after `=`; `texts` are repeatable; `headers` are `Name: value` and `pairs`
 * `name=value`, both repeatable; `globs` are repeatable and keep their order among all globs; `operands` are the words that belong to no option.
 * `integer` is a whole number, and `number` one that may have decimals.
 * `file` is the name of a file, which the CLI reads.
 * `function` and `object` exist in the API only.
 */
export type OptionType =
  | 'operands'
  | 'string'
  | 'integer'
  | 'number'
  | 'size'
  | 'switch'
  | 'optional'
  | 'texts'
  | 'choice'
  | 'globs'
  | 'headers'
  | 'pairs'
  | 'file'
  | 'function'
  | 'object';

/** Headings of `--help`, in their order. */
export const OPTION_GROUPS = [
  'Where to',
  'Which files',
  'When to upload',
  'Sites',
  'Headers',
  'How',
  'Copy',
  'More than one machine',
  'Unfinished uploads',
  'Output',
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

/**
 * Which values a config file may give an option if it was only found in the working directory, and not named by `--config`:
 * `free`: every value. `where`: every value, unless the user names the destination, because the option says where it is or how it is reached.
 * `inside`: paths inside the working directory. `ownSite`: redirects within the same site, so that no such file sends visitors elsewhere; `redirects`: the same for each of a list. `only`: these values. `headers` and `rules`: each header and ACL in the value has its own rule.
 * `never`: none, because the option writes a file, reads one elsewhere, chooses credentials, or sends data elsewhere.
 */
export type FoundFileRule =
  | 'free'
  | 'where'
  | 'inside'
  | 'ownSite'
  | 'redirects'
  | 'headers'
  | 'rules'
  | 'never'
  | { readonly only: readonly unknown[] };

/** One option, for all faces. */
export interface OptionRow {
  /** Name in the API; for options of the CLI alone, the name of their value. */
  readonly name: string;
  /** CLI flag, without dashes; undefined if there is none. */
  readonly flag?: string;
  /** One letter, without its dash. */
  readonly short?: string;
  /** Other CLI flags with the same meaning, mostly those of older tools. */
  readonly aliases?: readonly string[];
  /** CLI flags without a value that mean a value of this option. */
  readonly shorthands?: Readonly<Record<string, string | boolean>>;
  readonly type: OptionType;
  /** For a switch: a word that means on, as other tools write it. */
  readonly onWord?: string;
  /** All values of a `choice`; for other types, words that are allowed besides the usual values. */
  readonly choices?: readonly string[];
  /** For an `optional` with choices: the choice that the flag means where it is given twice, as `-qq` does. */
  readonly repeated?: string;
  /** Default as users read it; undefined if there is none. */
  readonly default?: string;
  /** The default of a copy, if it differs. */
  readonly copyDefault?: string;
  /** The same of a `finish`. @default `default` */
  readonly finishDefault?: string;
  /** The default of the command `delete`, if it differs. */
  readonly deleteDefault?: string;
  readonly required?: true;
  /** Placeholder of the value in `--help`. */
  readonly value?: string;
  /** For `pairs`: names that differ only in case are different names. */
  readonly caseMatters?: true;
  /** Config files take it, although the command line has no flag for it. */
  readonly inConfigFile?: true;
  /** In a config file, which has types, values of this type are valid besides texts. */
  readonly alsoTakes?: 'number' | 'boolean';
  /** An empty text is a valid value. */
  readonly emptyAllowed?: true;
  /** One or two sentences. */
  readonly help: string;
  /** The help for a copy, if it differs. */
  readonly copyHelp?: string;
  /** The help for the command `uploads`, if it differs. */
  readonly uploadsHelp?: string;
  /** The help for the command `delete`, if it differs. */
  readonly deleteHelp?: string;
  /** The help for the command `explain`, whose help has only such options and its own. */
  readonly explainHelp?: string;
  readonly group: OptionGroup;
  /** One of the options that `--help` lists: those that most users need. */
  readonly common?: true;
  /** It changes what is compared, opens access, deletes or forces: it is suggested for nothing but its own letters. */
  readonly guarded?: true;
  readonly faces: readonly Face[];
  /** @default only put */
  readonly commands?: readonly OptionCommand[];
  /** Which values a found config file may give it. @default never */
  readonly foundFile?: FoundFileRule;
}

export const EVERYWHERE: readonly Face[] = ['api', 'cli', 'action'];
export const CLI: readonly Face[] = ['cli'];
export const API: readonly Face[] = ['api'];
export const CLI_AND_ACTION: readonly Face[] = ['cli', 'action'];
export const PUT_AND_COPY: readonly OptionCommand[] = ['put', 'copy'];
export const COPY: readonly OptionCommand[] = ['copy'];
export const ALL_BUT_UPLOADS: readonly OptionCommand[] = ['put', 'copy', 'delete'];
/** Every command that is given what to do; a worker takes that from its queue. */
export const EVERY: readonly OptionCommand[] = ['put', 'copy', 'uploads', 'delete', 'explain'];
/** What a worker has of its own: how it is reached and shown, and what it may use. */
export const EVERY_AND_WORKER: readonly OptionCommand[] = [...EVERY, 'worker'];
