import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  prepareCopy
} from "./chunk-JM5LDWZC.mjs";
import "./chunk-B2NAOQ5N.mjs";

// member:src/encode/header-grammar.ts?src/copy.ts
import { checkedGrammar, headerWarnings, isDateHeader, isSecretHeader } from "./step-F4913A4A.mjs";

// member:src/errors.ts?src/copy.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-F4913A4A.mjs";

// member:src/open-put.ts?src/copy.ts
import { includeStrays, openPut, straysAfter, surveySource, walk, withThreshold } from "./step-F4913A4A.mjs";

// member:src/plan/listing/lookup.ts?src/copy.ts
import { dropPlanned, dropUnit, remoteLookup, withRemoteState } from "./step-F4913A4A.mjs";

// member:src/plan/listing/parallel.ts?src/copy.ts
import { parallelListing } from "./step-F4913A4A.mjs";

// member:src/report/message.ts?src/copy.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-F4913A4A.mjs";

// member:src/run/blocks.ts?src/copy.ts
import { MOST_IN_BLOCK, blocksOf, inBlocks, unitsOf } from "./step-F4913A4A.mjs";

// member:src/run/record.ts?src/copy.ts
import { announceStart, hasEnded, noFilesFound, runRecord, warnOfSizes } from "./step-F4913A4A.mjs";

// member:src/run/run.ts?src/copy.ts
import { startPhases, startRun } from "./step-F4913A4A.mjs";

// member:src/run/workers.ts?src/copy.ts
import { runConcurrently } from "./step-F4913A4A.mjs";

// member:src/s3/open.ts?src/copy.ts
import { locationUnopened, openBucket, openBucketOfRun } from "./step-F4913A4A.mjs";

// member:src/errors.ts?src/source/bucket.ts
import { AbortError as AbortError2, InvalidationError as InvalidationError2, LiveCheckError as LiveCheckError2, PartialFailureError as PartialFailureError2, RefusedError as RefusedError2, RunStoppedError as RunStoppedError2, S3RequestError as S3RequestError2, SourceError as SourceError2, UsageError as UsageError2 } from "./step-F4913A4A.mjs";

// member:src/model/key.ts?src/source/bucket.ts
import { MAX_KEY_BYTES, checkOwnKey, copyPrefix, keyProblem, normalizePrefix, parseAddress, parseBucket, withSlash } from "./step-F4913A4A.mjs";

// member:src/model/key-order.ts?src/source/bucket.ts
import { compareKeys, justBelow, utf16Disagrees } from "./step-F4913A4A.mjs";

// src/source/bucket.ts
var HEADS_AT_ONCE = 64;
async function* bucketSource(deps, signal) {
  const isSource = sourceKeys(deps);
  let taken = 0;
  for await (const one of walkSelections(deps, signal)) {
    if (!isNamed(deps, one)) continue;
    if (!hasSize(deps, one)) {
      if (deps.leftOut) yield { kind: "leftOut", key: keyOf(deps, one), below: false };
      continue;
    }
    const found = toFound(deps, one, isSource);
    if (found.kind === "entry") taken += 1;
    yield found;
    if (taken >= deps.limit) return;
  }
}
async function* walkSelections(deps, signal) {
  const { selections } = deps.paths;
  for (let at = 0; at < selections.length; ) {
    const first = selections[at];
    if (first?.kind === "prefix") {
      yield* walkPrefix(deps, first);
      at += 1;
      continue;
    }
    const after = selections.findIndex(({ kind }, index) => index > at && kind === "prefix");
    const keys = selections.slice(at, after < 0 ? void 0 : after);
    at += keys.length;
    const { pMapIterable } = await import("./p-map-WZKDWIAD.mjs");
    yield* pMapIterable(
      keys,
      (one) => {
        signal.throwIfAborted();
        return headKey(deps, one.kind === "key" ? one : { key: one.prefix, versionId: void 0 });
      },
      { concurrency: HEADS_AT_ONCE }
    );
  }
}
async function* walkPrefix(deps, { prefix, orKey }) {
  const folder = orKey === void 0 ? deps.paths.base : prefix;
  const opens = (directory) => deps.filter.opens(directory);
  let none = true;
  const { heads } = deps.filter;
  const { mayJump } = deps;
  for await (const object of listPrefix(deps.pages(prefix), { prefix, folder, opens, heads, mayJump })) {
    none = false;
    const { key } = object;
    yield { key, versionId: void 0, relativePath: key.slice(folder.length), object, headed: false };
  }
  if (!none || heads !== void 0) return;
  if (orKey === void 0) return deps.onUnmatched(prefix);
  const alone = await headKey(deps, { key: orKey, versionId: void 0 });
  if (alone.object !== void 0 || alone.error !== void 0) yield alone;
}
async function headKey({ head, paths }, { key, versionId }) {
  const named = { key, versionId, relativePath: key.slice(paths.base.length), headed: true };
  try {
    return { ...named, object: await head(key, versionId) };
  } catch (error) {
    if (!(error instanceof S3RequestError2)) throw error;
    return { ...named, object: void 0, error };
  }
}
function sourceKeys({ paths: { selections }, oneBucket }) {
  if (!oneBucket) return () => false;
  const keys = new Set(selections.flatMap((one) => one.kind === "key" ? one.key : []));
  const prefixes = selections.flatMap((one) => one.kind === "prefix" ? one.prefix : []);
  return (key) => keys.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}
