import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from 'fake-s3';
import type { Cleanup } from '../support/tree.js';

/** As it is committed, which `npm run check:dist` compares with its sources; in a folder of its own, because a runner has no packages above it. */
const BUNDLE_FOLDER = mkdtempSync(join(tmpdir(), 's3pp-bundle-'));
cpSync(fileURLToPath(new URL('../../dist/action', import.meta.url)), BUNDLE_FOLDER, { recursive: true });
process.on('exit', () => rmSync(BUNDLE_FOLDER, { recursive: true, force: true }));
const BUNDLE = join(BUNDLE_FOLDER, 'index.cjs');

/** A workflow command as a line of the log has it: `::error title=…::text`. */
export interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface ActionRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly log: string;
  readonly commands: readonly Command[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** What was masked. */
  readonly masks: readonly string[];
  /** The file that the output report-path names. */
  readonly report: Readonly<Record<string, unknown>> | undefined;
}

export interface ActionOptions {
  /** The folder that the runner checks the repository out into. */
  readonly workspace?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLog?: (text: string, child: ChildProcess) => void;
  /** No summary can be written. */
  readonly unwritableSummary?: boolean;
  /** Limit for the size of a file, in blocks of 512 bytes. */
  readonly fileBlocks?: number;
  /** No outputs can be written. */
  readonly unwritableOutput?: boolean;
  /** Options of node itself. */
  readonly node?: readonly string[];
}

/** Runs the committed bundle as the runner does: inputs in the environment, outputs and summary in files. */
export async function action(
  t: Cleanup,
  inputs: Readonly<Record<string, string>>,
  options: ActionOptions = {},
): Promise<ActionRun> {
  const folder = mkdtempSync(join(tmpdir(), 's3pp-action-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => join(folder, name);
  for (const name of ['temp', 'home', 'workspace']) mkdirSync(file(name));
  for (const name of ['output', 'summary']) writeFileSync(file(name), '');
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: file('home'),
    USERPROFILE: file('home'),
    AWS_EC2_METADATA_DISABLED: 'true',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: options.workspace ?? file('workspace'),
    GITHUB_OUTPUT: options.unwritableOutput === true ? file('no/output') : file('output'),
    GITHUB_STEP_SUMMARY: options.unwritableSummary === true ? file('no/summary') : file('summary'),
    RUNNER_TEMP: file('temp'),
    ...options.env,
  };
  for (const [name, value] of Object.entries(inputs)) env[`INPUT_${name.toUpperCase()}`] = value;
  const ended = await new Promise<Pick<ActionRun, 'code' | 'signal' | 'log'>>((resolve, reject) => {
    const whole = [process.execPath, ...(options.node ?? []), BUNDLE];
    // A shell keeps no variable with a hyphen in its name.
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const limited = ['sh', '-c', `ulimit -f ${options.fileBlocks}; exec "$0" "$@"`, 'env', ...variables];
    const [program = '', ...args] = options.fileBlocks === undefined ? whole : [...limited, ...whole];
    const child = spawn(program, args, { cwd: folder, env });
    let log = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        options.onLog?.(log, child);
      });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, log }));
  });
  const commands = commandsIn(ended.log);
  const outputs = outputsIn(readFileSync(file('output'), 'utf8'));
  const reportPath = outputs['report-path'] ?? '';
  return {
    ...ended,
    commands,
    outputs,
    summary: readFileSync(file('summary'), 'utf8'),
    masks: commands.filter(({ name }) => name === 'add-mask').map(({ text }) => text),
    report: existsSync(reportPath) ? (JSON.parse(readFileSync(reportPath, 'utf8')) as ActionRun['report']) : undefined,
  };
}

/** Inputs to connect to a server, with its credentials as secrets. */
export function inputsFor({ url, region, accessKeyId, secretAccessKey }: Endpoint): Readonly<Record<string, string>> {
  return {
    'endpoint-url': url,
    'aws-region': region,
    'aws-access-key-id': accessKeyId,
    'aws-secret-access-key': secretAccessKey,
  };
}

function commandsIn(log: string): Command[] {
  return [...log.matchAll(/^::([a-z-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/gm)].map(
    ([, name = '', list = '', text = '']) => ({
      name,
      text: unescaped(text),
      properties: Object.fromEntries(
        list
          .split(',')
          .filter((one) => one !== '')
          .map((one) => [one.slice(0, one.indexOf('=')), unescaped(one.slice(one.indexOf('=') + 1))]),
      ),
    }),
  );
}

function unescaped(text: string): string {
  return text
    .replaceAll('%0A', '\n')
    .replaceAll('%0D', '\r')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}

/** `name<<delimiter`, lines, delimiter. */
function outputsIn(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [, name = '', delimiter = '', value = ''] of text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm))
    if (delimiter !== '') outputs[name] = value;
  return outputs;
}
