import { OPTION_GROUPS, type OptionCommand, type OptionGroup, type OptionRow } from '../../options/row.js';
import { belongsTo, CLI_FLAGS, defaultIn } from '../../options/table.js';
import { COMMANDS, type HelpTopic } from '../command-table.js';
import { isSwitch } from '../flags.js';
import { ABOUT, EXAMPLES, EXIT_CODES, type Example, NAME } from './texts.js';

/** Column where the explanations begin. */
const COLUMN = 30;
const NARROW = 16;

/** The text of `--help`, for a terminal of `columns`; between 80 and 100 are used. */
export function helpText(columns = 80, about?: HelpTopic): string {
  const width = Math.min(Math.max(columns, 80), 100);
  const parts = about === undefined ? shortHelp(width) : about === 'all' ? allHelp(width) : commandHelp(about, width);
  return `${parts.join('\n\n').trimEnd()}\n`;
}

/** What stands above the options in the short help. */
const COMMON = `The options that most people need (${NAME} put --help lists all of put, likewise of any other command; ${NAME} --help all every option and the exit codes):`;

function shortHelp(width: number): readonly string[] {
  const rows = CLI_FLAGS.filter(({ common }) => common === true);
  return [
    `Usage: ${NAME} [put] [OPTION...] ${COMMANDS.put.operands}\n       ${NAME} COMMAND [OPTION...] ...`,
    wrap(ABOUT.all, width).join('\n'),
    commandList(width, NARROW),
    `${wrap(COMMON, width).join('\n')}\n${optionLines(rows, 'put', width)}`,
    exampleList(EXAMPLES.short, width),
  ];
}

function allHelp(width: number): readonly string[] {
  return [
    usage(),
    wrap(ABOUT.all, width).join('\n'),
    commandList(width, COLUMN),
    ...optionGroups(CLI_FLAGS, 'put', width, { Copy: 'Copy (copy --help lists all that it takes)' }),
    ...settings(),
    exampleList(EXAMPLES.put, width),
    exitCodes('all', width),
  ];
}

function commandHelp(command: Exclude<HelpTopic, 'all'>, width: number): readonly string[] {
  const { operands } = COMMANDS[command];
  const about = wrap(ABOUT[command], width).join('\n');
  if (command === 'completion')
    return [`Usage: ${NAME} completion ${operands}`, about, exampleList(EXAMPLES.completion, width)];
  const rows = CLI_FLAGS.filter((row) => belongsTo(row, command) && isShown(row, command));
  return [
    `Usage: ${NAME} ${command === 'put' ? '[put]' : command} [OPTION...] ${operands}`,
    about,
    ...optionGroups(rows, command, width, TITLES[command]),
    ...settings(),
    exampleList(EXAMPLES[command], width),
    exitCodes(command, width),
  ];
}

/** What `explain` and `finish` share with `put` is in the help of that. */
function isShown({ explainHelp, commands }: OptionRow, command: OptionCommand): boolean {
  if (command !== 'explain' && command !== 'finish') return true;
  return commands?.[0] === command || (command === 'explain' && explainHelp !== undefined);
}

function usage(): string {
  return [
    `Usage: ${NAME} [put] [OPTION...] ${COMMANDS.put.operands}`,
    `       ${NAME} [put] [OPTION...] SOURCE... --bucket B [--prefix P]`,
    ...(['copy', 'uploads', 'delete', 'explain', 'finish', 'worker'] as const).map(
      (name) => `       ${NAME} ${name} [OPTION...] ${COMMANDS[name].operands}`,
    ),
    ...(['completion', 'help', 'version'] as const).map((name) =>
      `       ${NAME} ${name} ${COMMANDS[name].operands}`.trimEnd(),
    ),
  ].join('\n');
}

function settings(): readonly string[] {
  return [
    'A switch --x is turned off by --no-x.\nVariables such as S3PP_MODE=add and a config file set options too; flags win.',
  ];
}

function commandList(width: number, column: number): string {
  return `Commands:\n${Object.entries(COMMANDS)
    .map(([name, { help }]) => twoColumns(`  ${name}`, help, column, width))
    .join('\n')}`;
}

