import { setMaxListeners } from 'node:events';
import { Duplex } from 'node:stream';
import {
  type HeaderMap,
  type InvalidationError,
  type Job,
  type LiveCheckError,
  type Outcome,
  type PutItem,
  put,
  type RefusedError,
  type Report,
} from 's3-parallel-put';
import { deletedFile } from './deleted-file.js';
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
import { createState, keepReport, markDryRun, objectUrls, type S3File } from './file-state.js';
import { createInputQueue } from './input-queue.js';
import { resolveOptions, type S3PutOptions } from './options.js';
import { createOutputQueue, MAX_UNREAD } from './output-queue.js';
import { failLaterStages, failWithPreviousStage, showIfUnfinished } from './pipeline-errors.js';
import {
  afterwardsError,
  collectFailures,
  emptyError,
  failuresError,
  fileFailure,
  refusedError,
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
 * if any failed, it fails after the others were put, with one `PluginError` that lists them (`failures`). With `delete` it passes on a file without
 * contents for each deleted object, after all others.
 * @throws PluginError for wrong options
 */
export function s3Put(options: S3PutOptions): Duplex {
  const resolved = resolveOptions(options);
  const { engine } = resolved;
  const dryRun = engine.dryRun === true;
  const deletes = engine.delete === true;
  const holdsPages = engine.order === 'site';
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
  /** The error of a run that put all files, and then refused to delete, or whose live check failed. */
  let late: Error | undefined;
  let previousFailed = false;
  /** A file that was put: deleted ones are made like it. */
  let sample: S3File | undefined;
  /** Files that the stream got, without directories and the like. */
  let files = 0;
  /** Objects that were to be deleted. */
  let deleted = 0;
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
      if (failures.count > 0) return failuresError(failures, files, deleted);
      return stream.writableEnded || stream.writableLength > 0 ? unfinishedError(files) : undefined;
    });
    job = outsideDomains(() => put({ ...engine, source: input }));
    const started = job;
    // Failed deletes are known before the error of the job.
    const ended = deletes ? followDeletes(started).then(() => started) : started;
    jobSettled = ended.then(
      (report) => {
        keepReport(stream, report);
        input.close();
      },
      (error: Error & { readonly report?: Report }) => {
        keepReport(stream, error.report);
        input.close();
        endByError(error);
      },
    );
  }

  /** Failures of single files, and refused deletes, are reported after all files have settled and were read. Other errors destroy the stream at once. */
  function endByError(error: Error): void {
    const known = failures.count > 0 || previousFailed;
    const isEmpty = isRefused(error) && error.code === 'NoFilesFound';
    if (known && (isEmpty || error.name === 'PartialFailureError')) return;
    const isLate = (isRefused(error) && !isEmpty) || isAfterwards(error);
    if (isLate && stream.writableEnded) late = error;
    else stream.destroy(isEmpty ? emptyError(error, files) : streamError(error, failures));
  }

  /** Passes on the deletes of a job, as fast as the next stage reads. Never rejects. */
  async function followDeletes(started: Job): Promise<void> {
    try {
      for await (const outcome of started) {
        // Only a delete comes from nowhere. The error that ends the run says what all of its requests met.
        if (outcome.origin !== '' || outcome.shared === true) continue;
        deleted += 1;
        if (outcome.action === 'delete') {
          await output.whenRoom();
          inTaskContext(() => passOnDeleted(outcome));
        } else if (outcome.action === 'fail' && outcome.key !== '') {
          failures.add(fileFailure(`s3://${resolved.bucket}/${outcome.key}`, outcome.key, outcome.error));
        } else if (outcome.action === 'unknown') failures.addUnknown('delete');
      }
    } catch {
      // The job rejects with the same error.
    }
  }

  function passOnDeleted(outcome: Outcome): void {
    if (sample === undefined) return;
    passOn(deletedFile(outcome, { like: sample, prefix: resolved.prefix, url: urlOf(outcome.key), dryRun }));
  }

  /** Tells the engine that the stream has this key, although nothing is put. */
  function keepKey(fileKey: FileKey): void {
    const { key } = fileKey;
    if (!deletes || key === '') return;
    startJob();
    input.add({ key, body: '', leftOut: true, ...asKey(fileKey) });
  }

  /** Tells the engine of a file that it does not get: pages must not be put without their assets, and nothing may be deleted. */
  function failItem(fileKey: FileKey, error: unknown): void {
    const { key } = fileKey;
    if (!deletes && !holdsPages) return;
    const body = error instanceof Error ? error : new Error(String(error));
    startJob();
    input.add({ key, body, ...asKey(fileKey) });
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
    if (failures.count > 0 && engine.failFast === true) stream.destroy(failuresError(failures, files, deleted));
  }

  /** For a file that fails before the engine gets it. */
  function failFile(file: S3File, error: unknown, fileKey: FileKey): void {
    const { fullKey: key, settings } = fileKey;
    files += 1;
    const reason = addFailure(file, key, error);
    file.s3 = createState({ headers: {}, key, url: urlOf(key), reason, settings });
    failItem(fileKey, error);
    passOn(file);
  }

  function putFile(file: S3File, options: FileOptions, content: FileContent): void {
    const { key: ownKey, headers, gzip, compress, phase, typeName, settings } = options;
    files += 1;
    sample ??= file;
    memory += content.memory;
    let held = false;
    const settle = (outcome?: Outcome, sentHeaders?: HeaderMap): void => {
      const key = outcome?.key ?? options.fullKey;
      const sent = sentHeaders ?? headers ?? {};
      const notAttempted = held && outcome === undefined;
      if (notAttempted) failures.addNotAttempted();
      const reason = notAttempted ? 'not attempted' : 'left out';
      file.s3 = createState({ outcome, dryRun, headers: sent, key, url: urlOf(key), reason, settings });
      if (outcome?.action === 'fail') addFailure(file, key, outcome.error ?? new Error(outcome.reason));
      if (outcome?.action === 'unknown') failures.addUnknown('put');
      content.restore?.();
      if (!held) memory -= content.memory;
      passOn(file);
      acceptMore();
    };
    // All pages are held until the stream has ended, so it may not wait for them.
    const hold = (): void => {
      held = true;
      memory -= content.memory;
      acceptMore();
    };
    startJob();
    input.add({
      key: ownKey,
      body: content.body,
      origin: file.path ?? ownKey,
      onSettled: (outcome, sentHeaders) => inTaskContext(() => settle(outcome, sentHeaders)),
      ...asKey(options),
      ...(headers !== undefined && { headers }),
      ...(gzip !== undefined && { gzip }),
      ...(compress !== undefined && { compress }),
      ...(phase !== undefined && { phase }),
      ...(holdsPages && { onHeld: () => inTaskContext(hold) }),
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
      else if (content === undefined) passUntouched(file, options);
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

  /** A directory, or a file without contents that is not on the disk. The object of a directory's name, if there is one, has a slash at its end. */
  function passUntouched(file: S3File, options: FileOptions): void {
    const isFolder = file.isDirectory() && options.key !== '' && !options.key.endsWith('/');
    keepKey(isFolder ? { ...options, key: `${options.key}/` } : options);
    passOn(file);
  }

  function leaveOut(file: S3File, options: FileOptions): void {
    const { fullKey: key, headers = {}, settings } = options;
    files += 1;
    keepKey(options);
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
      if (content === undefined) passUntouched(file, options);
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
    if (failures.count === 0 && late === undefined) return output.end();
    await output.whenEmpty();
    throw late === undefined ? failuresError(failures, files, deleted) : lateError(late);
  }

  function lateError(error: Error): Error {
    if (isRefused(error)) return refusedError(error, failures);
    return isAfterwards(error) ? afterwardsError(error, failures) : streamError(error, failures);
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
      // An earlier put deleted its object: this file is none of the site.
      if (file.s3?.state === 'delete') passOn(file);
      else accept(file);
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
    previousFailed = true;
    input.fail(new Error('an earlier stage failed'));
    return jobSettled;
  });
  return failLaterStages(dryRun ? markDryRun(stream) : stream);
}

/** What an item says of its key. */
function asKey({ absolute, cleanUrls }: FileKey): Pick<PutItem, 'absoluteKey' | 'cleanUrls'> {
  return { ...(absolute && { absoluteKey: true }), ...(cleanUrls !== undefined && { cleanUrls }) };
}

function isRefused(error: Error): error is RefusedError {
  return error.name === 'RefusedError';
}

/** All files are in the bucket, and what follows has failed. */
function isAfterwards(error: Error): error is InvalidationError | LiveCheckError {
  return error.name === 'InvalidationError' || error.name === 'LiveCheckError';
}