function isNamed({ paths, filter }, one) {
  return one.key.length !== paths.base.length && filter.takes(one.relativePath);
}
function hasSize({ minSize, maxSize }, { object }) {
  const { size } = object ?? {};
  return size === void 0 || size >= minSize && size <= maxSize;
}
function keyOf({ paths: { base, prefix } }, { key }) {
  return prefix + key.slice(base.length);
}
function toFound(deps, one, isSource) {
  const { paths } = deps;
  const { sourceBucket } = paths;
  const key = keyOf(deps, one);
  const version = one.versionId === void 0 ? "" : ` (version ${one.versionId})`;
  const origin = `s3://${sourceBucket}/${one.key}${version}`;
  const failing = (error) => ({
    kind: "unusable",
    action: "fail",
    key,
    origin,
    reason: error.message,
    error
  });
  if (one.error !== void 0) return failing(one.error);
  const { object } = one;
  if (object === void 0)
    return failing(
      new SourceError2("NoSuchKey", `${origin} does not exist`, { hint: "Check the key, or leave it out." })
    );
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES)
    return failing(new SourceError2("KeyTooLong", `The key is ${bytes} bytes long in UTF-8; S3 takes at most 1,024.`));
  if (isSource(key))
    return failing(new SourceError2("InSource", `s3://${paths.bucket}/${key} is itself part of the source`));
  const { size, etag, headers } = object;
  const modified = object.modified ?? parseTime(headers?.["last-modified"]);
  const storageClass = object.storageClass ?? headers?.["x-amz-storage-class"];
  const known = { size, etag, modified, storageClass: storageClass === "STANDARD" ? void 0 : storageClass };
  const { key: sourceKey, versionId } = one;
  return { kind: "entry", key, origin, sourceKey, versionId, ...known, ...one.headed && { head: object } };
}
function parseTime(date) {
  const ms = Date.parse(date ?? "");
  return Number.isNaN(ms) ? void 0 : ms;
}
async function* listPrefix(list, options) {
  const { mayJump } = options;
  const first = nextHead(void 0, options);
  if (first === "none") return;
  let page = await list(first === void 0 || !mayJump() ? {} : { startAfter: first });
  const begin = page.objects[0]?.key;
  let jumps = true;
  for (; ; ) {
    yield* page.objects;
    const { continuationToken } = page;
    if (continuationToken === void 0) return;
    const last = page.objects.at(-1)?.key;
    jumps &&= mayJump();
    const head = last === void 0 ? void 0 : nextHead(last, options);
    if (head === "none" && jumps) return;
    const startAfter = head ?? (last === void 0 ? void 0 : afterClosed(last, options));
    if (startAfter !== void 0 && jumps) {
      page = await list({ startAfter });
      if (begin === void 0 || page.objects[0]?.key !== begin) continue;
      jumps = false;
    }
    page = await list({ continuationToken });
  }
}
function nextHead(last, { prefix, folder, heads }) {
  if (heads === void 0) return void 0;
  const next = heads.find(
    (head) => last === void 0 || last.startsWith(folder + head) || compareKeys(folder + head, last) > 0
  );
  if (next === void 0) return "none";
  if (last?.startsWith(folder + next)) return void 0;
  const below = justBelow(folder + next, prefix);
  return below !== void 0 && (last === void 0 || compareKeys(below, last) > 0) ? below : void 0;
}
function afterClosed(last, { prefix, folder, opens }) {
  for (let slash = last.indexOf("/", folder.length); slash >= 0; slash = last.indexOf("/", slash + 1)) {
    if (opens(last.slice(folder.length, slash))) continue;
    const after = justBelow(`${last.slice(0, slash)}0`, prefix);
    return after !== void 0 && compareKeys(after, last) > 0 ? after : void 0;
  }
  return void 0;
}

