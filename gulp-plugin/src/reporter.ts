import { Transform } from 'node:stream';
import { styleText } from 'node:util';
import PluginError from 'plugin-error';
import { isDryRun, type S3File } from './file-state.js';
import { drainIfUnread } from './output-queue.js';
import { failLaterStages, failWithPreviousStage } from './pipeline-errors.js';
import { PLUGIN, printable } from './plugin-error.js';

const STATES = ['create', 'update', 'skip', 'unknown'] as const;
type State = (typeof STATES)[number];

export interface ReporterOptions {
  /** Prints a line for files in these states only. @default all states */
  readonly states?: readonly State[] | undefined;
  /** Called with each line, without a line break. @default writes to standard output */
  readonly write?: ((line: string) => void) | undefined;
}

const COLORS = { create: 'green', update: 'yellow', skip: 'gray', unknown: 'magenta' } as const;

/**
 * Prints a line for each file that was put or skipped or may have been put, and the totals at the end. Files pass through.
 * @throws PluginError for wrong options
 */
export function reporter(options: ReporterOptions = {}): Transform {
  const { states = STATES, write } = checkOptions(options);
  const counts: Record<State, number> = { create: 0, update: 0, skip: 0, unknown: 0 };
  let bytes = 0;
  let dryRun = false;
  const print = write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const colored = write === undefined && process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
  const stream = new Transform({
    objectMode: true,
    transform(file: S3File, _encoding, next) {
      const { state, path = '', reason = '' } = file.s3 ?? {};
      if (state !== undefined && STATES.includes(state)) {
        counts[state] += 1;
        bytes += file.s3?.bytes ?? 0;
        dryRun ||= isDryRun(file.s3 ?? {});
        if (states.includes(state)) {
          const label = `[${state}]`.padEnd('[create]'.length);
          print(`${colored ? styleText(COLORS[state], label) : label} ${printable(path)} (${printable(reason)})`);
        }
      }
      next(null, file);
      if (stream.readableLength >= stream.readableHighWaterMark) drainIfUnread(stream);
    },
    flush(next) {
      const sent = `${bytes.toLocaleString('en')} bytes ${dryRun ? 'to send' : 'sent'}`;
      const unknown = counts.unknown === 0 ? '' : `, ${counts.unknown} unknown (may have been stored)`;
      const totals = `${counts.create} created, ${counts.update} updated, ${counts.skip} unchanged${unknown}; ${sent}.`;
      print(dryRun ? `(dry run) ${totals}` : totals);
      next();
      drainIfUnread(stream);
    },
  });
  // Without files, only the previous stage shows that this is a dry run.
  stream.on('pipe', (previous: object) => {
    dryRun ||= isDryRun(previous);
  });
  failWithPreviousStage(stream, async () => {});
  return failLaterStages(stream);
}

function checkOptions(options: ReporterOptions): ReporterOptions {
  const wrong = (problem: string): PluginError =>
    new PluginError(PLUGIN, `s3Put.reporter(): ${problem}`, { showStack: false });
  if (typeof options !== 'object' || options === null)
    throw wrong('its options must be an object, such as { states }.');
  const unknown = Object.keys(options).find((name) => name !== 'states' && name !== 'write');
  if (unknown !== undefined) throw wrong(`the option "${unknown}" is unknown; there are states and write.`);
  const { states, write } = options;
  if (states !== undefined && !(Array.isArray(states) && states.every((state) => STATES.includes(state))))
    throw wrong(`states is ${JSON.stringify(states)}; it must be a list of ${STATES.join(', ')}.`);
  if (write !== undefined && typeof write !== 'function') throw wrong('write must be a function.');
  return options;
}
