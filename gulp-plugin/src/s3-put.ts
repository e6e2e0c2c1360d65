import { Duplex } from 'node:stream';
import { type HeaderMap, type Job, type Outcome, put, RunStoppedError } from 's3-parallel-put';
import { type S3File, stateOf } from './file-state.js';
import { items } from './items.js';
import { objectUrls } from './object-url.js';
import { type FileFailure, failuresError, pluginError } from './plugin-error.js';
import { prepare, type S3PutOptions } from './plugin-options.js';
import { type Admitted, admit } from './put-file.js';
import { spool } from './spool.js';

/** Files that are looked at at once before they are put: streams are written to the disk, contents compared with it. */
const ADMITTED_AT_ONCE = 16;

/**
 * A stream of files that puts each into S3, in parallel, and passes it on once that is settled. It ends when all of them are; if any failed, with
 * one `PluginError` that lists them (`failures`), after the others were put.
 * @throws PluginError for options that cannot work
 */
export function s3Put(options: S3PutOptions): Duplex {
  const prepared = prepare(options);
  const urlOf = objectUrls(prepared.engine, prepared.bucket);
  const source = items();
  const kept = spool();
  const failures: FileFailure[] = [];
  const warned = new Set<string>();
  const busy = new Set<Promise<void>>();
  const roomWanted: (() => void)[] = [];
  let job: Job | undefined;
  let done: Promise<unknown> = Promise.resolve();
  let files = 0;

  const warn = (code: string, message: string): void => {
    if (warned.has(code)) return;
    warned.add(code);
    stream.emit('warning', message);
    prepared.engine.onEvent?.({ type: 'warning', code, message });
  };

  /** The job begins with the first file, and its end is the stream's: what stops it stops the stream at once. */
  function begin(): void {
    if (job !== undefined) return;
    const running = put({ ...prepared.engine, source });
    job = running;
    done = running.then(
      () => undefined,
      (error: Error) => {
        // Files that failed are told once all are settled.
        if (error.name !== 'PartialFailureError' || prepared.engine.failFast === true) fail(error);
      },
    );
  }

  function fail(error: Error): void {
    const own =
      error.name === 'PartialFailureError'
        ? failuresError(failures, files)
        : pluginError(error, listedWith(error, failures));
    stream.destroy(own);
  }

  function pass(file: S3File): void {
    if (stream.destroyed) return;
    if (!stream.push(file)) drainIfUnread();
  }

  /** A last stage has nobody who reads, and must not wait for one. */
  function drainIfUnread(): void {
    if (stream.readableFlowing === null) setImmediate(() => stream.readableFlowing === null && stream.resume());
  }

  function settled(file: S3File, key: string, asked: HeaderMap, spooled: string | undefined) {
    return (outcome?: Outcome, headers?: HeaderMap): void => {
      const full = outcome?.key ?? prepared.prefix + key;
      file.s3 = { ...stateOf({ outcome, headers: headers ?? asked, key: full, url: urlOf(full) }) };
      if (outcome?.action === 'fail') failures.push(failureOf(file, full, outcome.error ?? new Error(outcome.reason)));
      if (spooled !== undefined) file.contents = kept.reread(spooled);
      pass(file);
    };
  }

  async function take(file: S3File, admitted: Admitted): Promise<void> {
    if (admitted.action === 'pass') return pass(file);
    files += 1;
    if (admitted.action === 'fail') {
      const { key, error } = admitted;
      failures.push(failureOf(file, key, error));
      file.s3 = stateOf({ outcome: undefined, headers: {}, key, url: urlOf(key) });
      if (prepared.engine.failFast === true)
        fail(Object.assign(new Error(error.message), { name: 'PartialFailureError' }));
      return pass(file);
    }
    const { item, spooled } = admitted;
    const onSettled = settled(file, item.key, item.headers ?? {}, spooled);
    begin();
    await room();
    if (!(await source.add({ ...item, onSettled }))) onSettled();
  }

  /** Resolves when whoever reads has taken what was passed on, so that a slow reader slows the whole. */
  function room(): Promise<void> | undefined {
    if (stream.destroyed || stream.readableLength < stream.readableHighWaterMark) return undefined;
    drainIfUnread();
    return new Promise((resolve) => roomWanted.push(resolve));
  }

  const stream: Duplex = new Duplex({
    objectMode: true,
    read() {
      for (const resolve of roomWanted.splice(0)) resolve();
    },
    write(file: S3File, _encoding, next) {
      if (typeof file?.isNull !== 'function') {
        next(pluginError(new TypeError('What came through the stream is no Vinyl file.')));
        return;
      }
      const work = admit({ prepared, spool: kept, warn }, file)
        .catch((error: Error): Admitted => ({ action: 'fail', key: prepared.prefix + file.relative, error }))
        .then((admitted) => take(file, admitted))
        .catch((error: Error) => fail(error))
        .finally(() => busy.delete(work));
      busy.add(work);
      if (busy.size < ADMITTED_AT_ONCE) next();
      else void Promise.race(busy).then(() => next());
    },
    final(next) {
      void (async () => {
        await Promise.all(busy);
        source.end();
        await done;
        kept.end();
        if (stream.destroyed) return next();
        if (failures.length > 0) return next(failuresError(failures, files));
        stream.push(null);
        drainIfUnread();
        next();
      })();
    },
    destroy(error, next) {
      job?.abort(error ?? undefined);
      source.end();
      for (const resolve of roomWanted.splice(0)) resolve();
      void done.then(() => {
        kept.end();
        next(error);
      });
    },
  });
  return stream;
}

function failureOf(file: S3File, key: string, error: Error): FileFailure {
  const { code, hint } = error as { readonly code?: unknown; readonly hint?: unknown };
  return {
    fileName: file.path,
    key,
    message: error.message,
    code: typeof code === 'string' ? code : undefined,
    hint: typeof hint === 'string' ? hint : undefined,
  };
}

/** An error that every request meets is told once, not for each file that met it. */
function listedWith(error: Error, failures: readonly FileFailure[]): readonly FileFailure[] {
  return error instanceof RunStoppedError ? failures.filter(({ code }) => code !== error.code) : failures;
}
