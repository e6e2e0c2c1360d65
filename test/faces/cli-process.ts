import assert from 'node:assert/strict';
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from 'fake-s3';
import { CliHost } from './cli-host.js';

/** Built by `npm test`. */
const CLI = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));
const EMPTY_HOME = mkdtempSync(join(tmpdir(), 's3pp-home-'));
process.once('exit', () => rmSync(EMPTY_HOME, { recursive: true, force: true }));

export interface CliRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of stdout. */
  readonly lines: readonly string[];
}

export interface CliOptions {
  readonly cwd?: string;
  /** Added to an environment with only a path and an empty home; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called with what stdout has so far, each time it grows. */
  readonly onStdout?: (text: string, child: ChildProcess) => void;
  /** The same of stderr. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
  /** A file that stdout or stderr is written to, such as /dev/full; the text of that stream is then empty. */
  readonly stdoutTo?: string;
  readonly stderrTo?: string;
  /** Options of node itself. */
  readonly node?: readonly string[];
  /** Run in a process of its own. A run with `onStdout`, `onStderr` or `node` has one anyway. */
  readonly ownProcess?: boolean;
}

const host = new CliHost(CLI);

/** Variables that node itself or a library reads once, when it is loaded. */
const AT_START = /^(?:NODE_|AWS_SDK_JS_)/;

/** Runs the built command in a process that sees nothing of this machine's AWS configuration. */
export function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const env: Record<string, string> = { AWS_EC2_METADATA_DISABLED: 'true', HOME: EMPTY_HOME, USERPROFILE: EMPTY_HOME };
  for (const name of ['PATH', 'SystemRoot', 'TEMP', 'TMPDIR']) env[name] = process.env[name] ?? '';
  for (const [name, value] of Object.entries(options.env ?? {})) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  const files = [options.stdoutTo, options.stderrTo];
  const hasListener = (options.onStdout ?? options.onStderr ?? options.node ?? files[0] ?? files[1]) !== undefined;
  const needsOwn = options.ownProcess === true || hasListener;
  if (!needsOwn && !Object.keys(env).some((name) => AT_START.test(name)))
    return host.run({ argv, cwd: options.cwd, env }).then((ran) => ({ ...ran, lines: linesOf(ran.stdout) }));
  return new Promise((resolve, reject) => {
    const [out, err] = files.map((file) => (file === undefined ? 'pipe' : openSync(file, 'w')));
    const stdio = ['pipe', out, err] as StdioOptions;
    const child = spawn(process.execPath, [...(options.node ?? []), CLI, ...argv], { cwd: options.cwd, env, stdio });
    for (const fd of [out, err]) if (typeof fd === 'number') closeSync(fd);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onStdout?.(stdout, child);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onStderr?.(stderr, child);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr, lines: linesOf(stdout) });
    });
  });
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** The environment in which a server's credentials are found. */
export function accountOf(server: Endpoint): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: server.region,
  };
}

/** Runs the command against a server. */
export function cliTo(server: Endpoint, argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  return cli(['--endpoint-url', server.url, ...argv], { ...options, env: { ...accountOf(server), ...options.env } });
}

/** No stack trace, and no message of Node itself. */
export function assertNoStack({ stderr }: CliRun): void {
  assert.doesNotMatch(stderr, /^\s+at |node:internal|\(node:\d+\)|Warning: .*Node/m);
}
