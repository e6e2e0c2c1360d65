import { asInApi, type NameOption, type Text } from '../report/message.js';
import type { Face, OptionRow } from './row.js';
import { CLI_FLAGS, OPTION_TABLE } from './table.js';

/** A text with its options as the users of a face write them: `minSize` in the API, `--min-size` on the command line, `min-size` as an input. */
export function renderOptionNames(text: Text, face: Face): string {
  return typeof text === 'string' ? text : text.render(NAMES[face]);
}

const FLAGS: ReadonlyMap<string, OptionRow & { readonly flag: string }> = new Map(
  CLI_FLAGS.map((row) => [row.name, row]),
);

/** Texts for those who can give no function. */
const NO_FUNCTIONS = [['keyFunction', 'the function "key" of the API']] as const;
const CLI_TEXTS: ReadonlyMap<string, string> = new Map(NO_FUNCTIONS);

/** `--min-size`; with a value `--no-gzip`, `--size-only` or `--resume unproven`. An option without a flag keeps its name. */
function asFlag(option: string, value?: string): string {
  const row = FLAGS.get(option);
  if (row === undefined) return CLI_TEXTS.get(option) ?? asInApi(option, value);
  if (value === undefined) return `--${row.flag}`;
  const bare = withoutQuotes(value);
  const [shorthand] = Object.entries(row.shorthands ?? {}).find(([, meant]) => String(meant) === bare) ?? [];
  if (shorthand !== undefined) return `--${shorthand}`;
  if (bare === 'true') return `--${row.flag}`;
  if (bare === 'false') return `--no-${row.flag}`;
  return `--${row.flag}${row.type === 'optional' ? '=' : ' '}${bare === '' ? "''" : bare}`;
}

const INPUTS: ReadonlySet<string> = new Set(
  OPTION_TABLE.filter(({ faces }) => faces.includes('action')).map(({ name }) => name),
);

/** The Action's wording of `TEXTS`: a step has a workspace, and a workflow configures credentials its own way. */
const ACTION_TEXTS: ReadonlyMap<string, string> = new Map([
  ...NO_FUNCTIONS,
  ['workingDirectory', 'the workspace'],
  [
    'relativePaths',
    'relative paths begin at the workspace, because working-directory has no effect on a step with uses: put the folder before the path',
  ],
  [
    'giveCredentials',
    'Run aws-actions/configure-aws-credentials before this step, set role-to-assume, or give aws-access-key-id and aws-secret-access-key as secrets.',
  ],
]);

/** `min-size`; with a value `gzip: false`, as under `with:`. An option without an input keeps its name. */
function asInput(option: string, value?: string): string {
  if (!INPUTS.has(option)) return ACTION_TEXTS.get(option) ?? asInApi(option, value);
  if (value === undefined) return inputName(option);
  const bare = withoutQuotes(value);
  // An empty input counts as not given; the slash is the whole bucket too.
  return `${inputName(option)}: ${bare === '' && option === 'prefix' ? '/' : bare}`;
}

function withoutQuotes(value: string): string {
  return value.replaceAll("'", '');
}

const NAMES: Readonly<Record<Face, NameOption>> = { api: asInApi, cli: asFlag, action: asInput };

/** An option's name as an input: its kebab-case. */
export function inputName(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