// member:src/source/filter-slips.ts?src/copy.ts
import { slipIn, unmatchedWarning } from "./step-F4913A4A.mjs";

// member:src/source/names.ts?src/copy.ts
import { HOST_FILES, nameWatch, namesSourceMaps, watchNames } from "./step-F4913A4A.mjs";

// member:src/transfer/body/hash.ts?src/copy.ts
import { etagInParts, inParallel, md5Hasher } from "./step-F4913A4A.mjs";

// member:src/encode/copy-headers.ts?src/transfer/copy/copier.ts
import { COPIED_FROM, prepareCopyHeaders } from "./step-F4913A4A.mjs";

// member:src/errors.ts?src/transfer/copy/copier.ts
import { AbortError as AbortError3, InvalidationError as InvalidationError3, LiveCheckError as LiveCheckError3, PartialFailureError as PartialFailureError3, RefusedError as RefusedError3, RunStoppedError as RunStoppedError3, S3RequestError as S3RequestError3, SourceError as SourceError3, UsageError as UsageError3 } from "./step-F4913A4A.mjs";

// member:src/model/etag.ts?src/transfer/copy/copier.ts
import { endsInPartCount, isHeaderEtag, isMd5, multipartEtag, partCountOf } from "./step-F4913A4A.mjs";

// member:src/plan/copy-method.ts?src/transfer/copy/copier.ts
import { LARGEST_COPY, copyMethod, inOwnRanges, sameService } from "./step-F4913A4A.mjs";

// member:src/transfer/multipart/types.ts?src/transfer/copy/copier.ts
import { ChangedWhileRead, multipartContext, partHeaders } from "./step-F4913A4A.mjs";

// member:src/transfer/copy/annotations.ts?src/transfer/copy/copier.ts
import { holdAnnotations, keepAnnotations } from "./step-F4913A4A.mjs";

// member:src/transfer/copy/context.ts?src/transfer/copy/copier.ts
import { copied, readFrom } from "./step-F4913A4A.mjs";

// member:src/errors.ts?src/transfer/copy/copy-object.ts
import { AbortError as AbortError4, InvalidationError as InvalidationError4, LiveCheckError as LiveCheckError4, PartialFailureError as PartialFailureError4, RefusedError as RefusedError4, RunStoppedError as RunStoppedError4, S3RequestError as S3RequestError4, SourceError as SourceError4, UsageError as UsageError4 } from "./step-F4913A4A.mjs";

// member:src/model/etag.ts?src/transfer/copy/copy-object.ts
import { endsInPartCount as endsInPartCount2, isHeaderEtag as isHeaderEtag2, isMd5 as isMd52, multipartEtag as multipartEtag2, partCountOf as partCountOf2 } from "./step-F4913A4A.mjs";

// member:src/transfer/multipart/types.ts?src/transfer/copy/copy-object.ts
import { ChangedWhileRead as ChangedWhileRead2, multipartContext as multipartContext2, partHeaders as partHeaders2 } from "./step-F4913A4A.mjs";

// member:src/transfer/result.ts?src/transfer/copy/copy-object.ts
import { appeared, interrupted, isDeleted, isUnmet, orUnknown, reasonOf, replacing, settleObject, skipped, writeError } from "./step-F4913A4A.mjs";

// member:src/transfer/copy/context.ts?src/transfer/copy/copy-object.ts
import { copied as copied2, readFrom as readFrom2 } from "./step-F4913A4A.mjs";

// member:src/transfer/copy/copy-parts.ts?src/transfer/copy/copy-object.ts
import { copySource, partsCopier } from "./step-F4913A4A.mjs";

