import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import "./chunk-B2NAOQ5N.mjs";

// member:src/errors.ts?src/delete.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-9F1F6A95.mjs";

// member:src/model/key.ts?src/delete.ts
import { MAX_KEY_BYTES, checkOwnKey, copyPrefix, keyProblem, normalizePrefix, parseAddress, parseBucket, withSlash } from "./step-9F1F6A95.mjs";

// member:src/options/common.ts?src/delete.ts
import { bareType, callOptions, checkedGzip, checkedGzipLevel, definedHeaders, gzipType, sharedOptions } from "./step-9F1F6A95.mjs";

// member:src/options/connection.ts?src/delete.ts
import { connectionOf, proxyOf, requestHeaders } from "./step-9F1F6A95.mjs";

// member:src/options/site.ts?src/delete.ts
import { deleteOptions, siteOptions } from "./step-9F1F6A95.mjs";

// member:src/options/suggest.ts?src/delete.ts
import { didYouMean, nearChoice, nearOptions, nearSpellings, nearest, refuseUnknown, suggestion } from "./step-9F1F6A95.mjs";

// member:src/options/table.ts?src/delete.ts
import { CLI_FLAGS, OPTION_TABLE, apiRows, belongsTo, defaultIn } from "./step-9F1F6A95.mjs";

// member:src/options/units.ts?src/delete.ts
import { LONGEST_WAIT_MS, SIZE_UNITS, parseDuration, parseRetryDelay, parseSize } from "./step-9F1F6A95.mjs";

// member:src/options/validate.ts?src/delete.ts
import { abortSignal, choicesHint, concurrencyOf, flag, globs, hook, oneOf, requestRateOf, shown, text, threadsOf, wholeNumber } from "./step-9F1F6A95.mjs";

// member:src/plan/guards.ts?src/delete.ts
import { NAMED, changeLimit, refuseIncomplete, refuseMany, refuseManyUpdates } from "./step-9F1F6A95.mjs";

// member:src/plan/listing/parallel.ts?src/delete.ts
import { parallelListing } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/delete.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-9F1F6A95.mjs";

// member:src/report/reasons.ts?src/delete.ts
import { COPIED_BY_SERVER, HEADS, REASONS, countUnchanged, isKept, isLeftOut, isNew, isOtherContent, isUnchanged, isUnchangedButHeaders, isUncompared, keptUntil, unproven } from "./step-9F1F6A95.mjs";

// member:src/run/record.ts?src/delete.ts
import { announceStart, hasEnded, noFilesFound, runRecord, warnOfSizes } from "./step-9F1F6A95.mjs";

// member:src/run/run.ts?src/delete.ts
import { startPhases, startRun } from "./step-9F1F6A95.mjs";

// member:src/s3/open.ts?src/delete.ts
import { locationUnopened, openBucket, openBucketOfRun } from "./step-9F1F6A95.mjs";

// member:src/source/globs/glob.ts?src/delete.ts
import { compileGlob, globMatcher, keyMatcher } from "./step-9F1F6A95.mjs";

// member:src/transfer/delete.ts?src/delete.ts
import { deleteKeys } from "./step-9F1F6A95.mjs";

// member:src/transfer/phases.ts?src/delete.ts
import { counting, phasedWork } from "./step-9F1F6A95.mjs";

