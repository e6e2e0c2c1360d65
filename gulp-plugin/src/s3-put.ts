import { setMaxListeners } from 'node:events';
import { Duplex } from 'node:stream';
import { type HeaderMap, type Job, type Outcome, put } from 's3-parallel-put';
import { bindContext, outsideDomains } from './domains.js';
import { type FileContent, findContent } from './file-content.js';
import {
  type FileKey,
  type FileOptions,
  keyFromHook,
  keyFromPath,
  keyFromStages,
  renameWithoutEffect,
  resolveFileOptions,
} from './file-options.js';
import { createState, markDryRun, objectUrls, type S3File } from './file-state.js';
import { createInputQueue } from './input-queue.js';
import { resolveOptions, type S3PutOptions } from './options.js';
import { createOutputQueue, MAX_UNREAD } from './output-queue.js';
import { failLaterStages, failWithPreviousStage, showIfUnfinished } from './pipeline-errors.js';
import {
  collectFailures,
  emptyError,
  failuresError,
  fileFailure,
  streamError,
  unfinishedError,
  warnOnce,
} from './plugin-error.js';

/** Most files that wait for the engine, or whose contents are read first: streams are written to the disk, buffers are compared with it. */
const MAX_WAITING = 16;
/** No more files are accepted while the contents in memory have this size. */
const MAX_MEMORY_BYTES = 128 * 2 ** 20;

/**
 * Returns a stream that puts each file into S3, in parallel, and passes it on when its put has settled. The stream ends when all files have settled;
 * if any failed, it fails after the others were put, with one `PluginError` that lists them (`failures`).
 * @throws PluginError for wrong options
 */
