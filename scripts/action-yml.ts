import { ACTION_COMMANDS, OPTION_INPUTS, OWN_INPUTS } from '../src/action/inputs.js';
import { inActionWords } from '../src/options/names.js';
import type { OptionRow } from '../src/options/row.js';
import { EXAMPLES } from './action-examples.js';
import { ACTION_HELP } from './action-help.js';

const OUTPUTS: readonly (readonly [name: string, description: string])[] = [
  ['changed', 'Whether anything was put or copied: true or false; in a dry run always false.'],
  ['put', 'Number of objects that were put, or in a dry run would be.'],
  ['copied', 'Number of objects that were copied, or in a dry run would be.'],
  [
    'skipped',
    'Number of objects that were left as they are, or in a dry run would be, and of entries that are no regular files.',
  ],
  ['failed', 'Number of objects that failed.'],
  [
    'bytes',
    'Bytes of the objects that were put or copied, compressed where they are; in a dry run of those that would be.',
  ],
  ['duration-ms', 'Milliseconds that the run took.'],
  ['url', 'site-url joined with the prefix; empty without site-url.'],
  ['report-path', 'File with the whole report as JSON, which lives as long as the job; empty where there is none.'],
];

/** The text of action.yml: every input that the code reads, none beside. None is required, because that depends on the command. */
export function actionYml(): string {
  const inputs = [
    ...OPTION_INPUTS.map(({ input, row }) => ({
      name: input,
      description: `${ACTION_HELP[input] ?? inActionWords(row.help)}${row.type === 'choice' ? choicesText(row.choices) : ''}${defaultText(row)}`,
      default: undefined as string | undefined,
    })),
    ...OWN_INPUTS.map(({ name, description, default: usual }) => ({
      name,
      description: `${ACTION_HELP[name] ?? description}${name === 'command' ? choicesText(ACTION_COMMANDS) : ''}`,
      default: usual,
    })),
  ];
  return `${[
    '# Made by "npm run build:action" from the option table; a change here is lost.',
    'name: s3-parallel-put',
    'description: Puts a built site, or any pile of files, into S3; in parallel, with the right headers, and only what changed.',
    'author: s3-parallel-put contributors',
    'branding:',
    '  icon: upload-cloud',
    '  color: orange',
    'inputs:',
    ...inputs.flatMap(({ name, description, default: usual }) => [
      `  ${name}:`,
      '    description: |-',
      ...`${description}${EXAMPLES[name] === undefined ? '' : `\n${EXAMPLES[name]}`}`
        .split('\n')
        .map((line) => `      ${line}`.trimEnd()),
      '    required: false',
      ...(usual === undefined ? [] : [`    default: ${JSON.stringify(usual)}`]),
    ]),
    'outputs:',
    ...OUTPUTS.flatMap(([name, description]) => [`  ${name}:`, `    description: ${JSON.stringify(description)}`]),
    'runs:',
    '  using: node24',
    '  main: dist/action/index.cjs',
  ].join('\n')}\n`;
}

function choicesText(choices: readonly string[] = []): string {
  return ` One of: ${choices.join(', ')}.`;
}

/** The default of an option, as an input has it. A config file is not looked for. */
function defaultText({ name, type, default: usual = '', copyDefault }: OptionRow): string {
  if (name === 'config') return '';
  const written = type === 'switch' || type === 'optional' ? inBooleans(usual) : usual;
  const forCopy = copyDefault === undefined ? '' : `for a copy ${copyDefault}`;
  const all = [written, forCopy].filter((text) => text !== '').join('; ');
  return all === '' ? '' : ` Default: ${all}.`;
}

function inBooleans(usual: string): string {
  return usual.replace(/^on\b/, 'true').replace(/\boff\b/, 'false');
}
