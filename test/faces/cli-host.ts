import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./cli-host-program.mjs', import.meta.url));

/** The result of one command line. */
export interface HostRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HostCall {
  readonly argv: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** One process for many command lines, one after the other. */
export class CliHost {
  readonly #entry: string;
  readonly #end = `end ${randomUUID()} `;
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(entry: string) {
    this.#entry = entry;
    process.once('exit', () => this.#child?.kill('SIGKILL'));
  }

  run(call: HostCall): Promise<HostRun> {
    const ran = this.#last.then(() => this.#runOne(call));
    this.#last = ran.catch(() => undefined);
    return ran;
  }

  async #runOne(call: HostCall): Promise<HostRun> {
    this.#child ??= await this.#start(call.env);
    const child = this.#child;
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Error('the process has no pipes');
    const texts = { stdout: '', stderr: '' };
    hold(child, true);
    const { code, signal } = await new Promise<Pick<HostRun, 'code' | 'signal'>>((resolve) => {
      const onText = (name: 'stdout' | 'stderr') => (text: string) => {
        texts[name] += text;
        const [out, err] = [texts.stdout.indexOf(this.#end), texts.stderr.indexOf(this.#end)];
        if (out < 0 || err < 0 || !texts.stdout.endsWith('\n') || !texts.stderr.endsWith('\n')) return;
        const code = Number(texts.stdout.slice(out + this.#end.length));
        texts.stdout = texts.stdout.slice(0, out);
        texts.stderr = texts.stderr.slice(0, err);
        resolve({ code, signal: null });
      };
      stdout.on('data', onText('stdout'));
      stderr.on('data', onText('stderr'));
      child.once('close', (ended, by) => resolve({ code: ended, signal: by }));
      child.send(call);
    });
    for (const emitter of [stdout, stderr]) emitter.removeAllListeners('data');
    child.removeAllListeners('close');
    // It ended by itself; the next run needs a new one.
    if (child.exitCode !== null || child.signalCode !== null) this.#child = undefined;
    else hold(child, false);
    return { code, signal, ...texts };
  }

  async #start(env: Readonly<Record<string, string>>): Promise<ChildProcess> {
    const stdio = ['pipe', 'pipe', 'pipe', 'ipc'] as const;
    const child = spawn(process.execPath, [PROGRAM, this.#entry, this.#end], {
      cwd: tmpdir(),
      env,
      stdio: [...stdio],
    });
    child.stdout?.setEncoding('utf8');
    child.stderr?.setEncoding('utf8');
    await once(child, 'spawn');
    return child;
  }
}

/** Whether a child process keeps the process of the tests running. */
function hold(child: ChildProcess, isHeld: boolean): void {
  const name = isHeld ? 'ref' : 'unref';
  child[name]();
  child.channel?.[name]();
  for (const stream of [child.stdin, child.stdout, child.stderr])
    (stream as unknown as Partial<Record<typeof name, () => void>> | null)?.[name]?.();
}
