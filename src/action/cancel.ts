/** Signals of a cancelled job: the runner sends SIGINT, 7.5 s later SIGTERM, and kills the process after another 2.5 s. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const INTERRUPTED_EXIT_CODE = 130;

/** The abort reason when the job is cancelled. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}

export interface Cancellation {
  readonly signal: AbortSignal;
  release(): void;
}

/** Watches for the job's cancellation: the first signal aborts the run, which still cleans up; the second ends the process. */
export function watchCancel(): Cancellation {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED_EXIT_CODE);
    controller.abort(new CancelledError(`the job was cancelled (${name})`));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
