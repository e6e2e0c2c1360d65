import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The limit on systems that do not provide it. Node raises its soft limit to the hard one at its start, which on macOS is far above this; Windows
 * limits files to 8,192 and sockets not at all. So this is never too high.
 */
const ASSUMED_LIMIT = 1_024;
/** Node's own at its start, and some for standard streams and logs. */
const ASSUMED_OPEN = 32;

/** How many files and sockets this process may have open, and how many it has. */
export interface Descriptors {
  readonly limit: number;
  readonly open: number;
}

/** Reads the descriptors of this process on Linux; assumes them elsewhere. Never throws. */
export function readDescriptors(self = '/proc/self'): Descriptors {
  let limit = ASSUMED_LIMIT;
  try {
    limit = parseLimit(readFileSync(`${self}/limits`, 'utf8'));
    // Without the one that reads the directory.
    return { limit, open: readdirSync(`${self}/fd`).length - 1 };
  } catch (error) {
    if (isShortage(error)) return { limit, open: limit };
    return { limit, open: Math.min(limit, ASSUMED_OPEN) };
  }
}

/** The soft limit in a text such as `Max open files            1024                 524288               files`. */
function parseLimit(limits: string): number {
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(limits)?.[1];
  if (soft === undefined) return ASSUMED_LIMIT;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** For directories, name lookups, a thread that hashes, files of the AWS SDK and commands that give credentials. */
const RESERVED = 8;
/** Fewer would leave no room for a file beside a connection. */
const LEAST = 4;

/** The descriptors that a run may use for connections and contents together; undefined where they are too few. */
export function descriptorsForRun({ limit, open }: Descriptors): number | undefined {
  const room = limit - open - RESERVED;
  return room < LEAST ? undefined : room;
}

/** Node loads modules side by side, each through a descriptor of its own. */
const TO_LOAD = 18;

/** What to say where there are too few descriptors to load the program; undefined where there are enough. */
export function tooFewToLoad(descriptors: Descriptors = readDescriptors()): string | undefined {
  return descriptors.limit - descriptors.open < TO_LOAD ? `${tooFewText(descriptors)}\n  ${RAISE_LIMIT}` : undefined;
}

export function tooFewText({ limit, open }: Descriptors): string {
  return `This process may have only ${limit} files and connections open, and ${open} are open already: too few to start.`;
}

export const RAISE_LIMIT = 'Raise the limit of open files, for example: ulimit -n 1024';

/** Whether an error says that the process (EMFILE) or the system (ENFILE) has no descriptor left. */
export function isShortage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EMFILE' || code === 'ENFILE';
}

/** What a run does about a shortage. */
export interface ShortageListener {
  outOfDescriptors(): void;
}

/** Descriptors are the process's, so all of its runs hear of a shortage. The references are weak: a run that never ends may be collected. */
const runs = new Set<WeakRef<ShortageListener>>();

/** Calls the listener whenever a file cannot be opened for lack of descriptors, until the signal is aborted, as it is when the run ends. */
export function onShortage(listener: ShortageListener, signal: AbortSignal): void {
  if (signal.aborted) return;
  const ref = new WeakRef(listener);
  runs.add(ref);
  signal.addEventListener('abort', () => runs.delete(ref), { once: true });
}

/** The runs in progress. */
function listeners(): ShortageListener[] {
  for (const ref of runs) if (ref.deref() === undefined) runs.delete(ref);
  return [...runs].map((ref) => ref.deref()).filter((listener) => listener !== undefined);
}

const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 500;
/** Another process may have taken all descriptors of the system, and keep them. */
const PATIENCE_MS = 60_000;

/**
 * Opens a file, and waits where there is no descriptor for it: requests that end give theirs back. Throws what `open` throws otherwise; and a shortage
 * where it lasts for a minute, or no run is in progress that could end it.
 */
export async function whenDescriptorFree<T>(open: () => T | Promise<T>): Promise<T> {
  let waitedMs = 0;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      return await open();
    } catch (error) {
      if (!isShortage(error) || listeners().length === 0 || waitedMs >= PATIENCE_MS) throw error;
    }
    for (const listener of listeners()) listener.outOfDescriptors();
    await sleep(waitMs);
    waitedMs += waitMs;
  }
}
