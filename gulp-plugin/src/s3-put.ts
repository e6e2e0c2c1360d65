import { setMaxListeners } from 'node:events';
import { Duplex } from 'node:stream';
import { type HeaderMap, type Job, type Outcome, put } from 's3-parallel-put';
import { fromHere, outsideDomains } from './domains.js';
import { type Bytes, bytesOf } from './file-content.js';
import { type Named, namedOf, ownName, usualName, type Wanted, wantedOf } from './file-options.js';
import { asPlanned, objectUrls, type S3File, stateOf } from './file-state.js';
import { items } from './input-queue.js';
import { prepare, type S3PutOptions } from './options.js';
import { outlet, UNREAD } from './output-queue.js';
import { failsWithBefore, tellsBehind } from './pipeline-errors.js';
import { type FileFailure, failureOf, failuresError, pluginError, warner } from './plugin-error.js';

/** Files that wait for the engine, or are looked at before it has them: streams are written to the disk, contents compared with it. */
const AHEAD = 16;
/** Bytes of contents in memory beyond which no more files are taken. */
const HELD_BYTES = 128 * 2 ** 20;

/**
 * A stream of files that puts each into S3, in parallel, and passes it on once that is settled. It ends when all of them are; if any failed, with
 * one `PluginError` that lists them (`failures`), after the others were put.
 * @throws PluginError for options that cannot work
 */
export function s3Put(options: S3PutOptions): Duplex {
  const prepared = prepare(options);
  const { engine } = prepared;
  const urlOf = objectUrls(engine, prepared.bucket);
  const failures: FileFailure[] = [];
  const ending = new AbortController();
  // Each stream that is being kept listens to it; that many are no leak.
  setMaxListeners(0, ending.signal);
  const deps = { onCorrupt: prepared.onCorrupt, signal: ending.signal, warn: warner(engine.onEvent) };
  const inTask = fromHere();
  const source = items(() => inTask(proceed));
  const out = outlet<S3File>(() => stream, proceed);
  const planned = engine.dryRun === true;
  let job: Job | undefined;
  let done: Promise<unknown> = Promise.resolve();
  let files = 0;
  let looking = 0;
  let held = 0;
  /** What goes on once there is room. */
  let blocked: (() => void) | undefined;
  let looked: (() => void) | undefined;

  function hasRoom(): boolean {
    return source.waiting + looking < AHEAD && out.length < UNREAD && held < HELD_BYTES;
  }

  function proceed(): void {
    if (blocked === undefined || !hasRoom()) return;
    const next = blocked;
    blocked = undefined;
    next();
  }

  /** The job begins with the first file, and its end is the stream's: what stops it stops the stream at once. */
  function begin(): void {
    if (job !== undefined) return;
    job = outsideDomains(() => put({ ...engine, source }));
    done = job.then(
      () => source.close(),
      (error: Error) => {
        source.close();
        // Files that failed are told once all are settled.
        if (error.name !== 'PartialFailureError' || failures.length === 0) stream.destroy(pluginError(error, failures));
      },
    );
  }

  /** Gives what is told of it. */
  function failed(file: S3File, key: string, error: unknown): string {
    const failure = failureOf(file.path ?? '(a file without a path)', key, error);
    failures.push(failure);
    return failure.message;
  }

  function pass(file: S3File): void {
    if (stream.destroyed) return;
    out.pass(file);
    if (failures.length > 0 && engine.failFast === true) stream.destroy(failuresError(failures, files));
  }

  /** A file that failed before it was given to the engine. */
  function refuse(file: S3File, error: unknown, { full, wish }: Named): void {
    files += 1;
    const reason = failed(file, full, error);
    file.s3 = stateOf({ headers: {}, key: full, url: urlOf(full), reason, wish });
    pass(file);
  }

  function give(file: S3File, wanted: Wanted, { body, held: bytes, restore }: Bytes): void {
    const { key, absolute, headers, gzip, typeName, wish } = wanted;
    files += 1;
    held += bytes;
    const settled = (outcome?: Outcome, sent?: HeaderMap): void => {
      const full = outcome?.key ?? wanted.full;
      const asked = sent ?? headers ?? {};
      file.s3 = stateOf({ outcome, planned, headers: asked, key: full, url: urlOf(full), reason: 'left out', wish });
      if (outcome?.action === 'fail') failed(file, full, outcome.error ?? new Error(outcome.reason));
      restore?.();
      held -= bytes;
      pass(file);
      proceed();
    };
    begin();
    source.add({
      key,
      body,
      origin: file.path ?? key,
      onSettled: (outcome, sent) => inTask(() => settled(outcome, sent)),
      ...(absolute && { absoluteKey: true }),
      ...(headers !== undefined && { headers }),
      ...(gzip !== undefined && { gzip }),
      ...(typeName !== undefined && { typeName }),
    });
  }

  function take(file: S3File): void {
    let named = ownName(prepared, file);
    try {
      named = usualName(prepared, file, named);
      named = namedOf(prepared, file, named);
      const wanted = wantedOf(prepared, file, named);
      const bytes = wanted.skip ? undefined : bytesOf(deps, file);
      if (wanted.skip) leave(file, wanted);
      else if (bytes instanceof Promise) void look(file, wanted, bytes);
      else if (bytes === undefined) pass(file);
      else give(file, wanted, bytes);
    } catch (error) {
      refuse(file, error, named);
    }
  }

  function leave(file: S3File, { full, headers = {}, wish }: Wanted): void {
    file.s3 = stateOf({ headers, key: full, url: urlOf(full), reason: 'left out', wish });
    pass(file);
  }

  async function look(file: S3File, wanted: Wanted, promise: Promise<Bytes | undefined>): Promise<void> {
    looking += 1;
    try {
      const bytes = await promise;
      if (bytes === undefined) pass(file);
      else give(file, wanted, bytes);
    } catch (error) {
      refuse(file, error, wanted);
    } finally {
      looking -= 1;
      if (looking === 0) looked?.();
      proceed();
    }
  }

  /** Resolves when all is settled; rejects with the one error of the files that failed, once these are read. */
  async function finished(): Promise<void> {
    if (looking > 0) await new Promise<void>((resolve) => (looked = resolve));
    source.end();
    if (engine.ifNoFilesFound !== 'ignore') begin();
    await done;
    if (stream.destroyed) return;
    if (failures.length === 0) return out.end();
    await out.empty();
    throw failuresError(failures, files);
  }

  const stream: Duplex = new Duplex({
    objectMode: true,
    readableHighWaterMark: 1,
    read: () => out.read(),
    write(file: S3File, _encoding, next) {
      if (typeof file?.isNull !== 'function') {
        next(pluginError(new TypeError('What came through the stream is no Vinyl file.')));
        return;
      }
      take(file);
      if (hasRoom()) next();
      else blocked = next;
    },
    final(next) {
      finished().then(() => next(), next);
    },
    destroy(error, next) {
      ending.abort();
      job?.abort();
      source.close();
      out.clear();
      void done.then(() => next(error));
    },
  });
  failsWithBefore(stream, () => {
    source.end();
    return done;
  });
  return tellsBehind(planned ? asPlanned(stream) : stream);
}
