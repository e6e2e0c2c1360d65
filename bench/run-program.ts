import { spawn } from 'node:child_process';

interface Way {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly quiet?: boolean;
}

/** Runs a program to its end; throws when that is no success. */
export function run(program: string, args: readonly string[], { cwd, env, signal, quiet }: Way): Promise<void> {
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
      else reject(new Error(`"${[program, ...args].join(' ')}" ended with ${code}.`));
    });
  });
}