// member:src/transfer/copy/source.ts?src/transfer/copy/copy-object.ts
import { changedAgain, headPart, isSourceChanged, partsProvenByDate, refreshed, sourceExtras, sourceHead, sourceLayout, whyHead } from "./step-F4913A4A.mjs";

// src/transfer/copy/copy-object.ts
var TRIES = 2;
async function copyObject(context, entry, decision, method) {
  const { headers, copyAcl, signal } = context;
  const { key, storageClass } = entry;
  const why = whyHead(entry, method, headers);
  const head = why === void 0 ? entry.head : await sourceHead(context, entry, why);
  const { grants } = copyAcl ? await sourceExtras(context, entry, void 0) : {};
  const own = {
    ...headers.ofCopy({ key, storageClass, source: head?.headers, grants }),
    ...context.annotated.ofCopy()
  };
  const { onlyIfAbsent } = decision;
  const request = { key, source: copySource(context, entry), headers: own };
  const conditional = onlyIfAbsent === void 0 ? request : { ...request, onlyIfAbsent };
  try {
    for (let tries = 1; ; tries++) {
      const answer = await context.dest.copyObject(tries === 1 ? conditional : request, signal);
      const verified = await judge(context, entry, answer);
      if (verified !== "mismatch") return copied2(entry, decision, method, { ...answer, verified }, own);
      if (tries === TRIES) throw mismatch(context, entry, answer);
    }
  } catch (thrown) {
    const error = writeError(context.record, entry, thrown);
    if (!(error instanceof S3RequestError4) || error.status !== 412) throw error;
    return await resolveRefusal(context, { entry, decision, method, headers: own }, error);
  } finally {
    context.record.waiting.delete(key);
  }
}
async function resolveRefusal({ dest, signal }, { entry, decision, method, headers }, refused) {
  const { attempts } = refused;
  const { key, size, etag, origin } = entry;
  if (decision.onlyIfAbsent === void 0) throw new ChangedWhileRead2(origin);
  if (refused.verb === "HeadObject") return appeared(size, attempts);
  const there = await orUnknown(entry, dest.headObject(key, signal));
  if (there === void 0) throw new ChangedWhileRead2(origin);
  if (there.size !== size || there.etag !== etag) return appeared(entry.size, attempts);
  return copied2(entry, decision, method, { etag, verified: "md5", attempts }, headers);
}
async function judge(context, entry, answer) {
  const { source, dest, kms, countHead, signal } = context;
  const { etag, sourceKey, versionId } = entry;
  if (answer.encrypted) kms.dest = true;
  if (!isMd52(etag) || !isMd52(answer.etag) || answer.encrypted) return "none";
  if (answer.etag.toLowerCase() === etag.toLowerCase()) return "md5";
  if (kms.source || !dest.facts().etagIsMd5 || !source.facts().etagIsMd5) return "none";
  countHead("the ETag of a copy differs");
  const head = await source.headObject(sourceKey, signal, { versionId }).catch(() => void 0);
  if (head !== void 0 && head.etag === etag && head.kms !== true && !hasCustomerKey(head.headers)) return "mismatch";
  if (head?.kms === true) kms.source = true;
  return "none";
}
function hasCustomerKey(headers = {}) {
  return headers["x-amz-server-side-encryption-customer-algorithm"] !== void 0;
}
function mismatch({ dest }, { key, etag }, answer) {
  const message = `CopyObject s3://${dest.name}/${key}: the copy has the ETag ${answer.etag}, its source ${etag}`;
  const hint = "The object there now may be wrong. Run again; if it stays so, the server does not copy faithfully.";
  return new S3RequestError4(message, {
    code: "ETagMismatch",
    verb: "CopyObject",
    bucket: dest.name,
    key,
    status: 200,
    attempts: answer.attempts,
    hint
  });
}

// member:src/transfer/copy/copy-parts.ts?src/transfer/copy/copier.ts
import { copySource as copySource2, partsCopier as partsCopier2 } from "./step-F4913A4A.mjs";

// member:src/transfer/copy/refusals.ts?src/transfer/copy/copier.ts
import { checkRestored, checkTier, explained, isListedAsArchived } from "./step-F4913A4A.mjs";

// member:src/transfer/copy/relay.ts?src/transfer/copy/copier.ts
import { relayObject, relayedParts } from "./step-F4913A4A.mjs";

