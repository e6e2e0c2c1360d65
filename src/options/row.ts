/** The commands that take options; in the API the functions of the same names. */
export type OptionCommand = 'put' | 'copy' | 'uploads';

/** Where an option can be given. */
export type Face = 'api' | 'cli' | 'action';

/**
 * How the text of an option becomes its value.
 * `switch` is a boolean, `optional` one that may carry a value after `=`; `texts` are repeatable; `headers` are `Name: value` and `pairs` `name=value`, both repeatable; `globs` are repeatable and keep
 * the order in which they stand among the other globs; `operands` are the words that belong to no option.
 * `file` is the name of a file, which the CLI reads.
 * `function` and `object` exist in the API only.
 */
export type OptionType =
  | 'operands'
  | 'string'
  | 'integer'
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

/** Headings of `--help` and of the README's table, in their order. */
export const OPTION_GROUPS = [
  'Where to',
  'Which files',
  'When to put',
  'Headers',
  'How',
  'Copy',
  'Unfinished uploads',
  'Output',
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

/**
 * What of an option a config file may set that was only found in the working directory, and not named by `--config`:
 * `free`: every value. `where`: every value, unless the user names the destination: the option says where it is or how it is reached.
 * `inside`: paths inside the working directory. `only`: these values. `headers` and `rules`: each header and ACL in the value has its own answer.
 * `never`: nothing, because the option writes a file, reads one elsewhere, chooses credentials, or sends data elsewhere.
 */
export type FoundFileRule =
  | 'free'
  | 'where'
  | 'inside'
  | 'headers'
  | 'rules'
  | 'never'
  | { readonly only: readonly unknown[] };

/** One option as every face needs it. */
export interface OptionRow {
  /** Name in the API; for what only the CLI has, the name of the value there. */
  readonly name: string;
  /** CLI flag and Action input, without dashes; undefined where there is neither. */
  readonly flag?: string;
  /** One letter, without its dash. */
  readonly short?: string;
  /** Other CLI flags of the same meaning, mostly the older tools' spellings. */
  readonly aliases?: readonly string[];
  /** CLI flags without a value that stand for a value of this option. */
  readonly shorthands?: Readonly<Record<string, string | boolean>>;
  readonly type: OptionType;
  /** All values of a `choice`; of other types words that stand beside the usual values. */
  readonly choices?: readonly string[];
  /** Default as users read it; undefined where there is none. */
  readonly default?: string;
  /** The same for a copy, where that differs. */
  readonly copyDefault?: string;
  readonly required?: true;
  /** Placeholder of the value in `--help`. */
  readonly value?: string;
  /** Of `pairs`: names that differ only in case are two names. */
  readonly caseMatters?: true;
  /** An empty text is a value too. */
  readonly emptyAllowed?: true;
  /** One or two sentences. */
  readonly help: string;
  /** The same where it is another thing for a copy. */
  readonly copyHelp?: string;
  readonly group: OptionGroup;
  readonly faces: readonly Face[];
  /** @default put alone */
  readonly commands?: readonly OptionCommand[];
  /** What a config file may set that nobody named. @default never */
  readonly foundFile?: FoundFileRule;
}

export const EVERYWHERE: readonly Face[] = ['api', 'cli', 'action'];
export const CLI: readonly Face[] = ['cli'];
export const API: readonly Face[] = ['api'];
export const CLI_AND_ACTION: readonly Face[] = ['cli', 'action'];
export const PUT_AND_COPY: readonly OptionCommand[] = ['put', 'copy'];
export const COPY: readonly OptionCommand[] = ['copy'];
export const EVERY: readonly OptionCommand[] = ['put', 'copy', 'uploads'];
