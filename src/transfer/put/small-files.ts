import type { HeaderMap } from '../../options/types.js';
import { type DecideOptions, decide } from '../../plan/decide.js';
import { type BufferLender, buffers } from '../../run/body-buffers.js';
import type { Run } from '../../run/run.js';
import type { PutAnswer, PutRequest } from '../../s3/bucket.js';
import type { DirectPuts } from '../../s3/direct-puts.js';
import type { IdleConnection } from '../../s3/http/http-client.js';
import type { Entry } from '../../source/types.js';
import type { EntryBody } from '../body/body.js';
import { type PutDecision, type ShortEnds, type ShortWay, writeError } from '../result.js';
import type { PlannedWrite } from './context.js';
import type { EntryForms } from './form.js';
import { stored } from './put-object.js';

export interface SmallFilesContext {
  readonly direct: DirectPuts;
  readonly forms: Pick<EntryForms, 'shared'>;
  /** Files above the threshold are sent in parts. */
  readonly options: DecideOptions & { readonly multipartThreshold: number };
  /** Opens an entry for later attempts. The caller releases the body. */
  readonly open: (entry: Entry) => {
    readonly body: EntryBody;
    readonly headers: () => { readonly headers: HeaderMap };
  };
}

/** Puts small files in one step, where nothing is in the way. */
export interface SmallFiles {
  /** Files that are new, or put whatever is there. */
  readonly entries: ShortWay<Entry>;
  /** Those that were decided on before. */
  readonly writes: ShortWay<PlannedWrite>;
}

/**
 * The shortest way of a small file into the bucket: it is read into the buffer of an idle connection, hashed, signed and sent by plain calls, and its
 * response settles it. Most objects of most runs are small and new, and through the general way each costs twice as much.
 */
export function smallFiles(
  { memory, record, stop }: Pick<Run, 'memory' | 'record' | 'stop'>,
  { direct, forms, options, open }: SmallFilesContext,
): SmallFiles {
  let from: IdleConnection | undefined;
  let pooled: Buffer | undefined;
  /** It lends while one file is read. */
  const lender: BufferLender = {
    lend(length) {
      const own = from?.lend(length);
      if (own !== undefined) return own;
      pooled = buffers.take(length);
      return pooled;
    },
  };

  function takes({ size, readWhole, settled, release }: Entry, { onlyIfAbsent, overwrite }: PutDecision): boolean {
    if (size === undefined || readWhole === undefined) return false;
    if (size > options.multipartThreshold || !direct.takes(size)) return false;
    return onlyIfAbsent === undefined && overwrite === undefined && settled === undefined && release === undefined;
  }

  function start(entry: Entry, decision: PutDecision, ends: ShortEnds): void {
    direct.begin(
      (connection) => {
        if (!send(connection, entry, decision, ends)) {
          direct.cancel(connection);
          ends.otherwise();
        }
      },
      ends.otherwise,
      (failure) => {
        const { again, stored, failed } = attempts(entry, decision, ends, () => {});
        direct.sendLater({ key: entry.key, size: entry.size ?? 0, again }, failure, stored, failed);
      },
    );
  }

  function end(size: number, lent: Buffer | undefined): void {
    if (lent !== undefined) buffers.end(lent);
    memory.giveBack(size);
  }

  /** Undefined where the general way has to find out more. */
  function readNow(entry: Entry): { readonly bytes: Buffer; readonly headers: HeaderMap } | undefined {
    try {
      const bytes = entry.readWhole?.(lender);
      const headers = bytes && forms.shared(entry, bytes);
      return bytes && headers && { bytes, headers };
    } catch {
      return undefined;
    }
  }

  /**
   * How a put goes on and ends.
   * @param giveBack what its first attempt has taken
   * @param headers of its first attempt
   */
  function attempts(entry: Entry, { reason }: PutDecision, ends: ShortEnds, giveBack: () => void, headers?: HeaderMap) {
    const { key, size = 0 } = entry;
    let sentHeaders = headers;
    let opened: EntryBody | undefined;
    let ended = false;

    function finish(): void {
      if (!ended) giveBack();
      ended = true;
      opened?.release();
    }

    /** The bytes, read anew: memory for them is waited for only now. */
    async function readAgain(from: EntryBody): Promise<Buffer> {
      const ready = await from.ready();
      return ready.read();
    }

    return {
      again(): PutRequest {
        // Before the body takes memory of its own.
        finish();
        const { body, headers: own } = open(entry);
        opened = body;
        sentHeaders = own().headers;
        return { key, body: { size, read: () => readAgain(body) }, headers: sentHeaders };
      },
      stored(answer: PutAnswer): void {
        if (answer.attempts > 1) record.waiting.delete(key);
        finish();
        ends.done(stored(size, reason, answer, sentHeaders ?? {}));
      },
      failed(thrown: unknown): void {
        const error = writeError(record, entry, thrown);
        record.waiting.delete(key);
        finish();
        ends.failed(error);
      },
    };
  }

  /** Returns false where nothing was sent. */
  function send(connection: IdleConnection, entry: Entry, decision: PutDecision, ends: ShortEnds): boolean {
    const { size = 0 } = entry;
    if (stop.signal.aborted || !memory.takeNow(size)) return false;
    from = connection;
    pooled = undefined;
    const read = readNow(entry);
    const lent = pooled;
    if (read === undefined) {
      end(size, lent);
      return false;
    }
    const { bytes, headers } = read;
    const { again, stored, failed } = attempts(entry, decision, ends, () => end(size, lent), headers);
    direct.send(connection, { key: entry.key, headers, bytes, again }, stored, failed);
    return true;
  }

  return {
    entries: {
      takes(entry, remote) {
        if (remote.state !== 'absent' && remote.state !== 'unread') return undefined;
        const decision = decide(options, entry.size, remote);
        return decision.action === 'put' && takes(entry, decision) ? decision : undefined;
      },
      start,
    },
    writes: {
      takes({ entry, decision, remote, update }) {
        return update === undefined && remote.state !== 'present' && takes(entry, decision) ? decision : undefined;
      },
      start: ({ entry }, decision, ends) => start(entry, decision, ends),
    },
  };
}