// member:src/transfer/copy/source.ts?src/transfer/copy/copier.ts
import { changedAgain as changedAgain2, headPart as headPart2, isSourceChanged as isSourceChanged2, partsProvenByDate as partsProvenByDate2, refreshed as refreshed2, sourceExtras as sourceExtras2, sourceHead as sourceHead2, sourceLayout as sourceLayout2, whyHead as whyHead2 } from "./step-F4913A4A.mjs";

// src/transfer/copy/copier.ts
function copier(context) {
  const inParts = partsCopier2(context);
  async function once(entry, decision) {
    const why = context.relay.why(entry);
    const method = context.methodFor(entry, why instanceof Promise ? await why : why);
    try {
      return await withAnnotations(entry, decision, method);
    } catch (error) {
      if (method.relayed || !isUnsupported(error)) throw error;
      context.relay.relayAll("this server does not copy");
      return once(entry, decision);
    }
  }
  async function withAnnotations(entry, decision, method) {
    const { annotated } = context;
    const names = await annotated.find(entry, method.by === "object" && !method.relayed);
    const result = method.by === "parts" ? await inParts(entry, decision, method) : await (method.relayed ? relayObject : copyObject)(context, entry, decision, method);
    if (names.length > 0 && result.action === "copy") await annotated.write(entry, names, result.etag);
    return result;
  }
  return async (entry, decision) => {
    try {
      return await once(entry, decision);
    } catch (error) {
      if (!isSourceChanged2(error)) throw explained(context, entry, error);
      const now = await refreshed2(context, entry);
      try {
        return await once(now, decision);
      } catch (again) {
        throw isSourceChanged2(again) ? changedAgain2(entry) : explained(context, now, again);
      }
    }
  };
}
function isUnsupported(error) {
  if (!(error instanceof S3RequestError3) || error.status !== 501) return false;
  return error.verb === "CopyObject" || error.verb === "UploadPartCopy";
}
function headsFor(entry, { by, layout }, why) {
  if (why === void 0 || by === "parts" && isListedAsArchived(entry)) return 0;
  return by === "parts" && layout === "source" && (partCountOf(entry.etag) ?? 1) > 2 ? 3 : 1;
}
function dryCopier(context) {
  return async (entry, decision) => {
    const method = context.methodFor(entry, await context.relay.why(entry));
    const known = entry.head !== void 0 && method.by === "object";
    const why = known ? void 0 : whyHead2(entry, method, context.headers);
    for (let heads = headsFor(entry, method, why); heads > 0; heads--) context.countHead(why ?? "");
    const { key } = entry;
    const of = method.by === "object" && !method.relayed ? context.headers.ofCopy : context.headers.ofNew;
    const nothing = { etag: void 0, verified: "none", attempts: 0 };
    return copied(entry, decision, method, nothing, of({ key, storageClass: void 0 }));
  };
}
var RELAYED_AT_ONCE = 64 * 1024 * 1024;
var OPEN_AT_ONCE = 32;
function copierForRun(run, prepared, own) {
  const { options, splitAbove } = prepared;
  const { relay, md5 } = own;
  const { memory, signal, record } = run;
  const { countHead } = record;
  const threshold = Math.min(options.multipartThreshold, RELAYED_AT_ONCE);
  const methodFor = (entry, why) => copyMethod(entry, { relay: why, splitAbove, threshold });
  const headers = prepareCopyHeaders(prepared);
  if (options.dryRun) return dryCopier({ relay, methodFor, headers, countHead });
  const parts = multipartContext(run, {
    bucket: own.dest,
    sizing: { partSize: options.partSize, floor: own.partFloor },
    md5,
    resume: options.resume,
    bufferBytes: options.memory,
    openAtOnce: OPEN_AT_ONCE
  });
  const stop = run.stop.signal;
  return copier({
    ...prepared,
    ...own,
    annotated: keepAnnotations({ ...prepared, ...own, signal, stop, warn: record.warn }),
    methodFor,
    headers,
    kms: { source: false, dest: headers.kms },
    countHead,
    memory,
    record,
    parts,
    signal,
    stop,
    partSize: options.partSize
  });
}
function chooseRelay({ record, signal }, own) {
  const { oneService, ownCredentials } = own;
  let reason = oneService ? void 0 : "the endpoints differ";
  let probe;
  let known = false;
  async function tryHead({ sourceKey, versionId }) {
    const bucket = await own.openSourceAsDest();
    try {
      record.countHead("whether the destination's credentials can read the source");
      await bucket.headObject(sourceKey, signal, { versionId });
      known = true;
    } catch (error) {
      if (!(error instanceof S3RequestError3) || error.status === void 0 || error.status >= 500) throw error;
      relayAll("the destination's credentials cannot read the source");
    } finally {
      bucket.close();
    }
  }
  function relayAll(why) {
    if (reason !== void 0) return;
    reason = why;
    record.warn("relayed", `Objects go through this machine: ${why}.`);
  }
  return {
    relayAll,
    why(entry) {
      if (reason !== void 0 || !ownCredentials || known) return reason;
      probe ??= tryHead(entry).finally(() => {
        probe = void 0;
      });
      return probe.then(() => reason);
    }
  };
}

