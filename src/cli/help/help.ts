import { OPTION_GROUPS, type OptionCommand, type OptionRow } from '../../options/row.js';
import { belongsTo, CLI_FLAGS, defaultIn } from '../../options/table.js';
import { isSwitch } from '../argv.js';
import { COMMANDS } from '../commands.js';

const NAME = 's3-parallel-put';
/** Column where the explanations begin. */
const COLUMN = 30;

const ABOUT =
  'Puts directories, files and what is in tar archives into an S3 bucket, in parallel, and only what is new or different. ' +
  'Credentials come from the AWS configuration, as with the AWS CLI: environment, profile, or role.';

const EXAMPLES: readonly (readonly [string, string])[] = [
  [`${NAME} dist s3://my-site/docs`, 'put what is new or different below docs/'],
  [`${NAME} -n dist s3://my-site`, 'show what that would do'],
  [`${NAME} --put stupid --processes 200 data s3://my-bucket`, 'put everything, without listing the bucket'],
  [`${NAME} --exclude '*.map' --include keep.map dist s3://my-site`, 'no source maps but one'],
  [`${NAME} --host http://localhost:9000 dist s3://test`, 'to another S3 server'],
  [`${NAME} copy s3://source/path s3://dest/prefix`, 'from bucket to bucket'],
];

const ABOUT_COPY =
  'Copies objects from bucket to bucket, in parallel, and only what is new or different. S3 copies them itself where it can; between ' +
  'two servers or accounts the bytes pass through this machine. Headers, metadata and tags are copied; ACLs are not.';

const COPY_EXAMPLES: readonly (readonly [string, string])[] = [
  [`${NAME} copy s3://source s3://dest`, 'everything, under the same keys'],
  [`${NAME} copy s3://source/docs s3://dest/old`, 'docs/a becomes old/docs/a'],
  [`${NAME} copy 's3://source/docs/*' s3://dest/old`, 'docs/a becomes old/a'],
  [`${NAME} copy s3://source s3://dest --keys-file keys.txt`, 'the keys in a file'],
  [`${NAME} copy s3://source s3://dest --dest-profile other`, 'to another account'],
];

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'all done'],
  ['1', 'some objects failed, or --check found something to change'],
  ['2', 'wrong options or configuration, or a source that does not exist'],
  ['3', 'refused: no files found'],
  ['4', 'no credentials, no bucket, or access denied before anything was done'],
  ['130, 143', 'stopped by SIGINT or SIGTERM'],
];

/** The text of `--help`, for a terminal of `columns`; between 80 and 100 are used. */
export function helpText(columns = 80, about?: 'copy'): string {
  const width = Math.min(Math.max(columns, 80), 100);
  const shown = about === undefined ? CLI_FLAGS : CLI_FLAGS.filter((row) => belongsTo(row, about));
  const groups = OPTION_GROUPS.flatMap((group) => {
    const rows = shown.filter((row) => row.group === group);
    if (rows.length === 0) return [];
    const name = about === undefined && group === 'Copy' ? 'Copy (copy --help lists all that it takes)' : group;
    return [
      `${name}:\n${rows.map((row) => twoColumns(flagText(row), explain(row, about ?? 'put'), COLUMN, width)).join('\n')}`,
    ];
  });
  const commands = Object.entries(COMMANDS).map(([name, { help }]) => twoColumns(`  ${name}`, help, COLUMN, width));
  const examples = (about === undefined ? EXAMPLES : COPY_EXAMPLES).flatMap(([command, meaning]) => [
    `  ${command}`,
    `      ${meaning}`,
  ]);
  const codes = EXIT_CODES.map(([code, meaning]) => twoColumns(`  ${code}`, meaning, 12, width));
  return `${[
    about === undefined ? usage() : `Usage: ${NAME} copy [OPTION...] ${COMMANDS.copy.operands}`,
    wrap(about === undefined ? ABOUT : ABOUT_COPY, width).join('\n'),
    ...(about === undefined ? [`Commands:\n${commands.join('\n')}`] : []),
    ...groups,
    `A switch --x is turned off by --no-x.\nVariables such as S3PP_MODE=add and a config file set options too; flags win.`,
    `Examples:\n${examples.join('\n')}`,
    `Exit codes:\n${codes.join('\n')}`,
    '',
  ]
    .join('\n\n')
    .trimEnd()}\n`;
}

function usage(): string {
  return [
    `Usage: ${NAME} [put] [OPTION...] ${COMMANDS.put.operands}`,
    `       ${NAME} [put] [OPTION...] SOURCE... --bucket B [--prefix P]`,
    `       ${NAME} copy [OPTION...] ${COMMANDS.copy.operands}`,
    `       ${NAME} uploads [OPTION...] ${COMMANDS.uploads.operands}`,
    `       ${NAME} completion ${COMMANDS.completion.operands}`,
  ].join('\n');
}

function flagText(row: OptionRow & { readonly flag: string }): string {
  const short = row.short === undefined ? '    ' : `-${row.short}, `;
  // A switch whose default is not simply off is mostly used to turn it off.
  const no = isSwitch(row) && row.default !== undefined && row.default !== 'off' ? '[no-]' : '';
  const value = row.value === undefined ? '' : row.type === 'optional' ? `[=${row.value}]` : ` ${row.value}`;
  return `  ${short}--${no}${row.flag}${value}`;
}

function explain(row: OptionRow, command: OptionCommand): string {
  const usual = defaultIn(row, command) ?? '';
  const facts: string[] = [];
  if ((row.type === 'choice' || row.type === 'texts') && row.choices !== undefined) facts.push(row.choices.join(', '));
  if (usual !== '' && usual !== 'off') facts.push(`default: ${usual}`);
  const also = [...(row.aliases ?? []), ...Object.keys(row.shorthands ?? {})].map((name) => `--${name}`);
  if (also.length > 0) facts.push(`also ${also.join(', ')}`);
  const help = (command === 'copy' ? row.copyHelp : undefined) ?? row.help;
  return facts.length === 0 ? help : `${help} (${facts.join('; ')})`;
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
