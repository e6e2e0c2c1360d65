import { type StopSignal, signalExitCode } from './exit-code.js';

/** SIGINT and SIGTERM while a run is under way. */
export interface Signals {
  /** The first one that came. */
  readonly received: () => StopSignal | undefined;
  /** Gives the signals back to the system. */
  readonly release: () => void;
}

/** The first signal calls `stop`; the second ends the process at once, after `beforeExit`. */
export function watchSignals(stop: (signal: StopSignal) => void, beforeExit: () => void): Signals {
  let first: StopSignal | undefined;
  const onSignal = (signal: StopSignal): void => {
    if (first === undefined) {
      first = signal;
      stop(signal);
      return;
    }
    beforeExit();
    process.exit(signalExitCode(signal));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    received: () => first,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