// member:src/encode/copy-headers.ts?src/transfer/copy/settle.ts
import { COPIED_FROM as COPIED_FROM2, prepareCopyHeaders as prepareCopyHeaders2 } from "./step-F4913A4A.mjs";

// member:src/plan/compare.ts?src/transfer/copy/settle.ts
import { compareContent, compareCopies, compareEncoded } from "./step-F4913A4A.mjs";

// member:src/plan/decide.ts?src/transfer/copy/settle.ts
import { decide, decideStream } from "./step-F4913A4A.mjs";

// member:src/report/reasons.ts?src/transfer/copy/settle.ts
import { COPIED_BY_SERVER, HEADS, REASONS, countUnchanged, isKept, isLeftOut, isNew, isOtherContent, isUnchanged, isUnchangedButHeaders, isUncompared, keptUntil, unproven } from "./step-F4913A4A.mjs";

// member:src/transfer/head.ts?src/transfer/copy/settle.ts
import { findObjects, headMet, headObjects, headRemote, headStored, keptHeads, objectNow, proofOf, stateOf } from "./step-F4913A4A.mjs";

// member:src/transfer/result.ts?src/transfer/copy/settle.ts
import { appeared as appeared2, interrupted as interrupted2, isDeleted as isDeleted2, isUnmet as isUnmet2, orUnknown as orUnknown2, reasonOf as reasonOf2, replacing as replacing2, settleObject as settleObject2, skipped as skipped2, writeError as writeError2 } from "./step-F4913A4A.mjs";

// src/transfer/copy/settle.ts
function copyWork(run, own) {
  const { options, source, dest, perform, headersGiven } = own;
  const compare = compareCopy({ headSource: headObjects(run, source), headDest: headObjects(run, dest) });
  const settling = (later) => settleObject2(run, {
    async settle(entry, listed) {
      const remote = listed.state === "unlisted" ? await headRemote(run, dest, entry.key) : listed;
      let decision = decide(options, entry.size, remote);
      if (decision.action === "compare") {
        if (remote.state !== "present") throw new TypeError("nothing remote to compare with");
        decision = await compare(entry, remote);
      }
      if (decision.action === "put") {
        if (later === void 0) return replacing2(await perform(entry, decision), remote);
        const { key, origin, size } = entry;
        later({ kind: "entry", key, origin, size, entry, decision, remote });
        return void 0;
      }
      const unseen = decision.reason === REASONS.sameContent && headersGiven;
      return skipped2(unseen ? REASONS.sameContentOnly : decision.reason, entry.size);
    }
  });
  const writing = settleObject2(run, {
    settle: async ({ entry, decision, remote }) => replacing2(await perform(entry, decision), remote)
  });
  return {
    settle: settling(),
    plan: settling,
    write: (copy2) => writing({ kind: "planned", entry: copy2, remote: { state: "unread" } })
  };
}
function compareCopy({ headSource, headDest }) {
  let kms = "unknown";
  function learn({ source, dest }) {
    if (typeof source !== "object" || typeof dest !== "object") return;
    if (source.kms || dest.kms) kms = "yes";
    else if (kms === "unknown") kms = "no";
  }
  return async (entry, remote) => {
    let facts = {};
    for (; ; ) {
      const compared = compareCopies(entry, remote, facts, kms);
      if (compared.action !== "find") return compared;
      const why = "ETags differ";
      if (compared.fact === "dest")
        facts = { ...facts, dest: factsOf(await headDest(entry.key, why, { checksum: true })) };
      else facts = { ...facts, source: factsOf(await headSource(entry.sourceKey, why, { checksum: true })) };
      learn(facts);
    }
  };
}
function factsOf(head) {
  if (typeof head === "string") return head;
  return { kms: head.kms === true, checksum: head.checksum, copiedFrom: head.metadata?.[COPIED_FROM2] };
}

