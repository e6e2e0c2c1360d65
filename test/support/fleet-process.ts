// A worker or a coordinator in a process of its own, with short times. `fleet.ts` builds and starts it, with JSON as its argument.

import type { RangeSize } from '../../src/fleet/range-job.js';
import type { WorkerTimes } from '../../src/fleet/worker.js';
import { type FleetInternals, putByFleet } from '../../src/fleet.js';
import { readAllowed, workForFleet } from '../../src/fleet-worker.js';
import type { PutOptions } from '../../src/index.js';
import type { PutInternals } from '../../src/open-put.js';
import { preparePut } from '../../src/prepare-put.js';

export type FleetProcess =
  | {
      readonly role: 'worker';
      readonly queue: string;
      readonly own: object;
      readonly times: Partial<WorkerTimes>;
      readonly allowSource?: readonly string[] | undefined;
      readonly allowDestination?: readonly string[] | undefined;
      readonly rangeSize?: Partial<RangeSize>;
      readonly internals?: PutInternals;
    }
  | {
      readonly role: 'put';
      readonly queue: string;
      readonly queueRun: string;
      readonly options: PutOptions;
      readonly internals: FleetInternals;
    };

const asked = JSON.parse(process.argv[2] ?? '') as FleetProcess;

if (asked.role === 'worker') {
  const [stop, stopNow] = [new AbortController(), new AbortController()];
  process.on('SIGTERM', () => {
    (stop.signal.aborted ? stopNow : stop).abort();
    console.log('stopping');
  });
  const { queue, own, times, allowSource, allowDestination, rangeSize = {}, internals = {} } = asked;
  const end = await workForFleet({
    queue,
    own,
    times,
    allowed: readAllowed(allowSource, allowDestination),
    rangeSize,
    internals,
    env: process.env,
    stop: stop.signal,
    stopNow: stopNow.signal,
    onEvent(event) {
      const isResult = event.type === 'batch' || event.type === 'range';
      console.log(isResult ? `${event.type} ${event.id} ${event.result.state}` : JSON.stringify(event));
    },
  });
  console.log(`end ${end.error?.message ?? ''}`);
} else {
  const { queue, queueRun, options, internals } = asked;
  const report = await putByFleet(preparePut(options), options, { queue, queueRun }, () => {}, internals);
  console.log(JSON.stringify(report));
}
process.exit();