export function s3Put(options: S3PutOptions): Duplex {
  const resolved = resolveOptions(options);
  const { engine } = resolved;
  const dryRun = engine.dryRun === true;
  const urlOf = objectUrls(engine, resolved.bucket);
  const failures = collectFailures();
  const stop = new AbortController();
  // Each stream being read adds a listener; many listeners are expected.
  setMaxListeners(0, stop.signal);
  const context = { onCorrupt: resolved.onCorrupt, signal: stop.signal, warn: warnOnce(engine.onEvent) };
  const inTaskContext = bindContext();
  const input = createInputQueue(() => inTaskContext(acceptMore));
  const output = createOutputQueue<S3File>(() => stream, acceptMore);
  let job: Job | undefined;
  let jobSettled: Promise<unknown> = Promise.resolve();
  /** Files that the stream got, without directories and the like. */
  let files = 0;
  let reading = 0;
  let memory = 0;
  /** The callback of the last `write`, kept until there is room. */
  let pendingWrite: (() => void) | undefined;
  let onNoneReading: (() => void) | undefined;

  function hasRoom(): boolean {
    return input.waiting + reading < MAX_WAITING && output.length < MAX_UNREAD && memory < MAX_MEMORY_BYTES;
  }

  function acceptMore(): void {
    if (pendingWrite === undefined || !hasRoom()) return;
    const next = pendingWrite;
    pendingWrite = undefined;
    next();
  }

  /** The job starts with the first file. An error that ends the job destroys the stream at once. */
  function startJob(): void {
    if (job !== undefined) return;
    showIfUnfinished(stream, () => {
      if (failures.count > 0) return failuresError(failures, files);
      return stream.writableEnded || stream.writableLength > 0 ? unfinishedError(files) : undefined;
    });
    job = outsideDomains(() => put({ ...engine, source: input }));
    jobSettled = job.then(
      () => input.close(),
      (error: Error) => {
        input.close();
        const isOfFiles = error.name === 'PartialFailureError' || error.name === 'RefusedError';
        // Failures of single files are reported after all files have settled.
        if (isOfFiles && failures.count > 0) return;
        stream.destroy(error.name === 'RefusedError' ? emptyError(error, files) : streamError(error, failures));
      },
    );
  }

  /** Returns the message of the failure. */
  function addFailure(file: S3File, key: string, error: unknown): string {
    const failure = fileFailure(file.path ?? '(a file without a path)', key, error);
    failures.add(failure);
    return failure.message;
  }

  function passOn(file: S3File): void {
    if (stream.destroyed) return;
    output.add(file);
    if (failures.count > 0 && engine.failFast === true) stream.destroy(failuresError(failures, files));
  }

  /** For a file that fails before the engine gets it. */
  function failFile(file: S3File, error: unknown, { fullKey: key, settings }: FileKey): void {
    files += 1;
    const reason = addFailure(file, key, error);
    file.s3 = createState({ headers: {}, key, url: urlOf(key), reason, settings });
    passOn(file);
  }

  function putFile(file: S3File, options: FileOptions, content: FileContent): void {
    const { key: ownKey, absolute, headers, gzip, typeName, settings } = options;
    files += 1;
    memory += content.memory;
    const settle = (outcome?: Outcome, sentHeaders?: HeaderMap): void => {
      const key = outcome?.key ?? options.fullKey;
      const sent = sentHeaders ?? headers ?? {};
      file.s3 = createState({ outcome, dryRun, headers: sent, key, url: urlOf(key), reason: 'left out', settings });
      if (outcome?.action === 'fail') addFailure(file, key, outcome.error ?? new Error(outcome.reason));
      if (outcome?.action === 'unknown') failures.addUnknown();
      content.restore?.();
      memory -= content.memory;
      passOn(file);
      acceptMore();
    };
    startJob();
    input.add({
      key: ownKey,
      body: content.body,
      origin: file.path ?? ownKey,
      onSettled: (outcome, sentHeaders) => inTaskContext(() => settle(outcome, sentHeaders)),
      ...(absolute && { absoluteKey: true }),
      ...(headers !== undefined && { headers }),
      ...(gzip !== undefined && { gzip }),
      ...(typeName !== undefined && { typeName }),
    });
  }

  function accept(file: S3File): void {
    // What is known of the key when something fails.
    let key = keyFromPath(resolved, file);
    try {
      key = keyFromStages(resolved, file, key);
      if (resolved.keyOf === undefined) warnOfRename(file, key);
      key = keyFromHook(resolved, file, key);
      const options = resolveFileOptions(resolved, file, key);
      const content = options.skip ? undefined : findContent(context, file);
      if (options.skip) leaveOut(file, options);
      else if (content instanceof Promise) void putWhenRead(file, options, content);
      else if (content === undefined) passOn(file);
      else putFile(file, options, content);
    } catch (error) {
      failFile(file, error, key);
    }
  }

  function warnOfRename(file: S3File, key: FileKey): void {
    const lost = renameWithoutEffect(file, key);
    if (lost === undefined) return;
    const message = `${lost.renamed} is uploaded as ${key.fullKey}: it was renamed after a stage, such as awspublish.gzip(), had noted "${lost.noted}" in file.s3.path, perhaps like others. Rename before that stage, or set file.s3.path.`;
    context.warn('rename-without-effect', message);
  }

  function leaveOut(file: S3File, { fullKey: key, headers = {}, settings }: FileOptions): void {
    files += 1;
    file.s3 = createState({ headers, key, url: urlOf(key), reason: 'left out', settings });
    passOn(file);
  }

  async function putWhenRead(
    file: S3File,
    options: FileOptions,
    promise: Promise<FileContent | undefined>,
  ): Promise<void> {
    reading += 1;
    try {
      const content = await promise;
      if (content === undefined) passOn(file);
      else putFile(file, options, content);
    } catch (error) {
      failFile(file, error, options);
    } finally {
      reading -= 1;
      if (reading === 0) onNoneReading?.();
      acceptMore();
    }
  }

  /** Resolves when all files have settled; rejects with one error for all failures, after the next stage has read the files. */
  async function finish(): Promise<void> {
    if (reading > 0) await new Promise<void>((resolve) => (onNoneReading = resolve));
    input.end();
    if (engine.ifNoFilesFound !== 'ignore') startJob();
    await jobSettled;
    if (stream.destroyed) return;
    if (failures.count === 0) return output.end();
    await output.whenEmpty();
    throw failuresError(failures, files);
  }

  const stream: Duplex = new Duplex({
    objectMode: true,
    readableHighWaterMark: 1,
    read: () => output.read(),
    write(file: S3File, _encoding, next) {
      if (typeof file?.isNull !== 'function') {
        next(streamError(new TypeError('The stream got something that is not a Vinyl file.')));
        return;
      }
      accept(file);
      if (hasRoom()) next();
      else pendingWrite = next;
    },
    final(next) {
      finish().then(() => next(), next);
    },
    destroy(error, next) {
      stop.abort();
      job?.abort();
      input.close();
      output.clear();
      void jobSettled.then(() => next(error));
    },
  });
  failWithPreviousStage(stream, () => {
    input.end();
    return jobSettled;
  });
  return failLaterStages(dryRun ? markDryRun(stream) : stream);
}