// member:src/transfer/phases.ts?src/copy.ts
import { counting, phasedWork } from "./step-F4913A4A.mjs";

// member:src/transfer/strays.ts?src/copy.ts
import { strayDeletes } from "./step-F4913A4A.mjs";

// member:src/transfer/threads/work-threads.ts?src/copy.ts
import { workThreads } from "./step-F4913A4A.mjs";

// src/copy.ts
function copy(options) {
  return startCopy(options, {});
}
function startCopy(options, internals) {
  return startPrepared(prepareCopy(options), internals);
}
function copyPrepared(prepared, onEvent) {
  return startPrepared({ ...prepared, options: { ...prepared.options, onEvent } }, {});
}
function startPrepared(checked, internals) {
  const prepared = withThreshold(checked, internals.threshold);
  const phases = prepared.options.delete ? copyInPhases(prepared, internals) : [{ name: "transfer", work: (run) => transfer(run, prepared, internals) }];
  return startPhases({ ...prepared.options, limiterClock: internals.limiterClock }, phases);
}
async function transfer(run, prepared, internals) {
  const opened = await openCopy(run, prepared, internals);
  const end = await runConcurrently(run, opened.units, opened.work.settle);
  await straysAfter2(run, prepared, opened, end);
  opened.finish(end, run.record.objects);
  return end;
}
function copyInPhases(prepared, internals) {
  const writes = phasedWork(["transfer", "deletes"]);
  let opened;
  let deletes;
  async function planAll(run) {
    run.own({ close: () => writes.drop(() => {
    }) });
    run.record.include(() => ({ phases: writes.report() }));
    opened = await openCopy(run, prepared, internals);
    const bucket = opened.dest;
    deletes = strayDeletes(run, { ...prepared, prefix: prepared.paths.prefix, writes, bucket });
    const found = { objects: 0, bytes: 0 };
    let outside;
    const decide2 = opened.work.plan((copy2) => writes.add("transfer", copy2));
    const end = await runConcurrently(run, opened.units, async (unit) => {
      found.objects += 1;
      if (unit.kind === "planned") {
        found.bytes += unit.entry.size;
        if (!unit.entry.key.startsWith(prepared.mirror?.prefix ?? "")) outside = unit.entry;
      }
      const outcome = await decide2(unit);
      if (outcome?.action === "fail" || outcome?.action === "unknown") writes.note("transfer", outcome);
      return outcome;
    });
    const strays = await straysAfter2(run, prepared, opened, end);
    opened.finish(end, found.objects);
    if (hasEnded(end)) return end;
    if (outside !== void 0) throw onlyObject(outside);
    run.record.expect(found);
    if (strays !== void 0 && found.objects > 0) await deletes.plan(strays);
    return void 0;
  }
  return [
    { name: "plan", work: planAll },
    {
      name: "transfer",
      needed: () => writes.isNeeded("transfer"),
      work: async (run) => opened && writes.carryOut(run, "transfer", opened.work.write)
    },
    {
      name: "deletes",
      work: async () => writes.hasFailed() ? { stoppedEarly: true } : deletes?.carryOut()
    }
  ];
}
function onlyObject({ origin }) {
  return new UsageError(
    msg`{delete} needs a folder as source, but there is only the object ${origin}: it does not say which keys are no longer wanted.`,
    msg`Check the source, or leave {delete} out.`
  );
}
async function openCopy(run, prepared, internals) {
  const { options, paths } = prepared;
  const { record, stop } = run;
  const open = (name, connection) => openBucketOfRun(run, name, connection, { ...internals, ...options });
  const source = await open(paths.sourceBucket, prepared.source);
  const dest = await open(paths.bucket, prepared.dest);
  announceStart(record, { ...dest.location, ...paths, from: [prepared.from], dryRun: options.dryRun });
  warnOfSizes(record, options);
  for (const { code, message } of headerWarnings(prepared.headers)) record.warn(code, message);
  const openSourceAsDest = () => open(paths.sourceBucket, { ...prepared.dest, region: prepared.source.region });
  const relay = chooseRelay(run, { ...prepared, openSourceAsDest });
  const md5 = md5Hasher(run.own(workThreads(run, "auto")));
  const work = copyWork(run, {
    options,
    source,
    dest,
    perform: copierForRun(run, prepared, { source, dest, relay, md5, partFloor: internals.partFloor }),
    headersGiven: prepared.guessTypes || prepared.copyAcl || Object.keys(prepared.headers).length > 0
  });
  const unmatched = [];
  const names = nameWatch(true);
  const found = watchNames(
    objectsToCopy(run, prepared, source, (prefix) => unmatched.push(prefix)),
    names
  );
  const remote = lookupFor(run, prepared, source, dest);
  return {
    dest,
    units: withRemoteState(inBlocks(found), remote, options.mode !== "stupid"),
    remote,
    work,
    finish(end, objects) {
      const onFiles = dest.facts().keepsFiles ? names.fileServerWarning() : void 0;
      if (onFiles !== void 0) record.warn(...onFiles);
      if (end.aborted === void 0 && stop.error === void 0 && objects === 0)
        noFilesFound(record, options.ifNoFilesFound, {
          empty: `There is nothing to copy: no object was found for ${prepared.from}.`
        });
      if (unmatched.length > 0 && paths.selections.length > 1)
        record.warn("prefix-unmatched", unmatchedText(unmatched));
      if (hasEnded(end) || stop.signal.aborted || objects === 0 || objects >= options.limit) return;
      const filters = unmatchedWarning(unmatchedOnBothSides(prepared), [prepared.from]);
      if (filters !== void 0) record.warn(...filters);
    }
  };
}
async function straysAfter2({ record }, { options, mirror }, { remote }, end) {
  const sought = options.listStrays && mirror !== void 0 && !hasEnded(end);
  return includeStrays(record, sought ? await remote?.strays() : void 0);
}
function objectsToCopy({ record, signal, stop }, { options, paths, filter, oneService }, source, onUnmatched) {
  return bucketSource(
    {
      ...options,
      onUnmatched,
      paths,
      filter,
      oneBucket: oneService && paths.bucket === paths.sourceBucket,
      leftOut: options.listStrays,
      mayJump: () => !options.listStrays || source.facts().orderedListing === true,
      pages: (prefix) => parallelListing(source.listObjects, { prefix, bucket: source.name, signal: stop.signal }),
      head(key, versionId) {
        record.countHead("named by key");
        return source.headObject(key, signal, { versionId });
      }
    },
    stop.signal
  );
}
function lookupFor({ record, stop }, { options, paths, mirror }, source, dest) {
  const strays = options.listStrays ? mirror : void 0;
  if (options.mode === "stupid" && strays === void 0) return void 0;
  const { prefix } = strays ?? paths;
  return remoteLookup({
    list: parallelListing(dest.listObjects, { prefix, bucket: dest.name, signal: stop.signal }),
    prefix,
    ordered: true,
    entries: paths.selections.every(({ kind }) => kind === "key") ? paths.selections.length : void 0,
    warn: record.warn,
    ...strays !== void 0 && {
      strays: {
        keep: options.delete,
        whole: true,
        isLeftOut: strays.isLeftOut,
        // Keys of the source come in the order of its server.
        isOrdered: () => [source, dest].every((bucket) => bucket.facts().orderedListing === true)
      }
    }
  });
}
function unmatchedOnBothSides({ options, filter, mirror }) {
  const inSource = filter.unmatched?.();
  const inDest = options.listStrays ? mirror?.filter.unmatched?.() : void 0;
  if (inSource === void 0 || inDest === void 0) return filter;
  const isIdle = ({ pattern }) => inDest.entries.some((entry) => entry.pattern === pattern);
  return { unmatched: () => ({ ...inSource, entries: inSource.entries.filter(isIdle) }) };
}
function unmatchedText(prefixes) {
  const shown = prefixes.slice(0, 10).map((prefix) => JSON.stringify(prefix));
  const more = prefixes.length > shown.length ? ` and ${prefixes.length - shown.length} more` : "";
  return `No key begins with ${shown.join(", ")}${more}.`;
}
export {
  copy,
  copyPrepared,
  startCopy
};