// src/delete.ts
var EXAMPLES = 10;
function deleteObjects(options) {
  return startDelete(options, {});
}
function startDelete(options, internals) {
  return start(prepareDelete(options), internals);
}
function deletePrepared(prepared, onEvent) {
  return start({ ...prepared, onEvent }, {});
}
function start(prepared, internals) {
  const writes = phasedWork(["deletes"]);
  const deletion = { prepared, internals, writes };
  return startPhases({ ...prepared, memory: 0, limiterClock: internals.limiterClock }, [
    { name: "plan", work: (run) => plan(run, deletion) },
    { name: "deletes", needed: () => writes.isNeeded("deletes"), work: (run) => carryOut(run, deletion) }
  ]);
}
async function plan(run, deletion) {
  const { prepared, internals, writes } = deletion;
  const { prefix, dryRun, maxDelete, isProtected, confirm } = prepared;
  const { record, stop } = run;
  record.include(() => ({ phases: writes.report() }));
  const bucket = await openBucketOfRun(run, prepared.bucket, prepared.connection, { ...internals, ...prepared });
  deletion.bucket = bucket;
  announceStart(record, { bucket: bucket.name, prefix, from: [], ...bucket.location, dryRun });
  const keys = await listed(bucket, prefix, stop.signal);
  const deletes = keys.filter(({ key }) => !isProtected(key));
  const refusal = refuseMany(deletes, keys.length, maxDelete);
  if (refusal !== void 0) {
    const hint = msg`Check the prefix. If these are to go, set ${given("maxDelete", String(deletes.length))}, or leave {maxDelete} out; {protect} keeps keys.`;
    throw new RefusedError(refusal.code, refusal.message, record.report(false), hint);
  }
  if (keys.length === 0) record.warn("nothing-to-delete", `No key begins with "${prefix}".`);
  deletion.deletes = deletes;
  writes.plan("deletes", deletes.length);
  record.expect({ objects: deletes.length, bytes: 0 });
  if (deletes.length === 0 || dryRun || confirm === void 0) return void 0;
  const bytes = deletes.reduce((sum, { size }) => sum + size, 0);
  const examples = deletes.slice(0, EXAMPLES).map(({ key }) => key);
  const address = `s3://${bucket.name}/${prefix}`;
  const confirmed = await confirm({ count: deletes.length, bytes, address, examples });
  return confirmed === false ? { stoppedEarly: true } : void 0;
}
async function listed(bucket, prefix, signal) {
  const next = parallelListing(bucket.listObjects, { prefix, bucket: bucket.name, signal });
  const keys = [];
  let continuationToken;
  do {
    const page = await next({ continuationToken });
    for (const { key, size, etag } of page.objects) if (key.startsWith(prefix)) keys.push({ key, size, etag });
    ({ continuationToken } = page);
  } while (continuationToken !== void 0);
  return keys;
}
async function carryOut(run, { prepared, writes, bucket, deletes = [] }) {
  if (bucket === void 0) return void 0;
  const counted = counting(run, (outcome) => writes.settle("deletes", outcome));
  return deleteKeys(counted, { bucket, dryRun: prepared.dryRun, reason: REASONS.belowPrefix }, deletes);
}
var ROWS = apiRows("delete");
var NO_LIMIT = { kind: "count", count: Number.POSITIVE_INFINITY };
function prepareDelete(options) {
  if (typeof options !== "object" || options === null)
    throw new UsageError("deleteObjects() needs an object of options.");
  refuseUnknown(options, ROWS);
  const place = placeToDelete(options);
  const { maxDelete, protect } = options;
  const guards = deleteOptions({ delete: true, maxDelete, protect });
  return {
    ...place,
    connection: connectionOf(options, void 0, place),
    concurrency: concurrencyOf(options.concurrency),
    maxRequestRate: requestRateOf(options.maxRequestRate),
    retryDelay: parseRetryDelay(options.retryDelay ?? "jitter", "retryDelay"),
    failFast: flag("failFast", options.failFast, false),
    maxDelete: maxDelete === void 0 ? NO_LIMIT : guards.maxDelete,
    isProtected: keyMatcher(guards.protect, place.prefix),
    confirm: hook("confirm", options.confirm),
    ...callOptions(options)
  };
}
function placeToDelete(options) {
  if (typeof options.bucket !== "string" || options.bucket === "")
    throw new UsageError("No bucket was given.", msg`Set {bucket} to an address such as "s3://bucket/pr-42/".`);
  const { bucket, path } = parseAddress(options.bucket);
  const own = text("prefix", options.prefix);
  if (path !== "" && own !== void 0) throw new UsageError("The prefix is given twice.", "Give only one of them.");
  const written = own?.replace(/^\//, "") ?? path;
  if (!/[^/]/.test(written))
    throw new UsageError(
      `All objects of the bucket "${bucket}" would be deleted: no prefix is given.`,
      `Name the prefix, as in s3://${bucket}/pr-42/; is the variable empty that should hold it? A whole bucket is emptied by a lifecycle rule, or with the AWS CLI.`
    );
  const [, wildcard] = /(?:^|\/)(\*{1,2})\/?$/.exec(written) ?? [];
  if (wildcard !== void 0)
    throw new UsageError(
      `The prefix "${written}" ends in "${wildcard}", but everything below a prefix is deleted anyway.`,
      `Write s3://${bucket}/${written.slice(0, written.lastIndexOf(wildcard))}, without it.`
    );
  copyPrefix(written);
  return { bucket, prefix: written.endsWith("/") ? written : `${written}/` };
}
export {
  deleteObjects,
  deletePrepared,
  prepareDelete,
  startDelete
};
