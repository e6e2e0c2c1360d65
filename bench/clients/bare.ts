import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Client, Command } from './client.js';

const ROOT = resolve(import.meta.dirname, '../..');
const CLI = resolve(ROOT, 'dist/lib/cli/main.js');
const ACTION = resolve(ROOT, 'dist/action/index.cjs');

/** Ends a program after its first line. */
const FIRST_LINE = 'exec 3< <(exec "$@"); read -r line <&3; kill -9 "$!"; [ -n "$line" ]';

interface Program extends Pick<Client, 'name' | 'note'> {
  readonly args: readonly string[];
  readonly untilFirstLine?: true;
}

const PROGRAMS: readonly Program[] = [
  { name: 'node-bare', note: 'node -e 0, which does nothing', args: ['-e', '0'] },
  { name: 'ours-version', note: 'node dist/lib/cli/main.js --version', args: [CLI, '--version'] },
  {
    name: 'node-first-line',
    note: 'node -e "console.log(0)" until its first line; only wall',
    args: ['-e', 'console.log(0)'],
    untilFirstLine: true,
  },
  {
    name: 'action-first-line',
    note: 'node dist/action/index.cjs until its first line; only wall',
    args: [ACTION],
    untilFirstLine: true,
  },
];

function commandOf({ args, untilFirstLine }: Program, env: Command['env']): Command {
  if (untilFirstLine !== true) return { program: process.execPath, args, env };
  return { program: 'bash', args: ['-c', FIRST_LINE, 'first-line', process.execPath, ...args], env };
}

/** Smallest processes, for the ratios of a process that puts one object. */
export const bareClients: readonly Client[] = PROGRAMS.map((program) => ({
  name: program.name,
  note: program.note,
  putsNothing: true,
  missing: () => (existsSync(CLI) && existsSync(ACTION) ? undefined : 'dist is missing: npm run build'),
  command: ({ env }) => commandOf(program, env),
}));
