import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);

// member:src/errors.ts?src/batch/eligibility.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-9F1F6A95.mjs";

// member:src/model/etag.ts?src/batch/eligibility.ts
import { endsInPartCount, isHeaderEtag, isMd5, multipartEtag, partCountOf } from "./step-9F1F6A95.mjs";

// member:src/errors.ts?src/options/batch.ts
import { AbortError as AbortError2, InvalidationError as InvalidationError2, LiveCheckError as LiveCheckError2, PartialFailureError as PartialFailureError2, RefusedError as RefusedError2, RunStoppedError as RunStoppedError2, S3RequestError as S3RequestError2, SourceError as SourceError2, UsageError as UsageError2 } from "./step-9F1F6A95.mjs";

// member:src/model/key.ts?src/options/batch.ts
import { MAX_KEY_BYTES, checkOwnKey, copyPrefix, keyProblem, normalizePrefix, parseAddress, parseBucket, withSlash } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/options/batch.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-9F1F6A95.mjs";

// member:src/options/validate.ts?src/options/batch.ts
import { abortSignal, choicesHint, concurrencyOf, flag, globs, hook, oneOf, requestRateOf, shown, text, threadsOf, wholeNumber } from "./step-9F1F6A95.mjs";

// src/options/batch.ts
var OWN_PREFIX = "s3-parallel-put-jobs/";
var RUN_NAME = "20260101T000000Z-00000000";
var MOST_OF_PREFIX = 512 - RUN_NAME.length;
function batchOptions(options, bucket) {
  const on = flag("batchOperations", options.batchOperations, false);
  if (!on) {
    for (const name of ["batchRole", "batchJob", "batchReports"])
      if (options[name] !== void 0)
        throw new UsageError2(
          msg`${option(name)} is about {batchOperations}, which is off.`,
          msg`Set {batchOperations} too, or leave ${option(name)} out.`
        );
    return void 0;
  }
  const role = roleOf(text("batchRole", options.batchRole));
  const jobs = jobsOf(options.batchJob);
  if (role === void 0 && jobs.length === 0)
    throw new UsageError2(
      msg`{batchOperations} needs {batchRole}: a job reads and writes with the rights of a role.`,
      "Give its ARN, as in arn:aws:iam::111122223333:role/s3-batch-copy. docs/batch-operations.md has its policies."
    );
  return { role, jobs, reports: reportsOf(text("batchReports", options.batchReports), bucket) };
}
function roleOf(arn) {
  if (arn === void 0) return void 0;
  const [, partition, account] = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/[!-~]+$/.exec(arn) ?? [];
  if (partition !== void 0 && account !== void 0 && arn.length <= 2048) return { arn, partition, account };
  throw new UsageError2(
    msg`{batchRole} ${shown(arn)} is not the ARN of a role.`,
    "Write it in full, as in arn:aws:iam::111122223333:role/s3-batch-copy."
  );
}
function jobsOf(value) {
  const ids = value === void 0 ? [] : Array.isArray(value) ? value : [value];
  for (const id of ids)
    if (typeof id !== "string" || !/^[\w-]{5,36}$/.test(id))
      throw new UsageError2(
        msg`{batchJob} is ${shown(id)}, which is no id of a job.`,
        "Give the id that the earlier run has shown, such as 5ba4a1c1-1b31-4a8c-8d6b-0c1ac1a0e1f2."
      );
  return [...new Set(ids)];
}
function reportsOf(address2, bucket) {
  if (address2 === void 0) return { bucket, prefix: OWN_PREFIX };
  if (!/^s3:\/\//i.test(address2))
    throw new UsageError2(
      msg`{batchReports} ${shown(address2)} is not a bucket: it must begin with s3://.`,
      "Give a bucket in the region of the destination, as in s3://my-logs/copies."
    );
  const to = parseAddress(address2, option("batchReports"));
  const prefix = copyPrefix(to.path);
  if (prefix.length > MOST_OF_PREFIX)
    throw new UsageError2(
      msg`The prefix of {batchReports} has ${prefix.length} characters with its slash, and a job takes at most ${MOST_OF_PREFIX}.`,
      "Give a shorter one."
    );
  return { bucket: to.bucket, prefix };
}

// member:src/plan/copy-method.ts?src/batch/eligibility.ts
import { LARGEST_COPY, copyMethod, inOwnRanges, sameService } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/batch/eligibility.ts
import { LONGEST_CODE as LONGEST_CODE2, LONGEST_TEXT as LONGEST_TEXT2, Message as Message2, TEXTS as TEXTS2, asInApi as asInApi2, given as given2, keepMessages as keepMessages2, msg as msg2, option as option2, shortText as shortText2, shorten as shorten2, textIn as textIn2, warning as warning2 } from "./step-9F1F6A95.mjs";

// member:src/encode/header-syntax.ts?src/batch/operation.ts
import { CONTENT_HEADERS, GRANT_PREFIX, MAX_METADATA_BYTES, METADATA_PREFIX, OBJECT_HEADERS, REUSED_MARK, checkHeaderName, checkedValue, isRemovable, keptTags, normalizeHeaders, parseHeader, storedEncoding, taggingHeader, takeRemoved } from "./step-9F1F6A95.mjs";

// src/batch/operation.ts
var CLASSES = /* @__PURE__ */ new Set([
  "STANDARD",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "GLACIER_IR",
  "DEEP_ARCHIVE"
]);
var FIELD_OF_CONTENT = {
  "cache-control": "CacheControl",
  "content-disposition": "ContentDisposition",
  "content-encoding": "ContentEncoding",
  "content-language": "ContentLanguage",
  "content-type": "ContentType"
};
function headerSet(headers) {
  const replaces = headers["x-amz-metadata-directive"] === "REPLACE";
  const fields = { MetadataDirective: replaces ? "REPLACE" : "COPY" };
  const metadata = {};
  const user = {};
  for (const [name, value] of Object.entries(headers)) {
    const isContent = CONTENT_HEADERS.includes(name) || name.startsWith(METADATA_PREFIX);
    if (isContent && !replaces) return { why: `the header ${name} without the others of the source` };
    const field = FIELD_OF_CONTENT[name];
    if (field !== void 0) Object.assign(metadata, { [field]: value });
    else if (name.startsWith(METADATA_PREFIX)) user[name.slice(METADATA_PREFIX.length)] = value;
    else if (!put(fields, metadata, name, value)) return { why: `the header ${name}: ${value}` };
  }
  if (Object.keys(user).length > 0) metadata.UserMetadata = user;
  if (replaces || Object.keys(metadata).length > 0) fields.NewObjectMetadata = metadata;
  return { fields };
}
function isBeyondJobs(name, value) {
  return value !== "" && headerSet({ "x-amz-metadata-directive": "REPLACE", [name]: value }).fields === void 0;
}
function put(fields, metadata, name, value) {
  switch (name) {
    case "x-amz-request-payer":
      fields.RequesterPays = value === "requester";
      return value === "requester";
    case "x-amz-expected-bucket-owner":
      return true;
    case "x-amz-metadata-directive":
      return value === "REPLACE" || value === "COPY";
    case "expires":
      return putDate(metadata, "HttpExpiresDate", value, new Date(value).toUTCString() === value);
    case "x-amz-storage-class":
      fields.StorageClass = value;
      return CLASSES.has(value);
    case "x-amz-acl":
      fields.CannedAccessControlList = value;
      return true;
    case "x-amz-tagging":
      fields.NewObjectTagging = tagsOf(value);
      return true;
    case "x-amz-tagging-directive":
      return value === "REPLACE";
    case "x-amz-website-redirect-location":
      fields.RedirectLocation = value;
      return true;
    case "x-amz-server-side-encryption":
      metadata.SSEAlgorithm = value === "aws:kms" ? "KMS" : "AES256";
      return value === "aws:kms" || value === "AES256";
    case "x-amz-server-side-encryption-aws-kms-key-id":
      fields.SSEAwsKmsKeyId = value;
      return true;
    case "x-amz-server-side-encryption-bucket-key-enabled":
      fields.BucketKeyEnabled = value === "true";
      return value === "true" || value === "false";
    case "x-amz-checksum-algorithm":
      fields.ChecksumAlgorithm = value;
      return true;
    case "x-amz-object-lock-mode":
      fields.ObjectLockMode = value;
      return value === "GOVERNANCE" || value === "COMPLIANCE";
    case "x-amz-object-lock-legal-hold":
      fields.ObjectLockLegalHoldStatus = value;
      return value === "ON" || value === "OFF";
    case "x-amz-object-lock-retain-until-date":
      return putDate(fields, "ObjectLockRetainUntilDate", value, !Number.isNaN(Date.parse(value)));
    default:
      return false;
  }
}
function putDate(fields, field, value, isDate) {
  if (isDate) Object.assign(fields, { [field]: new Date(value) });
  return isDate;
}
function tagsOf(query) {
  return [...new URLSearchParams(query)].map(([Key, Value]) => ({ Key, Value }));
}

// src/batch/eligibility.ts
var ARCHIVES = /* @__PURE__ */ new Set(["GLACIER", "DEEP_ARCHIVE"]);
function whyNotByJob({ size, etag, storageClass }, splitAbove) {
  if (size > LARGEST_COPY) return "larger than 5 GiB";
  if (size > (splitAbove ?? LARGEST_COPY)) return "larger than the size above which objects are split";
  if (size === 0) return "empty, so it may be a redirect";
  if (ARCHIVES.has(storageClass)) return "archived";
  if (etag === void 0) return "without an ETag";
  if (partCountOf(etag) !== void 0) return "in parts, whose ETag a job would change";
  return void 0;
}
function targetPrefix({ base, prefix, sourceBucket, bucket, selections }) {
  const rest = prefix.slice(0, prefix.length - base.length);
  if (prefix.endsWith(base) && (rest === "" || rest.endsWith("/"))) return rest.slice(0, -1);
  const [first] = selections;
  const isStar = first?.kind === "prefix" && first.orKey === void 0;
  const source = `s3://${sourceBucket}/${first?.kind === "key" ? first.key : first?.prefix ?? base}`;
  const row = `${source.replace(/\/$/, isStar ? "/*" : "")} → s3://${bucket}${prefix === "" ? "" : `/${prefix.slice(0, -1)}`}`;
  const target = `s3://${bucket}/${prefix}${base.slice(0, -1)}`;
  throw new UsageError(
    msg2`{batchOperations} cannot copy ${row}: that leaves "${base}" out of the keys, and a job keeps whole source keys behind the destination's prefix.`,
    msg2`Copy to ${target} to keep them whole, or leave {batchOperations} out.`
  );
}
var NEVER = ["copyAcl", "annotations"];
function refuseUnlessByJob({ options, paths, headers, oneService }) {
  if (options.mode === "add")
    throw new UsageError(
      msg2`{mode: 'add'} and {batchOperations} exclude each other: a job has no conditions, so it would overwrite an object that appears in the destination while it runs.`,
      msg2`Leave {batchOperations} out, or copy with {mode: 'update'}, which overwrites objects that differ.`
    );
  if (options.batchJob !== void 0 && (options.dryRun === true || options.mode === "stupid"))
    throw new UsageError(
      options.dryRun === true ? msg2`{dryRun} and {batchJob} exclude each other: what a job has copied is known when it has ended.` : msg2`{mode: 'stupid'} and {batchJob} exclude each other: what the job has copied would be copied again.`,
      msg2`Leave one of the two out.`
    );
  for (const name of NEVER) {
    if (options[name] === void 0 || options[name] === false || options[name] === "copy") continue;
    throw new UsageError(
      msg2`${option2(name)} and {batchOperations} exclude each other: a job cannot do that.`,
      msg2`Leave ${option2(name)} or {batchOperations} out.`
    );
  }
  if (!oneService)
    throw new UsageError(
      msg2`{batchOperations} copies inside AWS, but source and destination have different endpoints.`,
      msg2`Leave {batchOperations} out: the objects then go through this machine.`
    );
  for (const bucket of [paths.sourceBucket, paths.bucket])
    if (/^arn:|-s3alias$|--x(?:a)?-s3$/.test(bucket))
      throw new UsageError(
        msg2`{batchOperations} copies between buckets, but "${bucket}" is an access point or a directory bucket.`,
        msg2`Name the bucket itself, or leave {batchOperations} out.`
      );
  const beyond = Object.entries(headers).find(([name, value]) => isBeyondJobs(name, value));
  if (beyond !== void 0)
    throw new UsageError(
      msg2`The header "${beyond.join(": ").slice(0, 200)}" and {batchOperations} exclude each other: a job cannot set it.`,
      msg2`Leave the header or {batchOperations} out.`
    );
}
var WRITTEN = ["manifest-1.csv", "job-0/manifest.json", "job-0/results/0.csv"].map((name) => `${RUN_NAME}/${name}`);
function refuseReportsBelow({ bucket, prefix }, mirrored, stays) {
  if (bucket !== mirrored.bucket || !prefix.startsWith(mirrored.prefix)) return;
  if (WRITTEN.every((name) => stays(prefix + name))) return;
  throw new UsageError(
    msg2`{delete} would delete the manifests and reports of {batchOperations}, which go to s3://${bucket}/${prefix}.`,
    msg2`Name another bucket, or a prefix outside of the destination, by {batchReports}, or keep them by {protect}.`
  );
}
function refuseReportsInSource({ bucket, prefix }, { sourceBucket, selections }, takes) {
  if (bucket !== sourceBucket || !selections.some((one) => one.kind === "prefix" && prefix.startsWith(one.prefix)))
    return;
  if (!WRITTEN.some((name) => takes(prefix + name))) return;
  throw new UsageError(
    msg2`The manifests and reports of {batchOperations} go to s3://${bucket}/${prefix}, which is inside the source: each run would copy those of the last one.`,
    msg2`Name another bucket, or a prefix outside of the source, by {batchReports}, or leave them out by {exclude}.`
  );
}

// member:src/encode/object-headers.ts?src/prepare-copy.ts
import { CUSTOMER_KEY, KMS_FIX, KMS_KEY, SINGLE_HEADERS, SSE, asksForKms, checkTogether, givenHeaders, headersByOption, objectHeaders, overlaid, prepareObjectHeaders } from "./step-9F1F6A95.mjs";

// member:src/errors.ts?src/prepare-copy.ts
import { AbortError as AbortError3, InvalidationError as InvalidationError3, LiveCheckError as LiveCheckError3, PartialFailureError as PartialFailureError3, RefusedError as RefusedError3, RunStoppedError as RunStoppedError3, S3RequestError as S3RequestError3, SourceError as SourceError3, UsageError as UsageError3 } from "./step-9F1F6A95.mjs";

// member:src/options/common.ts?src/prepare-copy.ts
import { bareType, callOptions, checkedGzip, checkedGzipLevel, definedHeaders, gzipType, sharedOptions } from "./step-9F1F6A95.mjs";

// member:src/options/connection.ts?src/prepare-copy.ts
import { connectionOf, proxyOf, requestHeaders } from "./step-9F1F6A95.mjs";

// member:src/options/shard.ts?src/prepare-copy.ts
import { refuseInCopyShard, refuseInShard, shardOption, shardsOption } from "./step-9F1F6A95.mjs";

// member:src/options/site.ts?src/prepare-copy.ts
import { deleteOptions, siteOptions } from "./step-9F1F6A95.mjs";

// member:src/options/suggest.ts?src/prepare-copy.ts
import { didYouMean, nearChoice, nearOptions, nearSpellings, nearest, refuseUnknown, suggestion } from "./step-9F1F6A95.mjs";

// member:src/options/table.ts?src/prepare-copy.ts
import { CLI_FLAGS, OPTION_TABLE, apiRows, belongsTo, defaultIn } from "./step-9F1F6A95.mjs";

// member:src/options/types.ts?src/prepare-copy.ts
import { ANNOTATIONS, CANNED_ACLS, CHECKSUMS, CLOSED_ACLS, COMPARES, GZIP_WORDS, HTTP_CLIENTS, IF_NO_FILES_FOUND, KEY_BASES, LOG_LEVELS, PUT_MODES, RESUMES, SSE_METHODS, STORAGE_CLASSES, SYMLINK_RULES } from "./step-9F1F6A95.mjs";

// member:src/options/units.ts?src/prepare-copy.ts
import { LONGEST_WAIT_MS, SIZE_UNITS, parseDuration, parseRetryDelay, parseSize } from "./step-9F1F6A95.mjs";

// member:src/options/validate.ts?src/prepare-copy.ts
import { abortSignal as abortSignal2, choicesHint as choicesHint2, concurrencyOf as concurrencyOf2, flag as flag2, globs as globs2, hook as hook2, oneOf as oneOf2, requestRateOf as requestRateOf2, shown as shown2, text as text2, threadsOf as threadsOf2, wholeNumber as wholeNumber2 } from "./step-9F1F6A95.mjs";

// member:src/plan/copy-method.ts?src/prepare-copy.ts
import { LARGEST_COPY as LARGEST_COPY2, copyMethod as copyMethod2, inOwnRanges as inOwnRanges2, sameService as sameService2 } from "./step-9F1F6A95.mjs";

// member:src/errors.ts?src/plan/copy-paths.ts
import { AbortError as AbortError4, InvalidationError as InvalidationError4, LiveCheckError as LiveCheckError4, PartialFailureError as PartialFailureError4, RefusedError as RefusedError4, RunStoppedError as RunStoppedError4, S3RequestError as S3RequestError4, SourceError as SourceError4, UsageError as UsageError4 } from "./step-9F1F6A95.mjs";

// member:src/model/key.ts?src/plan/copy-paths.ts
import { MAX_KEY_BYTES as MAX_KEY_BYTES2, checkOwnKey as checkOwnKey2, copyPrefix as copyPrefix2, keyProblem as keyProblem2, normalizePrefix as normalizePrefix2, parseAddress as parseAddress2, parseBucket as parseBucket2, withSlash as withSlash2 } from "./step-9F1F6A95.mjs";

// member:src/model/key-order.ts?src/plan/copy-paths.ts
import { compareKeys, justBelow, utf16Disagrees } from "./step-9F1F6A95.mjs";

// member:src/model/web-address.ts?src/plan/copy-paths.ts
import { addressHint, isBucketHost, isProviderHost, writtenBucket } from "./step-9F1F6A95.mjs";

// member:src/report/mask-secrets.ts?src/plan/copy-paths.ts
import { maskAddress, maskSecrets, maskUrl, maskUrlsIn, passwordIn, shownValue } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/plan/copy-paths.ts
import { LONGEST_CODE as LONGEST_CODE3, LONGEST_TEXT as LONGEST_TEXT3, Message as Message3, TEXTS as TEXTS3, asInApi as asInApi3, given as given3, keepMessages as keepMessages3, msg as msg3, option as option3, shortText as shortText3, shorten as shorten3, textIn as textIn3, warning as warning3 } from "./step-9F1F6A95.mjs";

// src/plan/copy-paths.ts
function copyPaths({ source, destination, keys, prefixes }) {
  const from = s3Address("source", source);
  const to = s3Address("destination", destination);
  const pattern = /[*?[]/.exec(to.path)?.[0];
  if (pattern !== void 0) throw new UsageError4(`The destination "${destination}" holds the pattern "${pattern}".`);
  const prefix = copyPrefix2(to.path);
  const shared = { sourceBucket: from.bucket, bucket: to.bucket, prefix };
  if (keys === void 0 && prefixes === void 0) return { ...shared, ...byPath(source, from.path) };
  if (/[*?[]/.test(from.path))
    throw new UsageError4(
      `The source "${source}" holds a pattern, and keys or prefixes are named as well.`,
      "Name the bucket or a folder as the source: keys and prefixes stand below it."
    );
  const base = withSlash2(from.path);
  const selections = [
    ...(prefixes ?? []).map((name) => ({ kind: "prefix", prefix: base + name })),
    ...(keys ?? []).map(
      ({ key, versionId }) => ({ kind: "key", key: base + nonEmpty("key", key), versionId })
    )
  ];
  return { ...shared, base, selections: inOrder(selections) };
}
function byPath(source, path) {
  const star = path.indexOf("*");
  const other = /[?[]|\{[^{},]*,[^{}]*\}/.exec(path)?.[0] ?? (star >= 0 && star < path.length - 1 ? "*" : void 0);
  if (other !== void 0)
    throw new UsageError4(
      `The source "${source}" holds the pattern "${other}".`,
      msg3`One "*" at the end is all a source may hold. Choose by {include} or {exclude}; keys that hold such characters are named in {keysFile}.`
    );
  if (star >= 0) {
    const prefix = path.slice(0, star);
    return { base: folderOf(prefix), selections: [{ kind: "prefix", prefix }] };
  }
  const folder = withSlash2(path);
  if (folder === "") return { base: "", selections: [{ kind: "prefix", prefix: "" }] };
  const key = folder.slice(0, -1);
  return { base: folderOf(key), selections: [{ kind: "prefix", prefix: folder, orKey: key }] };
}
function folderOf(path) {
  return path.slice(0, path.lastIndexOf("/") + 1);
}
function nonEmpty(option5, text3) {
  if (text3 === "") throw new UsageError4(`A ${option5} is empty.`, "Name what is copied, or leave it out.");
  return text3;
}
function s3Address(option5, text3) {
  if (/^s3:\/\//i.test(text3)) return parseAddress2(text3, option5);
  const hint = addressHint(text3) ?? (option5 === "source" ? "A copy goes from bucket to bucket; local files are the work of put." : "A copy goes from bucket to bucket; downloads are not supported.");
  throw new UsageError4(`The ${option5} "${maskAddress(text3)}" is not a bucket: it must begin with s3://.`, hint);
}
function inOrder(selections) {
  const start = (one) => one.kind === "key" ? one.key : one.prefix;
  const sorted = selections.toSorted((a, b) => compareKeys(start(a), start(b)) || (a.kind === "prefix" ? -1 : 1));
  const kept = [];
  let covering;
  for (const one of sorted) {
    const last = kept.at(-1);
    if (one.kind === "key" && last?.kind === "key" && last.key === one.key) {
      if (last.versionId !== one.versionId)
        throw new UsageError4(`Two versions of the key "${one.key}" are named, and both would have one key.`);
      continue;
    }
    if (covering !== void 0 && start(one).startsWith(covering)) {
      if (one.kind === "key" && one.versionId !== void 0)
        throw new UsageError4(`A version of the key "${one.key}" is named, and the prefix "${covering}" holds it too.`);
      continue;
    }
    if (one.kind === "prefix") covering = one.prefix;
    kept.push(one);
  }
  return kept;
}

// member:src/report/message.ts?src/prepare-copy.ts
import { LONGEST_CODE as LONGEST_CODE4, LONGEST_TEXT as LONGEST_TEXT4, Message as Message4, TEXTS as TEXTS4, asInApi as asInApi4, given as given4, keepMessages as keepMessages4, msg as msg4, option as option4, shortText as shortText4, shorten as shorten4, textIn as textIn4, warning as warning4 } from "./step-9F1F6A95.mjs";

// member:src/source/filter.ts?src/prepare-copy.ts
import { createFilter, filterEntries, isHidden, isJunk, matchFinder } from "./step-9F1F6A95.mjs";

// member:src/source/globs/glob.ts?src/prepare-copy.ts
import { compileGlob, globMatcher, keyMatcher } from "./step-9F1F6A95.mjs";

// src/prepare-copy.ts
var ROWS = apiRows("copy");
function prepareCopy(options) {
  if (typeof options !== "object" || options === null) throw new UsageError3("copy() needs an object of options.");
  refuseUnknown(options, ROWS);
  const paths = copyPaths({
    source: address("source", options.source),
    destination: address("destination", options.destination),
    keys: list(options.key)?.map(keyOf),
    prefixes: list(options.fromPrefix)?.map(prefixOf)
  });
  const shard = shardOption(options.shard);
  if (shard !== void 0) refuseInCopyShard(options);
  const deletes = deleteOptions(options);
  if (deletes.delete) checkDelete(options, paths);
  const resolved = { ...sharedOptions(options), ...deletes };
  const source = sideOf(options, "source", { bucket: paths.sourceBucket, prefix: paths.base });
  const dest = sideOf(options, "dest", paths);
  const oneService = sameService2(source, dest);
  const mirror = mirrorOf(options, paths, resolved);
  if (oneService && paths.bucket === paths.sourceBucket) {
    refuseOverlap(paths);
    if (deletes.delete && mirror !== void 0) refuseSourceInside(paths, mirror);
  }
  const { contentType, ...others } = options;
  const guessTypes = contentType === "guess";
  const headers = givenHeaders({ ...others, ...contentType !== void 0 && !guessTypes && { contentType } });
  const copyAcl = flag2("copyAcl", options.copyAcl, false);
  const access = Object.keys(headers).find((name) => name === "x-amz-acl" || name.startsWith("x-amz-grant-"));
  if (copyAcl && access !== void 0)
    throw new UsageError3(
      access === "x-amz-acl" && options.acl !== void 0 ? msg4`{copyAcl} and {acl} exclude each other.` : msg4`{copyAcl} and the header "${access}" exclude each other.`,
      "Give the ACL, or have it copied."
    );
  const isProtected = keyMatcher(deletes.protect, paths.prefix);
  const batch = batchOptions(options, paths.bucket);
  if (batch !== void 0) {
    targetPrefix(paths);
    refuseUnlessByJob({ options, paths, headers, oneService });
    if (deletes.delete && mirror !== void 0)
      refuseReportsBelow(
        batch.reports,
        { bucket: paths.bucket, prefix: mirror.prefix },
        (key) => isProtected(key) || mirror.isLeftOut(key)
      );
    if (batch.jobs.length === 0) refuseReportsInSource(batch.reports, paths, takenFrom(paths, resolved));
  }
  return {
    options: resolved,
    shard,
    paths,
    from: options.source,
    filter: filterOf(resolved),
    mirror,
    isProtected,
    source,
    dest,
    oneService,
    ownCredentials: source.profile !== dest.profile || source.credentials !== dest.credentials,
    headers,
    guessTypes,
    copyAcl,
    annotations: annotationChoice(options.annotations, paths.bucket),
    splitAbove: options.splitAbove === void 0 ? void 0 : splitSize(options.splitAbove),
    sourceOwner: options.expectedSourceBucketOwner,
    batch
  };
}
function filterOf(options) {
  return createFilter({ ...options, hidden: true, junk: true });
}
var PARTS = ["key", "fromPrefix", "limit"];
function checkDelete(options, { prefix }) {
  const partial = PARTS.find((name) => options[name] !== void 0);
  if (partial !== void 0)
    throw new UsageError3(
      msg4`{delete} cannot be used with ${option4(partial)}, which copies only a part of the source: the rest would be deleted.`,
      "Leave one of them out."
    );
  if (prefix === "" && !options.destination.endsWith("/"))
    throw new UsageError3(
      msg4`{delete} needs a prefix: it deletes every key below it that the source does not have.`,
      "Write one, as in s3://bucket/docs; for the whole bucket write s3://bucket/ with the slash."
    );
}
function mirrorOf(options, { base, prefix, selections }, filters) {
  const [only] = selections;
  if (PARTS.some((name) => options[name] !== void 0) || only?.kind !== "prefix") return void 0;
  const inDest = (key) => prefix + key.slice(base.length);
  const folder = inDest(only.orKey === void 0 ? base : only.prefix);
  const filter = filterOf(filters);
  return {
    prefix: inDest(only.prefix),
    filter,
    // The marker of the folder whose contents are copied is left out, too.
    isLeftOut: (key) => key === prefix || !filter.takes(key.slice(folder.length))
  };
}
function takenFrom({ base, selections }, filters) {
  const [only] = selections;
  const folder = only?.kind === "prefix" && only.orKey !== void 0 ? only.prefix : base;
  const filter = filterOf(filters);
  return (key) => filter.takes(key.slice(folder.length));
}
function refuseSourceInside({ bucket, selections }, { prefix }) {
  for (const one of selections) {
    const from = one.kind === "prefix" ? one.prefix : one.key;
    if (!from.startsWith(prefix)) continue;
    throw new UsageError3(
      msg4`The source s3://${bucket}/${from} is inside the destination s3://${bucket}/${prefix}, so that {delete} would delete it.`,
      msg4`Name a destination outside of the source, or leave {delete} out.`
    );
  }
}
function address(name, value) {
  if (typeof value === "string" && value !== "") return value;
  const hint = name === "source" ? 'Name a bucket, as "s3://bucket/path".' : 'It is not optional: name a bucket, as "s3://bucket/prefix".';
  throw new UsageError3(
    value === void 0 || value === "" ? `No ${name} was given.` : `${name} must be a string.`,
    hint
  );
}
function list(value) {
  if (value === void 0) return void 0;
  return Array.isArray(value) ? value : [value];
}
function keyOf(one) {
  if (typeof one === "string") return { key: one, versionId: void 0 };
  const { key, versionId } = one ?? {};
  if (typeof key === "string" && typeof versionId === "string" && versionId !== "") return { key, versionId };
  throw new UsageError3("A key is neither text nor { key, versionId }.");
}
function prefixOf(one) {
  if (typeof one === "string" && one !== "") return one;
  throw new UsageError3(
    msg4`{fromPrefix} must hold non-empty strings.`,
    "Name what keys begin with; leave it out to copy all."
  );
}
function annotationChoice(value, bucket) {
  const isDirectory = /--x(?:a)?-s3$/.test(bucket);
  if (value === void 0) return isDirectory ? "exclude" : "copy";
  const choice = oneOf2("annotations", value, ANNOTATIONS);
  if (choice === "copy" && isDirectory)
    throw new UsageError3(
      msg4`{annotations: 'copy'} is given, but objects in the directory bucket "${bucket}" cannot have annotations.`,
      msg4`Leave the option out, or give {annotations: 'error'} to find objects that have any.`
    );
  return choice;
}
function splitSize(value) {
  const bytes = parseSize(value, "splitAbove");
  const [least, most] = [5 * 1024 ** 2, 5 * 1024 ** 3];
  if (bytes >= least && bytes <= most) return bytes;
  throw new UsageError3(
    msg4`{splitAbove} is ${JSON.stringify(value)} (${bytes} bytes); it must be from 5 MiB to 5 GiB.`,
    "S3 copies larger objects by ranges anyway."
  );
}
function sideOf(options, side, to) {
  const own = (name) => options[`${side}${name}`];
  const [profile, credentials] = [own("Profile"), own("Credentials")];
  const hasOwn = profile !== void 0 || credentials !== void 0;
  const owner = side === "source" ? options.expectedSourceBucketOwner : options.expectedBucketOwner;
  const connection = {
    ...options,
    endpointUrl: own("EndpointUrl") ?? options.endpointUrl,
    region: own("Region") ?? options.region,
    // Profile and credentials are one choice: credentials for both sides do not override a profile of this side.
    profile: hasOwn ? profile : options.profile,
    credentials: hasOwn ? credentials : options.credentials,
    expectedBucketOwner: owner
  };
  const called = (name) => {
    if (name === "expectedBucketOwner" && side === "source") return "expectedSourceBucketOwner";
    const sided = `${side}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    return sided in options && options[sided] !== void 0 ? sided : name;
  };
  return connectionOf(connection, called, to);
}
function refuseOverlap({ bucket, base, prefix, selections }) {
  for (const one of selections) {
    const from = one.kind === "prefix" ? one.prefix : one.key;
    const to = prefix + from.slice(base.length);
    const onto = to === from;
    if (!onto && (one.kind === "key" || !to.startsWith(from))) continue;
    const what = `s3://${bucket}/${to}`;
    throw new UsageError3(
      onto ? `${what} would be copied onto itself.` : `The destination ${what} is inside the source s3://${bucket}/${from}.`,
      "Name a destination outside of the source."
    );
  }
}

export {
  headerSet,
  whyNotByJob,
  targetPrefix,
  prepareCopy
};
