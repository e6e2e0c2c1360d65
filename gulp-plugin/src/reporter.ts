import { Transform } from 'node:stream';
import { styleText } from 'node:util';
import PluginError from 'plugin-error';
import { isPlanned, type S3File } from './file-state.js';
import { drainIfUnread } from './output-queue.js';
import { failsWithBefore, tellsBehind } from './pipeline-errors.js';
import { PLUGIN } from './plugin-error.js';

const STATES = ['create', 'update', 'skip'] as const;
type State = (typeof STATES)[number];

export interface ReporterOptions {
  /** Files in these states have a line. @default all of them */
  readonly states?: readonly State[] | undefined;
  /** Takes each line. @default standard output */
  readonly write?: ((line: string) => void) | undefined;
}

const COLORS = { create: 'green', update: 'yellow', skip: 'gray' } as const;

/**
 * Prints a line per file that was put or left as it is, and at the end how many there were. Files pass through.
 * @throws PluginError for options that it has not
 */
export function reporter(options: ReporterOptions = {}): Transform {
  const { states = STATES, write } = checked(options);
  const counts: Record<State, number> = { create: 0, update: 0, skip: 0 };
  let bytes = 0;
  let planned = false;
  const print = write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const colored = write === undefined && process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
  const stream = new Transform({
    objectMode: true,
    transform(file: S3File, _encoding, next) {
      const { state, path = '', reason = '' } = file.s3 ?? {};
      if (state !== undefined && STATES.includes(state)) {
        counts[state] += 1;
        bytes += file.s3?.bytes ?? 0;
        planned ||= isPlanned(file.s3 ?? {});
        if (states.includes(state)) {
          const label = `[${state}]`.padEnd('[create]'.length);
          print(`${colored ? styleText(COLORS[state], label) : label} ${oneLine(path)} (${reason})`);
        }
      }
      next(null, file);
      if (stream.readableLength >= stream.readableHighWaterMark) drainIfUnread(stream);
    },
    flush(next) {
      const sent = `${bytes.toLocaleString('en')} bytes ${planned ? 'to send' : 'sent'}`;
      const counted = `${counts.create} created, ${counts.update} updated, ${counts.skip} unchanged; ${sent}.`;
      print(planned ? `(dry run) ${counted}` : counted);
      next();
      drainIfUnread(stream);
    },
  });
  stream.on('pipe', (before: object) => {
    planned ||= isPlanned(before);
  });
  failsWithBefore(stream, async () => {});
  return tellsBehind(stream);
}

function checked(options: ReporterOptions): ReporterOptions {
  const wrong = (what: string): PluginError =>
    new PluginError(PLUGIN, `s3Put.reporter(): ${what}`, { showStack: false });
  if (typeof options !== 'object' || options === null) throw wrong('its options are an object, such as { states }.');
  const stray = Object.keys(options).find((name) => name !== 'states' && name !== 'write');
  if (stray !== undefined) throw wrong(`the option "${stray}" is unknown; there are states and write.`);
  const { states, write } = options;
  if (states !== undefined && !(Array.isArray(states) && states.every((state) => STATES.includes(state))))
    throw wrong(`states is ${JSON.stringify(states)}; it is a list of ${STATES.join(', ')}.`);
  if (write !== undefined && typeof write !== 'function') throw wrong('write is no function.');
  return options;
}

/** A key may hold anything, and must not forge a line. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
