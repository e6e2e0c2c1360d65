import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  pMapIterable
} from "./chunk-BN6H7DR5.mjs";

// member:src/errors.ts?src/uploads.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-9F1F6A95.mjs";

// member:src/model/key.ts?src/uploads.ts
import { MAX_KEY_BYTES, checkOwnKey, copyPrefix, keyProblem, normalizePrefix, parseAddress, parseBucket, withSlash } from "./step-9F1F6A95.mjs";

// member:src/options/common.ts?src/uploads.ts
import { bareType, callOptions, checkedGzip, checkedGzipLevel, definedHeaders, gzipType, sharedOptions } from "./step-9F1F6A95.mjs";

// member:src/options/connection.ts?src/uploads.ts
import { connectionOf, proxyOf, requestHeaders } from "./step-9F1F6A95.mjs";

// member:src/options/suggest.ts?src/uploads.ts
import { didYouMean, nearChoice, nearOptions, nearSpellings, nearest, refuseUnknown, suggestion } from "./step-9F1F6A95.mjs";

// member:src/options/table.ts?src/uploads.ts
import { CLI_FLAGS, OPTION_TABLE, apiRows, belongsTo, defaultIn } from "./step-9F1F6A95.mjs";

// member:src/options/units.ts?src/uploads.ts
import { LONGEST_WAIT_MS, SIZE_UNITS, parseDuration, parseRetryDelay, parseSize } from "./step-9F1F6A95.mjs";

// member:src/options/validate.ts?src/uploads.ts
import { abortSignal, choicesHint, concurrencyOf, flag, globs, hook, oneOf, requestRateOf, shown, text, threadsOf, wholeNumber } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/uploads.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-9F1F6A95.mjs";

// member:src/run/run.ts?src/uploads.ts
import { startPhases, startRun } from "./step-9F1F6A95.mjs";

// member:src/s3/open.ts?src/uploads.ts
import { locationUnopened, openBucket, openBucketOfRun } from "./step-9F1F6A95.mjs";

// member:src/s3/upload-listings.ts?src/uploads.ts
import { allParts, allUploads } from "./step-9F1F6A95.mjs";

// member:src/transfer/multipart/parts.ts?src/uploads.ts
import { isMarked, isMarkedBy, isSamePart, judgeWhole, markFor, storedEtag, wholeOf } from "./step-9F1F6A95.mjs";

// src/uploads.ts
var AT_ONCE = 8;
async function uploads(options) {
  const request = checked(options);
  const { onEvent, signal } = options;
  const { dryRun } = request;
  const own = { concurrency: AT_ONCE, dryRun, memory: 0, failFast: false, onEvent, signal };
  return startRun(own, (run) => listAndAbort(run, options, request));
}
async function listAndAbort(run, options, request) {
  const { signal } = run.stop;
  const { confirm } = options;
  const { maxAttempts, dryRun } = request;
  const bucket = await openBucketOfRun(run, request.bucket, request.connection, { maxAttempts });
  const found = await listed(bucket, request.prefix, signal);
  const inspected = await inOrder(found, (upload) => inspect(bucket, upload, signal));
  const uploads2 = inspected.map(
    (upload) => isChosen(upload, request) ? { ...upload, state: "chosen" } : upload
  );
  const chosen = uploads2.filter(({ state }) => state === "chosen");
  const aborts = chosen.length > 0 && !dryRun && await confirm?.(chosen) !== false;
  const result = aborts ? await inOrder(uploads2, (upload) => upload.state === "chosen" ? abort(bucket, upload, signal) : upload) : uploads2;
  run.record.end({});
  return result;
}
var ROWS = apiRows("uploads");
function checked(options) {
  if (typeof options !== "object" || options === null) throw new UsageError("uploads() needs an object of options.");
  refuseUnknown(options, ROWS);
  if (typeof options.bucket !== "string" || options.bucket === "")
    throw new UsageError("No bucket was given.", msg`Set {bucket} to a name or to "s3://bucket/prefix".`);
  const { bucket, prefix } = uploadsPlace(options);
  const age = text("abortOlderThan", options.abortOlderThan);
  hook("confirm", options.confirm);
  return {
    bucket,
    prefix,
    connection: connectionOf(options, void 0, { bucket, prefix }),
    before: age === void 0 ? void 0 : Date.now() - parseDuration(age, "abortOlderThan"),
    any: flag("any", options.any, false),
    ...callOptions(options)
  };
}
function uploadsPlace(options) {
  const { bucket, path } = parseAddress(options.bucket);
  const own = text("prefix", options.prefix);
  if (path !== "" && own !== void 0) throw new UsageError("The prefix is given twice.", "Give only one of them.");
  return { bucket, prefix: (own?.replace(/^\//, "") ?? path).replace(/(?<!\/)\/+$/, "") };
}
function checkUploads(options) {
  checked(options);
}
async function listed(bucket, prefix, signal) {
  const below = ({ key }) => prefix === "" || key === prefix || key.startsWith(`${prefix}/`);
  const found = [];
  for await (const upload of allUploads(bucket, prefix, signal)) if (below(upload)) found.push(upload);
  if (prefix === "" || bucket.facts().uploadsByPrefix) return found;
  found.length = 0;
  for await (const upload of allUploads(bucket, "", signal)) if (below(upload)) found.push(upload);
  return found;
}
async function inOrder(items, of) {
  const done = [];
  for await (const one of pMapIterable(items, of, { concurrency: AT_ONCE })) done.push(one);
  return done;
}
async function inspect(bucket, { key, uploadId, initiated }, signal) {
  const known = {
    key,
    uploadId,
    initiated: initiated === void 0 ? void 0 : new Date(initiated),
    state: "kept"
  };
  try {
    const parts = await allParts(bucket, { key, uploadId }, signal);
    const ours = isMarked(parts);
    const all = [...parts.values()];
    const bytes = all.reduce((sum, { size }) => sum + size, 0);
    return { ...known, parts: all.length - (ours ? 1 : 0), bytes, ours };
  } catch (error) {
    if (!(error instanceof S3RequestError) || error.status !== 403 && error.status !== 404) throw error;
    return { ...known, parts: void 0, bytes: void 0, ours: false };
  }
}
function isChosen({ initiated, ours }, { before, any }) {
  return before !== void 0 && (ours || any) && initiated !== void 0 && initiated.getTime() <= before;
}
async function abort(bucket, upload, signal) {
  try {
    await bucket.abortUpload(upload, signal);
    return { ...upload, state: "aborted" };
  } catch (error) {
    if (!(error instanceof S3RequestError)) throw error;
    return { ...upload, state: "failed", error };
  }
}

export {
  uploads,
  uploadsPlace,
  checkUploads
};
