import { spawn } from 'node:child_process';

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly quiet?: boolean;
}

/**
 * Runs a program to its end.
 * @throws Error if its exit code is not 0
 */
export function run(program: string, args: readonly string[], { cwd, env, signal, quiet }: RunOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: quiet ? 'ignore' : 'inherit',
      cwd,
      env: { ...process.env, ...env },
      signal,
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`"${[program, ...args].join(' ')}" exited with ${code}.`));
    });
  });
}
