import { OPTION_INPUTS } from '../src/action/option-inputs.js';
import { OWN_INPUTS } from '../src/action/own-inputs.js';
import { EXAMPLES } from './action-examples.js';

const OUTPUTS: readonly (readonly [name: string, description: string])[] = [
  ['changed', 'Whether something was put or copied: true or false.'],
  ['put', 'Number of objects that were put, or in a dry run would be.'],
  ['copied', 'Number of objects that were copied, or in a dry run would be.'],
  ['skipped', 'Number of objects that were left as they are.'],
  ['failed', 'Number of objects that failed.'],
  ['bytes', 'Bytes that were sent, or that S3 copied.'],
  ['duration-ms', 'Milliseconds that the run took.'],
  ['url', 'site-url joined with the prefix; empty without site-url.'],
  ['report-path', 'File with the whole report as JSON, which lives as long as the job.'],
];

/** The text of action.yml: every input that the code reads, none beside. */
export function actionYml(): string {
  const inputs = [
    ...OPTION_INPUTS.map(({ input, row }) => ({
      name: input,
      description: `${row.help}${row.choices === undefined || row.type !== 'choice' ? '' : ` One of: ${row.choices.join(', ')}.`}${defaultText(row.copyDefault === undefined ? row.default : undefined)}`,
      example: EXAMPLES[input],
      required: input === 'source',
      default: undefined as string | undefined,
    })),
    ...OWN_INPUTS.map((own) => ({ ...own, example: EXAMPLES[own.name], required: false, default: own.default })),
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
    ...inputs.flatMap(({ name, description, example, required, default: usual }) => [
      `  ${name}:`,
      '    description: |-',
      ...`${description}${example === undefined ? '' : `\n${example}`}`
        .split('\n')
        .map((line) => `      ${line}`.trimEnd()),
      `    required: ${required}`,
      ...(usual === undefined ? [] : [`    default: ${JSON.stringify(usual)}`]),
    ]),
    'outputs:',
    ...OUTPUTS.flatMap(([name, description]) => [`  ${name}:`, `    description: ${JSON.stringify(description)}`]),
    'runs:',
    '  using: node24',
    '  main: dist/action/index.cjs',
  ].join('\n')}\n`;
}

function defaultText(usual: string | undefined): string {
  return usual === undefined || usual === '' ? '' : ` Default: ${usual}.`;
}
