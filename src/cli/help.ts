import { CLI_FLAGS, OPTION_GROUPS, type OptionRow } from '../option-table.js';
import { COMMANDS } from './command-word.js';
import { isSwitch } from './flags.js';
import { twoColumns, wrap } from './wrap.js';

const NAME = 's3-parallel-put';
/** Column at which the explanations begin. */
const AT = 30;

const ABOUT =
  'Puts directories, files and what is in tar archives into an S3 bucket, in parallel, and only what is new or different. ' +
  'Credentials come from the AWS configuration, as with the AWS CLI: environment, profile, or role.';

const EXAMPLES: readonly (readonly [string, string])[] = [
  [`${NAME} dist s3://my-site/docs`, 'put what is new or different below docs/'],
  [`${NAME} -n dist s3://my-site`, 'say what that would do'],
  [`${NAME} --put stupid --processes 200 data s3://my-bucket`, 'put everything, without a look at the bucket'],
  [`${NAME} --exclude '*.map' --include keep.map dist s3://my-site`, 'no source maps but one'],
  [`${NAME} --cache-control 'public, max-age=3600' img s3://my-site/img`, 'with a header'],
  [`${NAME} --host http://localhost:9000 dist s3://test`, 'to another S3 server'],
];

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'all done'],
  ['1', 'some objects failed, or --check found something to change'],
  ['2', 'wrong options or configuration, or a source that does not exist'],
  ['3', 'refused: no files found'],
  ['4', 'no credentials, or refused by S3 before anything was put'],
  ['130, 143', 'stopped by SIGINT or SIGTERM'],
];

/** The text of `--help`, for a terminal of `columns`; between 80 and 100 are used. */
export function helpText(columns = 80): string {
  const width = Math.min(Math.max(columns, 80), 100);
  const groups = OPTION_GROUPS.map((group) => {
    const rows = CLI_FLAGS.filter((row) => row.group === group).map((row) =>
      twoColumns(flagText(row), explain(row), AT, width),
    );
    return `${group}:\n${rows.join('\n')}`;
  });
  const commands = Object.entries(COMMANDS).map(([name, { help }]) => twoColumns(`  ${name}`, help, AT, width));
  const examples = EXAMPLES.flatMap(([command, meaning]) => [`  ${command}`, `      ${meaning}`]);
  const codes = EXIT_CODES.map(([code, meaning]) => twoColumns(`  ${code}`, meaning, 12, width));
  return `${[
    usage(),
    wrap(ABOUT, width).join('\n'),
    `Commands:\n${commands.join('\n')}`,
    ...groups,
    `A switch --x is turned off by --no-x.\nS3PP_MODE=add and the like, and a config file, give options too; flags win.`,
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
    `       ${NAME} uploads [OPTION...] ${COMMANDS.uploads.operands}`,
    `       ${NAME} completion ${COMMANDS.completion.operands}`,
  ].join('\n');
}

function flagText(row: OptionRow & { readonly flag: string }): string {
  const short = row.short === undefined ? '    ' : `-${row.short}, `;
  // A switch that is on, or not simply off, is mostly there to be turned off.
  const no = isSwitch(row) && row.default !== undefined && row.default !== 'off' ? '[no-]' : '';
  const value = row.value === undefined ? '' : row.type === 'optional' ? `[=${row.value}]` : ` ${row.value}`;
  return `  ${short}--${no}${row.flag}${value}`;
}

function explain(row: OptionRow): string {
  const facts: string[] = [];
  if ((row.type === 'choice' || row.type === 'texts') && row.choices !== undefined) facts.push(row.choices.join(', '));
  if (row.default !== undefined && row.default !== '' && row.default !== 'off') facts.push(`default: ${row.default}`);
  const also = [...(row.aliases ?? []), ...Object.keys(row.shorthands ?? {})].map((name) => `--${name}`);
  if (also.length > 0) facts.push(`also ${also.join(', ')}`);
  return facts.length === 0 ? row.help : `${row.help} (${facts.join('; ')})`;
}
