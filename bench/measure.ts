import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Command } from './clients/client.js';

/** Time and memory of one process, from its start to its end. */
export interface Measured {
  readonly wallSeconds: number;
  /** User and system time of the process and of its children. */
  readonly cpuSeconds: number;
  /** Peak resident memory. */
  readonly peakBytes: number;
  readonly exitCode: number;
}

// Bash waits for the client and prints its CPU time (`times`: getrusage of the children, in milliseconds). Node has no such call for
// children, and the clock ticks of /proc are 10 ms. Bash prints the client's process id first, which is needed to read its memory.
const WRAPPER = '"$@" 3>&- & echo "$!" >&3; wait "$!"; code=$?; times >&3; exit "$code"';
/** The kernel keeps the peak (VmHWM) until the process ends, so only growth within the last interval is missed. */
const MEMORY_INTERVAL_MS = 20;

/** Runs a command; its output goes to the files `name.stdout` and `name.stderr` in `folder`. */
export async function measure(
  { program, args, env }: Command,
  { folder, name, signal }: { folder: string; name: string; signal: AbortSignal },
): Promise<Measured> {
  signal.throwIfAborted();
  const [out, err] = ['stdout', 'stderr'].map((stream) => openSync(join(folder, `${name}.${stream}`), 'w'));
  const startedAt = performance.now();
  const child = spawn('bash', ['-c', WRAPPER, 'measure', program, ...args], {
    cwd: folder,
    env: { ...env },
    stdio: ['ignore', out, err, 'pipe'],
    detached: true,
  });
  const report = child.stdio[3] as Readable;
  let text = '';
  let peakBytes = 0;
  report.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(text));
  }, MEMORY_INTERVAL_MS);
  // The child has its own process group, so that a client started by a launcher is killed too.
  const kill = (): void => killGroup(child.pid);
  signal.addEventListener('abort', kill);
  try {
    const { wall, code } = await new Promise<{ wall: number; code: number }>((resolve, reject) => {
      let wall = 0;
      child.once('error', reject);
      child.once('exit', () => {
        wall = (performance.now() - startedAt) / 1000;
      });
      child.once('close', (code) => resolve({ wall, code: code ?? -1 }));
    });
    signal.throwIfAborted();
    return { wallSeconds: wall, cpuSeconds: cpuOf(text), peakBytes, exitCode: code };
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', kill);
    for (const file of [out, err]) if (file !== undefined) closeSync(file);
  }
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has exited already.
  }
}

/** Peak memory of the process whose id is in the first line; 0 before it starts and after it has exited. */
function peakOf(text: string): number {
  const pid = /^(\d+)\n/.exec(text)?.[1];
  if (pid === undefined) return 0;
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** The last line of `times`: user and system time of all children, such as `0m1.234s 0m0.567s`. */
function cpuOf(text: string): number {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  const times = [...last.matchAll(/(\d+)m([\d.]+)s/g)];
  if (times.length !== 2) throw new Error(`bash did not print the CPU time of a client: ${JSON.stringify(text)}`);
  return times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
