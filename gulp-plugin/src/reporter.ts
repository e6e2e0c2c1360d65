import { Transform } from 'node:stream';
import { styleText } from 'node:util';
import { drainIfUnread } from './drain-if-unread.js';
import type { S3File } from './file-state.js';
import { tellsBehind } from './stages-behind.js';

const STATES = ['create', 'update', 'skip'] as const;
type State = (typeof STATES)[number];

export interface ReporterOptions {
  /** Files in these states have a line. @default all of them */
  readonly states?: readonly State[] | undefined;
  /** Takes each line. @default standard output */
  readonly write?: ((line: string) => void) | undefined;
}

const COLORS = { create: 'green', update: 'yellow', skip: 'gray' } as const;

/** Prints a line per file that was put or left as it is, and at the end how many there were. Files pass through. */
export function reporter({ states = STATES, write }: ReporterOptions = {}): Transform {
  const counts: Record<State, number> = { create: 0, update: 0, skip: 0 };
  let bytes = 0;
  let planned = 0;
  const print = write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const colored = write === undefined && process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
  const stream = new Transform({
    objectMode: true,
    transform(file: S3File, _encoding, next) {
      const { state, path = '', reason = '' } = file.s3 ?? {};
      if (state !== undefined && STATES.includes(state)) {
        counts[state] += 1;
        bytes += file.s3?.bytes ?? 0;
        if (state !== 'skip' && file.s3?.date === undefined) planned += 1;
        if (states.includes(state)) {
          const label = `[${state}]`.padEnd('[create]'.length);
          print(`${colored ? styleText(COLORS[state], label) : label} ${oneLine(path)} (${reason})`);
        }
      }
      next(null, file);
      if (stream.readableLength >= stream.readableHighWaterMark) drainIfUnread(stream);
    },
    flush(next) {
      const sent = `${bytes.toLocaleString('en')} bytes ${planned > 0 ? 'to send' : 'sent'}`;
      const counted = `${counts.create} created, ${counts.update} updated, ${counts.skip} unchanged; ${sent}.`;
      print(planned > 0 ? `(dry run) ${counted}` : counted);
      next();
      drainIfUnread(stream);
    },
  });
  return tellsBehind(stream);
}

/** A key may hold anything, and must not forge a line. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