/** Names of groups in the help of a command, where they are others than in the table. */
const TITLES: Readonly<Record<OptionCommand, Readonly<Partial<Record<OptionGroup, string>>>>> = {
  put: {},
  copy: { 'Which files': 'Which objects', 'When to upload': 'When to copy' },
  uploads: { 'When to upload': 'Dry run' },
  delete: { 'When to upload': 'Dry run', Sites: 'Which objects', 'Unfinished uploads': 'Confirmation' },
  explain: {},
  finish: {},
  worker: {},
};

/** The options of each group under its name, or under its name in `titles`. */
function optionGroups(
  shown: readonly FlagRow[],
  command: OptionCommand,
  width: number,
  titles: Readonly<Partial<Record<OptionGroup, string>>>,
): readonly string[] {
  return OPTION_GROUPS.flatMap((group) => {
    const rows = shown.filter((row) => row.group === group);
    return rows.length === 0 ? [] : [`${titles[group] ?? group}:\n${optionLines(rows, command, width)}`];
  });
}

type FlagRow = OptionRow & { readonly flag: string };

function optionLines(rows: readonly FlagRow[], command: OptionCommand, width: number): string {
  return rows.map((row) => twoColumns(`  ${flagText(row)}`, explain(row, command), COLUMN, width)).join('\n');
}

/** An example on one line if it fits, else its meaning below it. */
function exampleList(examples: readonly Example[], width: number): string {
  return section('Examples', examples, width);
}

function section(title: string, rows: readonly Example[], width = 80): string {
  const at = Math.max(...rows.map(([left]) => left.length)) + 4;
  const fits = rows.every(([, right]) => at + right.length <= width);
  const lines = rows.flatMap(([left, right]) =>
    fits ? [`  ${left.padEnd(at - 2)}${right}`] : [`  ${left}`, `      ${right}`],
  );
  return `${title}:\n${lines.join('\n')}`;
}

function exitCodes(command: OptionCommand | 'all', width: number): string {
  return `Exit codes:\n${EXIT_CODES.filter(({ not = [] }) => !not.some((one) => one === command))
    .map(({ code, meaning }) => twoColumns(`  ${code}`, meaning, 12, width))
    .join('\n')}`;
}

/** A flag as lists show it, with its short form and its value. */
export function flagText(row: FlagRow): string {
  const short = row.short === undefined ? '    ' : `-${row.short}, `;
  // A switch whose default is not simply off is mostly used to turn it off.
  const no = isSwitch(row) && row.default !== undefined && row.default !== 'off' ? '[no-]' : '';
  const value = row.value === undefined ? '' : row.type === 'optional' ? `[=${row.value}]` : ` ${row.value}`;
  return `${short}--${no}${row.flag}${value}`;
}

/** The help of an option, with its choices, its default and its other spellings. */
export function explain(row: OptionRow, command: OptionCommand): string {
  const usual = defaultIn(row, command) ?? '';
  const facts: string[] = [];
  if ((row.type === 'choice' || row.type === 'texts') && row.choices !== undefined) facts.push(row.choices.join(', '));
  if (usual !== '' && usual !== 'off') facts.push(`default: ${usual}`);
  const also = [...(row.aliases ?? []), ...Object.keys(row.shorthands ?? {})].map((name) => `--${name}`);
  if (also.length > 0) facts.push(`also ${also.join(', ')}`);
  const help =
    {
      put: undefined,
      copy: row.copyHelp,
      uploads: row.uploadsHelp,
      delete: row.deleteHelp,
      explain: row.explainHelp,
      finish: undefined,
      worker: undefined,
    }[command] ?? row.help;
  return facts.length === 0 ? help : `${help} (${facts.join('; ')})`;
}

/** The first sentence of an option's help. */
export function firstSentence(row: OptionRow): string {
  return row.help.split(/[.;](?: |$)/)[0] ?? row.help;
}

/** Wraps text between words into lines of at most `width` characters; a longer word gets its own line. @internal */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Two columns: the second is wrapped, and begins on the next line if the first is too long. @internal */
export function twoColumns(left: string, right: string, at: number, width: number): string {
  const lines = wrap(right, width - at);
  const indent = ' '.repeat(at);
  const [first = '', ...rest] = left.length + 2 <= at ? lines : ['', ...lines];
  const head = `${left.padEnd(first === '' ? 0 : at)}${first}`;
  return [head, ...rest.map((line) => `${indent}${line}`)].join('\n');
}
