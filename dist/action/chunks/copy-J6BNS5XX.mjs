import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  prepareCopy,
  targetPrefix,
  whyNotByJob
} from "./chunk-PTW4RLWG.mjs";
import "./chunk-B2NAOQ5N.mjs";

// src/batch/copies.ts
import { randomBytes } from "node:crypto";

// member:src/errors.ts?src/batch/copies.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-137E04EE.mjs";

// member:src/report/message.ts?src/batch/copies.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-137E04EE.mjs";

// member:src/report/reasons.ts?src/batch/copies.ts
import { COPIED_BY_SERVER, HEADS, REASONS, countUnchanged, isKept, isLeftOut, isNew, isOtherContent, isUnchanged, isUnchangedButHeaders, isUncompared, keptUntil, unproven } from "./step-137E04EE.mjs";

// member:src/run/blocks.ts?src/batch/copies.ts
import { MOST_IN_BLOCK, blocksOf, inBlocks, unitsOf } from "./step-137E04EE.mjs";

// member:src/run/record.ts?src/batch/copies.ts
import { announceStart, hasEnded, noFilesFound, runRecord, warnOfSizes } from "./step-137E04EE.mjs";

// member:src/run/workers.ts?src/batch/copies.ts
import { runConcurrently } from "./step-137E04EE.mjs";

// member:src/s3/middleware/retry.ts?src/batch/copies.ts
import { REAL_CLOCK, RetryBudget, withRetries } from "./step-137E04EE.mjs";

// member:src/s3/plain-settings.ts?src/batch/copies.ts
import { plainSettings, serviceEndpoint } from "./step-137E04EE.mjs";

// member:src/transfer/copy/context.ts?src/batch/copies.ts
import { copied, readFrom } from "./step-137E04EE.mjs";

// member:src/transfer/result.ts?src/batch/copies.ts
import { appeared, interrupted, isDeleted, isUnmet, orUnknown, reasonOf, replacing, settleObject, skipped, writeError } from "./step-137E04EE.mjs";

// member:src/encode/copy-headers.ts?src/batch/candidates.ts
import { COPIED_FROM, prepareCopyHeaders } from "./step-137E04EE.mjs";

// member:src/errors.ts?src/batch/candidates.ts
import { AbortError as AbortError2, InvalidationError as InvalidationError2, LiveCheckError as LiveCheckError2, PartialFailureError as PartialFailureError2, RefusedError as RefusedError2, RunStoppedError as RunStoppedError2, S3RequestError as S3RequestError2, SourceError as SourceError2, UsageError as UsageError2 } from "./step-137E04EE.mjs";

// member:src/run/blocks.ts?src/batch/candidates.ts
import { MOST_IN_BLOCK as MOST_IN_BLOCK2, blocksOf as blocksOf2, inBlocks as inBlocks2, unitsOf as unitsOf2 } from "./step-137E04EE.mjs";

// member:src/run/record.ts?src/batch/candidates.ts
import { announceStart as announceStart2, hasEnded as hasEnded2, noFilesFound as noFilesFound2, runRecord as runRecord2, warnOfSizes as warnOfSizes2 } from "./step-137E04EE.mjs";

// member:src/run/workers.ts?src/batch/candidates.ts
import { runConcurrently as runConcurrently2 } from "./step-137E04EE.mjs";

// member:src/encode/header-syntax.ts?src/batch/operation.ts
import { CONTENT_HEADERS, GRANT_PREFIX, MAX_METADATA_BYTES, METADATA_PREFIX, OBJECT_HEADERS, REUSED_MARK, checkHeaderName, checkedValue, isRemovable, keptTags, normalizeHeaders, parseHeader, storedEncoding, taggingHeader, takeRemoved } from "./step-137E04EE.mjs";

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
function put(fields, metadata, name, value) {
  switch (name) {
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

// src/batch/candidates.ts
var NOTHING = {};
function candidateOf(planned) {
  const { key, origin, size, entry, remote } = planned;
  const { sourceKey, versionId, etag } = entry;
  return {
    kind: "entry",
    key,
    origin,
    size,
    etag,
    sourceKey,
    versionId,
    planned,
    differed: remote.state === "absent" || remote.state === "present" && remote.etag !== etag,
    task: "unreported",
    found: void 0,
    headers: {},
    fields: NOTHING,
    jobId: void 0
  };
}
async function findHeaders(run, source, given6, candidates, oddly) {
  const headers = prepareCopyHeaders(given6);
  const sets = setsOf(given6.requestPayer);
  const fit = [];
  const sort = (candidate, own) => {
    const fields = own && sets(own);
    if (own === void 0 || fields === void 0) {
      oddly(candidate);
      return;
    }
    candidate.headers = own;
    candidate.fields = fields;
    fit.push(candidate);
  };
  if (!headers.replaceMetadata || given6.dryRun) {
    for (const candidate of candidates) {
      if (headers.replaceMetadata) run.record.countHead(WHY);
      const { key, storageClass } = candidate.planned.entry;
      sort(candidate, headers.ofCopy({ key, storageClass, ...headers.replaceMetadata && { source: {} } }));
    }
    return { fit, end: void 0 };
  }
  const end = await runConcurrently2(run, blocksOf2(candidates), async (candidate) => {
    run.record.countHead(WHY);
    sort(candidate, await headedHeaders(run, source, headers, candidate));
    return void 0;
  });
  return { fit, end: hasEnded2(end) ? end : void 0 };
}
var WHY = "headers are replaced";
async function headedHeaders({ signal }, source, headers, { planned: { entry } }) {
  const { key, sourceKey, versionId, storageClass, etag } = entry;
  try {
    const head = entry.head ?? await source.headObject(sourceKey, signal, { versionId });
    const found = head?.headers ?? {};
    const isBeyondJobs = found["x-amz-server-side-encryption-customer-algorithm"] !== void 0 || found["x-amz-archive-status"] !== void 0;
    if (head === void 0 || head.etag !== etag || isBeyondJobs) return void 0;
    return headers.ofCopy({ key, storageClass, source: found });
  } catch (error) {
    if (error instanceof S3RequestError2 || error instanceof SourceError2) return void 0;
    throw error;
  }
}
function setsOf(requestPayer) {
  const known = /* @__PURE__ */ new Map();
  return (headers) => {
    const name = JSON.stringify(headers);
    if (known.has(name)) return known.get(name);
    const { fields } = headerSet(headers);
    const set = fields && requestPayer ? { ...fields, RequesterPays: true } : fields;
    known.set(name, set);
    return set;
  };
}

// member:src/errors.ts?src/batch/check-copies.ts
import { AbortError as AbortError3, InvalidationError as InvalidationError3, LiveCheckError as LiveCheckError3, PartialFailureError as PartialFailureError3, RefusedError as RefusedError3, RunStoppedError as RunStoppedError3, S3RequestError as S3RequestError3, SourceError as SourceError3, UsageError as UsageError3 } from "./step-137E04EE.mjs";

// member:src/plan/listing/parallel.ts?src/batch/check-copies.ts
import { parallelListing } from "./step-137E04EE.mjs";

// src/batch/common-prefix.ts
function commonPrefix(keys) {
  let common;
  for (const key of keys) {
    if (common === void 0) {
      common = key;
      continue;
    }
    let at = 0;
    while (at < common.length && common[at] === key[at]) at += 1;
    if (at < common.length) common = common.slice(0, at);
    if (common === "") return "";
  }
  return (common ?? "").replace(/[\ud800-\udbff]$/, "");
}

// member:src/model/etag.ts?src/batch/verdict.ts
import { endsInPartCount, isHeaderEtag, isMd5, multipartEtag, partCountOf } from "./step-137E04EE.mjs";

// src/batch/verdict.ts
function verdict(after) {
  const { task, differed, size, etag, found, kms } = after;
  if (found === void 0 || found.size !== size) return "again";
  if (isMd5(etag) && found.etag?.toLowerCase() === etag.toLowerCase())
    return task === "succeeded" || differed ? "copied" : "again";
  if (task !== "succeeded") return "again";
  return kms ? "unproven" : "ask";
}

// src/batch/check-copies.ts
async function findCopies({ signal, stop }, dest, copies) {
  const prefix = commonPrefix(copies.keys());
  const list = parallelListing(dest.listObjects, { prefix, bucket: dest.name, signal: stop.signal });
  let continuationToken;
  do {
    const page = await list(continuationToken === void 0 ? {} : { continuationToken });
    for (const { key, size, etag } of page.objects) {
      const copy2 = copies.get(key);
      if (copy2 !== void 0) copy2.found = { size, etag };
    }
    ({ continuationToken } = page);
    signal.throwIfAborted();
  } while (continuationToken !== void 0);
}
function copyChecker({ record, signal }, source, dest) {
  let kms = false;
  let first;
  async function isEncrypted(bucket, key, versionId) {
    record.countHead("the ETag of a copy differs");
    try {
      const head = await bucket.headObject(key, signal, { versionId });
      return head?.kms === true;
    } catch (error) {
      if (error instanceof S3RequestError3) return false;
      throw error;
    }
  }
  return async (copy2) => {
    const judged = verdict({ ...copy2, kms });
    if (judged !== "ask") return judged;
    const ask = async () => {
      const { key, sourceKey, versionId } = copy2;
      const found2 = await isEncrypted(dest, key, void 0) || await isEncrypted(source, sourceKey, versionId);
      kms ||= found2;
      return found2;
    };
    const isFirst = first === void 0;
    first ??= ask();
    const found = await first || !isFirst && await ask();
    return found ? "unproven" : "again";
  };
}

// src/batch/control.ts
import { isIP } from "node:net";

// member:src/errors.ts?src/batch/control.ts
import { AbortError as AbortError4, InvalidationError as InvalidationError4, LiveCheckError as LiveCheckError4, PartialFailureError as PartialFailureError4, RefusedError as RefusedError4, RunStoppedError as RunStoppedError4, S3RequestError as S3RequestError4, SourceError as SourceError4, UsageError as UsageError4 } from "./step-137E04EE.mjs";

// member:src/model/error-codes.ts?src/batch/control.ts
import { ERROR_CODES, errorCode, isCredentialsError } from "./step-137E04EE.mjs";

// member:src/report/message.ts?src/batch/control.ts
import { LONGEST_CODE as LONGEST_CODE2, LONGEST_TEXT as LONGEST_TEXT2, Message as Message2, TEXTS as TEXTS2, asInApi as asInApi2, given as given2, keepMessages as keepMessages2, msg as msg2, option as option2, shortText as shortText2, shorten as shorten2, textIn as textIn2, warning as warning2 } from "./step-137E04EE.mjs";

// member:src/run/abort.ts?src/batch/control.ts
import { orAborted, stopSwitch, untilAborted } from "./step-137E04EE.mjs";

// member:src/s3/answers/xml.ts?src/s3/caller-identity.ts
import { beginningOf, decoded, detachStrings, eachChild, eachPlainChild, elementText, elements, escapeXml, fitsXml, isTrue, numberIn, rootName, rootOf, timeIn } from "./step-137E04EE.mjs";

// member:src/s3/plain-settings.ts?src/s3/caller-identity.ts
import { plainSettings as plainSettings2, serviceEndpoint as serviceEndpoint2 } from "./step-137E04EE.mjs";

// member:src/s3/sign.ts?src/s3/caller-identity.ts
import { EMPTY_SHA256, amzDate, canonicalQuery, canonicalSigner, canonicalValue, encodeKey, encodeValue, sha256Hex, signedNames, signer } from "./step-137E04EE.mjs";

// src/s3/caller-identity.ts
var BODY = "Action=GetCallerIdentity&Version=2011-06-15";
async function callerAccount(access, signal) {
  const region = access.region();
  const url = new URL(serviceEndpoint2("STS") ?? `https://sts.${region}.${domainOf(region)}`);
  const credentials = await access.credentials();
  const body = Buffer.from(BODY);
  const date = amzDate(access.now());
  const headers = {
    host: url.host,
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    "x-amz-date": date,
    ...credentials.sessionToken !== void 0 && { "x-amz-security-token": credentials.sessionToken }
  };
  const request = { method: "POST", path: "/", query: "", headers, payloadHash: sha256Hex(body) };
  const authorization = signer()(request, date, region, "sts", credentials);
  const { response } = await access.requestHandler.handle(
    {
      protocol: url.protocol,
      hostname: url.hostname,
      ...url.port !== "" && { port: Number(url.port) },
      method: "POST",
      path: "/",
      headers: { ...headers, "content-length": String(body.length), authorization },
      body
    },
    { abortSignal: signal }
  );
  const account = elementText(response.received.body.toString(), "Account");
  return response.statusCode === 200 && account !== void 0 && /^\d{12}$/.test(account) ? account : void 0;
}
function domainOf(region) {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

// member:src/s3/middleware/retry-policy.ts?src/batch/control.ts
import { decideRetry, isAnswerLost, isUnreached, retryDelay, verdict as verdict2, verdictFor } from "./step-137E04EE.mjs";

// member:src/s3/sdk/node-warning.ts?src/batch/control.ts
import { disableNodeWarning } from "./step-137E04EE.mjs";

// member:src/s3/service-failure.ts?src/batch/control.ts
import { serviceFailure, serviceRetryKind } from "./step-137E04EE.mjs";

// member:src/version.ts?src/batch/control.ts
import { VERSION } from "./step-137E04EE.mjs";

// src/batch/control.ts
var MOST_ATTEMPTS = { transient: 8, throttle: 20 };
async function openBatchControl(options, signal) {
  const { access, profile, bucket, role, clock } = options;
  const sdk = await loadSdk();
  const account = role?.account ?? await accountBySts(access, signal);
  disableNodeWarning();
  const client = new sdk.S3ControlClient({
    region: access.region(),
    maxAttempts: 1,
    customUserAgent: [["s3-parallel-put", VERSION]],
    credentials: access.credentials,
    requestHandler: access.requestHandler,
    systemClockOffset: access.now() - Date.now(),
    ...profile !== void 0 && { profile }
  });
  keepIpAddresses(client);
  async function send(verb, key, once, signal2) {
    for (let attempt = 1; ; attempt += 1) {
      signal2.throwIfAborted();
      try {
        return await orAborted(once(), signal2);
      } catch (thrown) {
        signal2.throwIfAborted();
        const failed = serviceFailure(thrown);
        const kind = serviceRetryKind(failed);
        const isLast = kind === void 0 || attempt >= MOST_ATTEMPTS[kind];
        const isStale = errorCode(failed.code).expired === true && !await access.refresh();
        if (isLast || isStale) throw await errorOf(verb, key, failed, attempt, signal2);
        await clock.sleep(retryDelay(kind, attempt, void 0, clock.random()), signal2);
      }
    }
  }
  async function errorOf(verb, key, failed, attempts, signal2) {
    const { code, status, requestId, message, cause } = failed;
    const facts = [status, requestId && `request ${requestId}`].filter(Boolean).join(", ");
    const text = `${verb}${key === void 0 ? "" : ` ${key}`}: ${code}${facts === "" ? "" : ` (${facts})`}${message === "" ? "" : `: ${message}`}`;
    const denied = status === 403 || code === "AccessDenied";
    const caller = denied ? await callerAccount(access, signal2).catch(() => void 0) : void 0;
    const hint = hintFor(verb, code, { denied, role, account, caller });
    return new S3RequestError4(text, { code, verb, bucket, status, requestId, attempts, hint, cause });
  }
  return {
    async createJob(job, signal2) {
      const once = () => client.send(new sdk.CreateJobCommand({ AccountId: account, ...requestOf(job) }), { abortSignal: signal2 });
      const { JobId: id } = await send("CreateJob", void 0, once, signal2);
      return id ?? unusable("CreateJob", bucket);
    },
    async describeJob(id, signal2) {
      const once = () => client.send(new sdk.DescribeJobCommand({ AccountId: account, JobId: id }), { abortSignal: signal2 });
      const { Job: job } = await send("DescribeJob", id, once, signal2);
      return job?.Status === void 0 ? unusable("DescribeJob", bucket) : job;
    },
    close: () => client.destroy()
  };
}
function requestOf(job) {
  const { token, description, role, manifest, reports, target, fields } = job;
  const arn = (bucket) => `arn:${role.partition}:s3:::${bucket}`;
  return {
    ClientRequestToken: token,
    Description: description,
    ConfirmationRequired: false,
    Priority: 10,
    RoleArn: role.arn,
    Operation: {
      S3PutObjectCopy: {
        ...fields,
        TargetResource: arn(target.bucket),
        ...target.prefix !== "" && { TargetKeyPrefix: target.prefix }
      }
    },
    Manifest: {
      Spec: {
        Format: "S3BatchOperations_CSV_20180820",
        Fields: manifest.versioned ? ["Bucket", "Key", "VersionId"] : ["Bucket", "Key"]
      },
      Location: { ObjectArn: `${arn(manifest.bucket)}/${manifest.key}`, ETag: manifest.etag }
    },
    Report: {
      Enabled: true,
      Bucket: arn(reports.bucket),
      Prefix: reports.prefix,
      Format: "Report_CSV_20180820",
      ReportScope: "AllTasks"
    }
  };
}
function keepIpAddresses({ config }) {
  const { endpointProvider: usual } = config;
  config.endpointProvider = (parameters, context) => {
    const { Endpoint: endpoint } = parameters;
    if (endpoint === void 0 || isIP(new URL(endpoint).hostname.replace(/^\[|\]$/g, "")) === 0)
      return usual(parameters, context);
    return { url: new URL(endpoint), headers: {}, properties: {} };
  };
}
async function accountBySts(access, signal) {
  const account = await callerAccount(access, signal).catch((error) => {
    signal.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  });
  if (typeof account === "string") return account;
  throw new UsageError4(
    msg2`The account of the jobs is not known: STS did not answer GetCallerIdentity${account === void 0 ? "" : ` (${account.message})`}.`,
    msg2`Give {batchRole}, whose ARN has the account id, or check the credentials by aws sts get-caller-identity.`
  );
}
function hintFor(verb, code, { denied, role, account, caller }) {
  if (caller !== void 0 && caller !== account)
    return msg2`The credentials are those of the account ${caller} (aws sts get-caller-identity), and the role of {batchRole} is in ${account}: give a role of ${caller}, or credentials of ${account}.`;
  if (denied && verb === "CreateJob")
    return msg2`Allow the credentials s3:CreateJob, and iam:PassRole on ${role?.arn ?? "the role"}. docs/batch-operations.md has the policies.`;
  if (denied) return "Allow the credentials s3:DescribeJob.";
  if (verb === "DescribeJob" && /NoSuchJob|NotFound/.test(code))
    return msg2`The account ${account} has no such job in this region. Check {batchJob} and the region; S3 forgets jobs 90 days after their end.`;
  return verb === "CreateJob" ? "docs/batch-operations.md says what role, manifest and report need." : void 0;
}
function unusable(verb, bucket) {
  throw new S3RequestError4(`${verb}: the response is not one of S3 Control`, {
    code: "NotAnS3ControlAnswer",
    verb,
    bucket,
    status: 200,
    hint: "Check what AWS_ENDPOINT_URL_S3_CONTROL names."
  });
}
async function loadSdk() {
  return await import("./sdk-XGNXFAQD.mjs").catch((error) => {
    throw withoutSdk(error);
  });
}
function withoutSdk(error) {
  const { code, message } = error;
  const why = /MODULE_NOT_FOUND$/.test(code ?? "") ? "which is not installed" : `which cannot be loaded (${message})`;
  return new UsageError4(
    msg2`{batchOperations} needs the package @aws-sdk/client-s3-control, ${why}.`,
    "npm install @aws-sdk/client-s3-control adds it."
  );
}

// src/batch/jobs.ts
import { createHash } from "node:crypto";

// member:src/model/verbs.ts?src/batch/jobs.ts
import { REQUEST_DOLLARS, VERBS, isNeeded, maxResponseBytes, storageDollars } from "./step-137E04EE.mjs";

// src/batch/jobs.ts
function groupJobs(objects, { least, most }) {
  const sets = /* @__PURE__ */ new Map();
  const names = /* @__PURE__ */ new Map();
  for (const object of objects) {
    const name = names.get(object.fields) ?? JSON.stringify(object.fields);
    names.set(object.fields, name);
    const set = `${object.versionId === void 0 ? "current" : "version"} ${name}`;
    const known = sets.get(set);
    if (known === void 0) sets.set(set, [object]);
    else known.push(object);
  }
  const sorted = [...sets.values()].sort((a, b) => b.length - a.length);
  const isJob = (set, index) => index === 0 || index < most && set.length >= least;
  return {
    groups: sorted.filter(isJob).flatMap((set) => {
      const [first] = set;
      if (first === void 0) return [];
      return [{ fields: first.fields, versioned: first.versionId !== void 0, objects: set }];
    }),
    others: sorted.filter((set, index) => !isJob(set, index)).flat()
  };
}
var DOLLARS = { job: 0.25, object: 1 / 1e6 };
function jobDollars(objects) {
  return DOLLARS.job + objects * (DOLLARS.object + REQUEST_DOLLARS.write);
}
function jobToken(run, manifestEtag, fields) {
  return createHash("sha256").update([run, manifestEtag, JSON.stringify(fields)].join("\n")).digest("hex");
}

// member:src/errors.ts?src/batch/run-jobs.ts
import { AbortError as AbortError5, InvalidationError as InvalidationError5, LiveCheckError as LiveCheckError5, PartialFailureError as PartialFailureError5, RefusedError as RefusedError5, RunStoppedError as RunStoppedError5, S3RequestError as S3RequestError5, SourceError as SourceError5, UsageError as UsageError5 } from "./step-137E04EE.mjs";

// member:src/report/batch-jobs.ts?src/batch/run-jobs.ts
import { batchJobLines, batchJobText, jobsLeft } from "./step-137E04EE.mjs";

// member:src/report/message.ts?src/batch/run-jobs.ts
import { LONGEST_CODE as LONGEST_CODE3, LONGEST_TEXT as LONGEST_TEXT3, Message as Message3, TEXTS as TEXTS3, asInApi as asInApi3, given as given3, keepMessages as keepMessages3, msg as msg3, option as option3, shortText as shortText3, shorten as shorten3, textIn as textIn3, warning as warning3 } from "./step-137E04EE.mjs";

// member:src/s3/sign.ts?src/batch/manifest.ts
import { EMPTY_SHA256 as EMPTY_SHA2562, amzDate as amzDate2, canonicalQuery as canonicalQuery2, canonicalSigner as canonicalSigner2, canonicalValue as canonicalValue2, encodeKey as encodeKey2, encodeValue as encodeValue2, sha256Hex as sha256Hex2, signedNames as signedNames2, signer as signer2 } from "./step-137E04EE.mjs";

// src/batch/manifest.ts
function manifestLine(bucket, { key, versionId }) {
  const version = versionId === void 0 ? "" : `,${encodeURIComponent(versionId)}`;
  return `${bucket},${encodeKey2(key)}${version}
`;
}
function manifestsOf(lines, most) {
  const manifests = [];
  let open = [];
  let bytes = 0;
  const close = () => {
    if (open.length === 0) return;
    manifests.push({ body: Buffer.from(open.join("")), lines: open.length });
    open = [];
    bytes = 0;
  };
  for (const line of lines) {
    if (bytes + line.length > most) close();
    open.push(line);
    bytes += line.length;
  }
  close();
  return manifests;
}

// src/batch/read-report.ts
import { createHash as createHash2 } from "node:crypto";

// member:src/errors.ts?src/batch/read-report.ts
import { AbortError as AbortError6, InvalidationError as InvalidationError6, LiveCheckError as LiveCheckError6, PartialFailureError as PartialFailureError6, RefusedError as RefusedError6, RunStoppedError as RunStoppedError6, S3RequestError as S3RequestError6, SourceError as SourceError6, UsageError as UsageError6 } from "./step-137E04EE.mjs";

// member:src/s3/answers/listing.ts?src/batch/job-report.ts
import { listPage, parseListing, rootNamed, urlDecoded } from "./step-137E04EE.mjs";

// src/batch/job-report.ts
function reportFiles(json) {
  const { Results } = JSON.parse(json);
  if (!Array.isArray(Results)) throw new SyntaxError("it has no list of results");
  return Results.map((result) => {
    const { Key, MD5Checksum } = result ?? {};
    if (typeof Key !== "string" || Key === "") throw new SyntaxError("it names a file without a key");
    return { key: Key, md5: typeof MD5Checksum === "string" ? MD5Checksum.toLowerCase() : void 0 };
  });
}
function taskOf(fields) {
  const [bucket = "", key, , status, one = "", other = "", message = ""] = fields;
  if (key === void 0 || status !== "succeeded" && status !== "failed") return void 0;
  const code = /^\d*$/.test(one) ? other : one;
  return { bucket, key: urlDecoded(key), succeeded: status === "succeeded", code, message };
}
function csvReader() {
  let fields = [];
  let field = "";
  let quoted = false;
  let pending = false;
  function closeRecord(records) {
    fields.push(field);
    field = "";
    if (fields.length > 1 || fields[0] !== "") records.push(fields);
    fields = [];
  }
  return {
    add(piece) {
      const records = [];
      for (let at = 0; at < piece.length; ) {
        const char = piece[at];
        if (pending) {
          pending = false;
          if (char === '"') {
            field += '"';
            at += 1;
            continue;
          }
          quoted = false;
        }
        if (quoted) {
          const end = piece.indexOf('"', at);
          field += piece.slice(at, end < 0 ? void 0 : end);
          if (end < 0) break;
          pending = true;
          at = end + 1;
        } else if (char === '"' && field === "") {
          quoted = true;
          at += 1;
        } else if (char === ",") {
          fields.push(field);
          field = "";
          at += 1;
        } else if (char === "\n") {
          closeRecord(records);
          at += 1;
        } else {
          if (char !== "\r") field += char;
          at += 1;
        }
      }
      return records;
    },
    end() {
      const records = [];
      pending = false;
      quoted = false;
      closeRecord(records);
      return records;
    }
  };
}

// src/batch/read-report.ts
var AT_ONCE = 8 * 1024 * 1024;
function reportPlace({ Report: report }) {
  const bucket = /^arn:[^:]+:s3:::(.+)$/.exec(report?.Bucket ?? "")?.[1];
  if (report?.Enabled !== true || bucket === void 0) return void 0;
  const prefix = (report.Prefix ?? "").replace(/\/$/, "");
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}
async function readReport(bucket, { prefix }, id, onTask, signal) {
  const manifestKey = `${prefix}job-${id}/manifest.json`;
  const manifest = await bucket.getObject({ key: manifestKey }, void 0, signal).catch((error) => {
    if (error instanceof S3RequestError6 && error.status === 404) return void 0;
    throw error;
  });
  if (manifest === void 0) return false;
  let files;
  try {
    files = reportFiles(manifest.body.toString());
  } catch (error) {
    throw unreadable(bucket, manifestKey, error instanceof Error ? error.message : String(error));
  }
  for (const file of files) await readFile(bucket, prefix, file, onTask, signal);
  return true;
}
async function readFile(bucket, prefix, { key: named, md5 }, onTask, signal) {
  const key = named.startsWith(prefix) ? named : prefix + named;
  const size = (await bucket.headObject(key, signal))?.size;
  if (size === void 0) throw unreadable(bucket, key, "it does not exist");
  const hash = createHash2("md5");
  const csv = csvReader();
  const decoder = new TextDecoder();
  const take = (records) => {
    for (const record of records) {
      const task = taskOf(record);
      if (task !== void 0) onTask(task);
    }
  };
  try {
    for (let start = 0; start < size; start += AT_ONCE) {
      const end = Math.min(size, start + AT_ONCE);
      const { body } = await bucket.getObject({ key }, { start, end }, signal);
      hash.update(body);
      take(csv.add(decoder.decode(body, { stream: true })));
    }
    take(csv.end());
  } catch (error) {
    throw error instanceof URIError ? unreadable(bucket, key, "it names a key that is not URL-encoded") : error;
  }
  const found = hash.digest("hex");
  if (md5 !== void 0 && md5 !== found)
    throw unreadable(bucket, key, `its MD5 is ${found}, and its manifest names ${md5}`);
}
function unreadable({ name }, key, why) {
  return new S3RequestError6(`The completion report s3://${name}/${key} cannot be used: ${why}`, {
    code: "UnusableJobReport",
    verb: "GetObject",
    bucket: name,
    key,
    hint: "Look at it; a run without the job copies what is missing."
  });
}

// src/batch/wait.ts
var ENDED = /* @__PURE__ */ new Set(["Complete", "Failed", "Cancelled"]);
function hasJobEnded({ status }) {
  return ENDED.has(status);
}
function jobState(id, job) {
  const { Status: status = "", ProgressSummary: progress, FailureReasons: reasons = [] } = job;
  const why = reasons.map(({ FailureCode, FailureReason }) => [FailureCode, FailureReason].filter(Boolean).join(": "));
  return {
    id,
    status,
    tasks: progress?.TotalNumberOfTasks ?? 0,
    succeeded: progress?.NumberOfTasksSucceeded ?? 0,
    failed: progress?.NumberOfTasksFailed ?? 0,
    why: [...why, job.SuspendedCause, job.StatusUpdateReason].filter(Boolean).join("; ").slice(0, 1e3)
  };
}
var WAIT_MS = { first: 2e3, longest: 6e4 };
async function waitForJob(control, id, clock, signal, onChange) {
  let shown = "";
  for (let wait = WAIT_MS.first; ; wait = Math.min(wait * 1.5, WAIT_MS.longest)) {
    const job = await control.describeJob(id, signal);
    const state = jobState(id, job);
    const text = JSON.stringify(state);
    if (text !== shown) onChange(state);
    shown = text;
    if (hasJobEnded(state)) return { state, job };
    await clock.sleep(wait, signal);
  }
}

// src/batch/run-jobs.ts
function planJobs(groups, bucket, most) {
  return groups.flatMap(({ fields, versioned, objects }) => {
    let at = 0;
    const lines = objects.map(({ sourceKey: key, versionId }) => manifestLine(bucket, { key, versionId }));
    return manifestsOf(lines, most).map(({ body, lines: count }) => {
      const own = objects.slice(at, at + count);
      at += count;
      return { fields, versioned, manifest: body, objects: own };
    });
  });
}
async function openControl({ run, buckets, batch, profile, clock }) {
  const { dest } = buckets;
  run.record.countHead("region of the destination");
  await dest.headObject(`${batch.reports.prefix}region`, run.signal).catch((error) => {
    if (!(error instanceof S3RequestError5) || error.status === void 0) throw error;
  });
  const { access, name: bucket } = dest;
  return run.own(await openBatchControl({ access, profile, bucket, role: batch.role, clock }, run.signal));
}
async function createJobs(context, control, planned, unmodifiedSince) {
  const { run, buckets, batch, runName, target, show } = context;
  const { role, reports } = batch;
  if (role === void 0) throw new TypeError("a job needs a role");
  const bucket = reports.bucket === buckets.dest.name ? buckets.dest : await buckets.open(reports.bucket);
  const prefix = `${reports.prefix}${runName}`;
  const ids = [];
  try {
    for (const [index, { manifest: body, objects, fields: own, versioned }] of planned.entries()) {
      const key = `${prefix}/manifest-${index + 1}.csv`;
      const headers = { "content-type": "text/csv" };
      const { etag } = await bucket.putObject(
        { key, body: { size: body.length, read: () => body }, headers },
        run.signal
      );
      if (etag === void 0) throw withoutEtag(bucket.name, key);
      const fields = versioned ? own : { ...own, UnModifiedSinceConstraint: unmodifiedSince };
      const id = await control.createJob(
        {
          token: jobToken(runName, etag, fields),
          description: `s3-parallel-put ${runName}, ${index + 1} of ${planned.length}`,
          role,
          manifest: { bucket: bucket.name, key, etag, versioned },
          reports: { bucket: reports.bucket, prefix },
          target,
          fields
        },
        run.signal
      );
      ids.push(id);
      for (const object of objects) object.jobId = id;
      const [count, dollars] = [objects.length, jobDollars(objects.length)];
      show({ id, status: "New", objects: count, succeeded: 0, failed: 0, dollars });
    }
  } catch (error) {
    if (ids.length > 0) run.record.warn("batch-jobs-left", jobsLeft(ids));
    throw error;
  }
  return ids;
}
function withoutEtag(bucket, key) {
  return new S3RequestError5(`PutObject s3://${bucket}/${key}: the response names no ETag, which a job needs`, {
    code: "NoETag",
    verb: "PutObject",
    bucket,
    key,
    status: 200
  });
}
async function waitForJobs({ run, clock, show }, control, ids) {
  const { signal, record } = run;
  const onChange = ({ id, status, tasks: objects, succeeded, failed, why }) => {
    show({ id, status, objects, succeeded, failed, dollars: jobDollars(objects), ...why !== "" && { why } });
    if (status === "Suspended" || status === "Paused")
      record.warn(
        `batch-job-${id}`,
        msg3`The job ${id} is ${status.toLowerCase()}${why === "" ? "" : ` (${why})`}: somebody has to let it run, or to cancel it: aws s3control update-job-status does both.`
      );
  };
  try {
    return await Promise.all(ids.map((id) => waitForJob(control, id, clock, signal, onChange)));
  } catch (error) {
    record.warn("batch-jobs-left", jobsLeft(ids));
    throw error;
  }
}
async function readReports({ run, buckets }, ended2, onTask) {
  const { record, signal } = run;
  let failed = 0;
  let first;
  for (const { state, job } of ended2) {
    const { id, status, why } = state;
    const reason = why === "" ? "" : ` (${why})`;
    if (status === "Failed")
      record.warn(
        `batch-job-${id}`,
        msg3`The job ${id} has failed${reason}: what it has not copied is copied from here. Check the role of {batchRole}; docs/batch-operations.md has its policies.`
      );
    if (status === "Cancelled") record.warn(`batch-job-${id}`, msg3`The job ${id} was cancelled${reason}.`);
    const place = reportPlace(job);
    if (place === void 0) continue;
    const bucket = place.bucket === buckets.dest.name ? buckets.dest : await buckets.open(place.bucket);
    await readReport(
      bucket,
      place,
      id,
      (task) => {
        if (!task.succeeded) {
          failed += 1;
          first ??= task;
        }
        onTask(task, id);
      },
      signal
    );
  }
  if (first === void 0) return;
  const objects = failed === 1 ? "1 object" : `${failed} objects`;
  const what = [first.code, first.message].filter(Boolean).join(": ").slice(0, 300);
  record.warn(
    "batch-tasks-failed",
    msg3`${objects} could not be copied by a job, and ${failed === 1 ? "is" : "are"} copied from here. First: ${first.key}: ${what}`
  );
}

// member:src/errors.ts?src/batch/versions.ts
import { AbortError as AbortError7, InvalidationError as InvalidationError7, LiveCheckError as LiveCheckError7, PartialFailureError as PartialFailureError7, RefusedError as RefusedError7, RunStoppedError as RunStoppedError7, S3RequestError as S3RequestError7, SourceError as SourceError7, UsageError as UsageError7 } from "./step-137E04EE.mjs";

// member:src/report/message.ts?src/batch/versions.ts
import { LONGEST_CODE as LONGEST_CODE4, LONGEST_TEXT as LONGEST_TEXT4, Message as Message4, TEXTS as TEXTS4, asInApi as asInApi4, given as given4, keepMessages as keepMessages4, msg as msg4, option as option4, shortText as shortText4, shorten as shorten4, textIn as textIn4, warning as warning4 } from "./step-137E04EE.mjs";

// src/batch/versions.ts
async function findVersions({ record, signal }, source, prefixes, objects) {
  const decided = /* @__PURE__ */ new Set();
  try {
    for (const prefix of prefixes) {
      let after;
      do {
        const page = await source.listVersions(prefix, after, signal);
        for (const { key, versionId, etag, size } of page.versions) {
          const object = objects.get(key);
          if (object === void 0 || decided.has(object) || object.etag !== etag || object.size !== size) continue;
          decided.add(object);
          if (versionId !== "null") object.versionId = versionId;
        }
        after = page.next;
      } while (after !== void 0);
    }
  } catch (error) {
    if (!(error instanceof S3RequestError7) || error.status !== 403) throw error;
    record.warn(
      "versions-denied",
      msg4`The versions of "${source.name}" cannot be listed (s3:ListBucketVersions): the jobs of {batchOperations} copy what is current, unless it has changed since it was listed.`
    );
  }
}

// src/batch/copies.ts
var LEAST_IN_JOB = 1e4;
var MOST_SETS = 20;
var MANIFEST_BYTES = 64 * 1024 * 1024;
var WAY = "by S3 Batch Operations";
function batchCopies(prepared, batch, { clock = REAL_CLOCK, leastInJob = LEAST_IN_JOB, manifestBytes = MANIFEST_BYTES } = {}) {
  const { options, paths, splitAbove, dest } = prepared;
  const { dryRun } = options;
  const target = { bucket: paths.bucket, prefix: targetPrefix(paths) };
  const runName = `${(/* @__PURE__ */ new Date()).toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(4).toString("hex")}`;
  const candidates = [];
  const copiedBefore = /* @__PURE__ */ new Map();
  const jobs = /* @__PURE__ */ new Map();
  let context;
  let began = { signed: 0, local: 0 };
  function show(job) {
    jobs.set(job.id ?? `planned ${jobs.size}`, job);
    context?.run.record.emit({ type: "batchJob", job });
  }
  async function takeUp(own) {
    const control = await openControl(own);
    const ended2 = await waitForJobs(own, control, batch.jobs);
    for (const one of ended2) refuseOtherJob(one, target);
    await readReports(own, ended2, (task, id) => {
      if (task.bucket !== paths.sourceBucket) throw otherSource(id, task.bucket, paths.sourceBucket);
      if (task.succeeded) copiedBefore.set(task.key, id);
    });
    for (const { state } of ended2)
      if (state.status === "Cancelled") throw cancelledBefore(state.id, target.bucket, copiedBefore.size);
  }
  function unmodifiedSince(date) {
    const local = Date.now();
    const server = Date.parse(date ?? "");
    const start = Number.isNaN(server) ? began.signed : server - (local - began.local);
    return new Date(Math.floor(start / 1e3) * 1e3);
  }
  async function bindObjects({ run, buckets }, fit) {
    const [first] = fit;
    if (first === void 0) return unmodifiedSince(void 0);
    run.record.countHead("versions of the source");
    const { source } = buckets;
    const { headers = {} } = await source.headObject(first.sourceKey, run.signal) ?? {};
    if (headers["x-amz-version-id"] !== void 0) {
      const byKey = new Map(fit.map((candidate) => [candidate.sourceKey, candidate]));
      const prefixes = paths.selections.map((one) => one.kind === "key" ? one.key : one.orKey ?? one.prefix);
      await findVersions(run, source, prefixes, byKey);
    }
    return unmodifiedSince(headers.date);
  }
  async function runJobs(own, fit, sink) {
    const since = await bindObjects(own, fit);
    const { groups, others } = groupJobs(fit, { least: leastInJob, most: MOST_SETS });
    for (const { planned: planned2 } of others) sink.rest(planned2);
    const planned = planJobs(groups, paths.sourceBucket, manifestBytes);
    const control = await openControl(own);
    const ids = await createJobs(own, control, planned, since);
    const ended2 = await waitForJobs(own, control, ids);
    const bySource = new Map(
      planned.flatMap(({ objects }) => objects.map((candidate) => [candidate.sourceKey, candidate]))
    );
    await readReports(own, ended2, ({ key, succeeded }, id) => {
      const candidate = bySource.get(key);
      if (candidate?.jobId === id) candidate.task = succeeded ? "succeeded" : "failed";
    });
    return ended2;
  }
  async function settleAll({ run, buckets }, all, ended2, sink) {
    const { source, dest: dest2 } = buckets;
    const cancelled = new Set(ended2.flatMap(({ state }) => state.status === "Cancelled" ? state.id : []));
    await findCopies(run, dest2, new Map(all.map((candidate) => [candidate.key, candidate])));
    const check = copyChecker(run, source, dest2);
    return settle(run, all, sink, async (candidate) => {
      const judged = await check(candidate);
      if (judged !== "again") return { verified: judged === "copied" ? "md5" : "none" };
      const { jobId = "", task, planned } = candidate;
      if (task === "unreported" && cancelled.has(jobId)) throw notCopied(candidate, jobId);
      sink.rest(planned);
      return void 0;
    });
  }
  function settle(run, all, sink, judge2) {
    const work = settleObject(run, {
      async settle(candidate) {
        const judged = await judge2(candidate);
        if (judged === void 0) return void 0;
        const { planned, jobId, headers, found, versionId: _ } = candidate;
        const reason = jobId === void 0 ? WAY : `${WAY}, job ${jobId}`;
        const method = { by: "object", layout: "own", relayed: false, reason };
        const stored = { etag: found?.etag, verified: judged.verified, attempts: 0 };
        return replacing(copied(planned.entry, planned.decision, method, stored, headers), planned.remote);
      }
    });
    return runConcurrently(run, blocksOf(all), async (entry) => {
      const outcome = await work({ kind: "planned", entry, remote: { state: "unread" } });
      if (outcome !== void 0) sink.note(outcome);
      return outcome;
    });
  }
  return {
    async begin(run, buckets) {
      refuseOtherServers(buckets);
      await loadSdk();
      run.record.include(() => jobs.size === 0 ? {} : { batchJobs: [...jobs.values()] });
      const { profile } = dest;
      context = { run, buckets, batch, runName, target, profile, clock, show };
      if (batch.jobs.length > 0 && !dryRun) await takeUp(context);
      began = { signed: buckets.source.now(), local: Date.now() };
    },
    takes(copy2) {
      if (batch.jobs.length > 0 || whyNotByJob(copy2.entry, splitAbove) !== void 0) return false;
      candidates.push(candidateOf(copy2));
      return true;
    },
    outcomeOf(entry, outcome) {
      const id = copiedBefore.get(entry.sourceKey);
      if (id === void 0 || outcome?.action !== "skip" || !isUnchanged(outcome.reason)) return outcome;
      const { size: bytes, etag } = entry;
      const facts = { action: "copy", reason: REASONS.copiedByJob, bytes, way: `${WAY}, job ${id}` };
      return { ...outcome, ...facts, verified: "md5", ...etag !== void 0 && { etag } };
    },
    isNeeded: () => candidates.length > 0,
    async carryOut(sink) {
      if (context === void 0) throw new TypeError("begin() comes first");
      const { run, buckets } = context;
      const requestPayer = dest.requestHeaders["x-amz-request-payer"] !== void 0;
      const oddly = ({ planned }) => sink.rest(planned);
      const given6 = { ...prepared, dryRun, requestPayer };
      const { fit, end } = await findHeaders(run, buckets.source, given6, candidates.splice(0), oddly);
      if (end !== void 0 || fit.length === 0) return end;
      if (dryRun) {
        const { groups, others } = groupJobs(fit, { least: leastInJob, most: MOST_SETS });
        for (const { planned: planned2 } of others) sink.rest(planned2);
        const planned = planJobs(groups, paths.sourceBucket, manifestBytes);
        for (const { objects } of planned) show(plannedJob(objects.length));
        const all2 = planned.flatMap(({ objects }) => objects);
        return ended(await settle(run, all2, sink, async () => ({ verified: "none" })));
      }
      const done = await runJobs(context, fit, sink);
      const all = fit.filter(({ jobId }) => jobId !== void 0);
      return ended(await settleAll(context, all, done, sink));
    }
  };
}
function ended(end) {
  return hasEnded(end) ? end : void 0;
}
function plannedJob(objects) {
  return { status: "planned", objects, succeeded: 0, failed: 0, dollars: jobDollars(objects) };
}
function refuseOtherServers({ dest }) {
  const { endpoint } = dest.location;
  if (endpoint === void 0 || serviceEndpoint("S3_CONTROL") !== void 0) return;
  throw new UsageError(
    msg`{batchOperations} is a service of AWS, and the destination is at ${endpoint}.`,
    msg`Leave {batchOperations} out. Where that server has S3 Control too, name its address in AWS_ENDPOINT_URL_S3_CONTROL.`
  );
}
function refuseOtherJob({ state, job }, { bucket, prefix }) {
  const { TargetResource, TargetKeyPrefix = "" } = job.Operation?.S3PutObjectCopy ?? {};
  const own = TargetResource?.replace(/^arn:[^:]+:s3:::/, "");
  if (own === bucket && TargetKeyPrefix === prefix) return;
  const there = own === void 0 ? "copies nothing" : `copies to s3://${own}/${TargetKeyPrefix}`;
  throw new UsageError(
    msg`The job ${state.id} of {batchJob} ${there}, and this run copies to s3://${bucket}/${prefix}.`,
    "Give the source and the destination of the run that has created it."
  );
}
function otherSource(id, found, own) {
  return new UsageError(
    msg`The job ${id} of {batchJob} copies from s3://${found}, and this run copies from s3://${own}.`,
    "Give the source and the destination of the run that has created it."
  );
}
function cancelledBefore(id, bucket, done) {
  return new S3RequestError(`The job ${id} was cancelled after it had copied ${done} objects`, {
    code: "BatchJobCancelled",
    verb: "DescribeJob",
    bucket,
    hint: msg`A run without {batchJob} creates another job for what is missing.`
  });
}
function notCopied({ origin }, id) {
  return new SourceError("BatchJobCancelled", `${origin} was not copied: the job ${id} was cancelled before`, {
    hint: "Run again: what has been copied is compared and skipped."
  });
}

// member:src/encode/header-grammar.ts?src/copy.ts
import { checkedGrammar, headerWarnings, isDateHeader, isSecretHeader } from "./step-137E04EE.mjs";

// member:src/errors.ts?src/copy.ts
import { AbortError as AbortError8, InvalidationError as InvalidationError8, LiveCheckError as LiveCheckError8, PartialFailureError as PartialFailureError8, RefusedError as RefusedError8, RunStoppedError as RunStoppedError8, S3RequestError as S3RequestError8, SourceError as SourceError8, UsageError as UsageError8 } from "./step-137E04EE.mjs";

// member:src/open-put.ts?src/copy.ts
import { includeStrays, openPut, straysAfter, surveySource, walk, warnOfUnmatched, withThreshold } from "./step-137E04EE.mjs";

// member:src/plan/listing/lookup.ts?src/copy.ts
import { dropPlanned, dropUnit, remoteLookup, withRemoteState } from "./step-137E04EE.mjs";

// member:src/plan/listing/parallel.ts?src/copy.ts
import { parallelListing as parallelListing2 } from "./step-137E04EE.mjs";

// member:src/report/message.ts?src/copy.ts
import { LONGEST_CODE as LONGEST_CODE5, LONGEST_TEXT as LONGEST_TEXT5, Message as Message5, TEXTS as TEXTS5, asInApi as asInApi5, given as given5, keepMessages as keepMessages5, msg as msg5, option as option5, shortText as shortText5, shorten as shorten5, textIn as textIn5, warning as warning5 } from "./step-137E04EE.mjs";

// member:src/run/blocks.ts?src/copy.ts
import { MOST_IN_BLOCK as MOST_IN_BLOCK3, blocksOf as blocksOf3, inBlocks as inBlocks3, unitsOf as unitsOf3 } from "./step-137E04EE.mjs";

// member:src/run/record.ts?src/copy.ts
import { announceStart as announceStart3, hasEnded as hasEnded3, noFilesFound as noFilesFound3, runRecord as runRecord3, warnOfSizes as warnOfSizes3 } from "./step-137E04EE.mjs";

// member:src/run/run.ts?src/copy.ts
import { startPhases, startRun } from "./step-137E04EE.mjs";

// member:src/run/workers.ts?src/copy.ts
import { runConcurrently as runConcurrently3 } from "./step-137E04EE.mjs";

// member:src/s3/open.ts?src/copy.ts
import { locationUnopened, openBucket, openBucketOfRun } from "./step-137E04EE.mjs";

// member:src/model/shard.ts?src/shards/copy.ts
import { MOST_SHARDS, SHARD_SCHEME, isOfShard, shardOf, shardText } from "./step-137E04EE.mjs";

// member:src/s3/open.ts?src/shards/copy.ts
import { locationUnopened as locationUnopened2, openBucket as openBucket2, openBucketOfRun as openBucketOfRun2 } from "./step-137E04EE.mjs";

// src/shards/copy.ts
function shareOfCopy({
  shard,
  paths,
  dest
}) {
  if (shard === void 0) return void 0;
  const { endpoint } = locationUnopened2(dest);
  const facts = {
    ...shard,
    scheme: SHARD_SCHEME,
    command: "copy",
    destination: `s3://${paths.bucket}/${paths.prefix}`,
    ...endpoint !== void 0 && { endpoint }
  };
  let others = 0;
  return {
    owns: (key) => isOfShard(key, shard),
    onOther() {
      others += 1;
    },
    others: () => others,
    report: (own) => ({ ...facts, objects: own + others, own, left: 0 })
  };
}

// member:src/errors.ts?src/source/bucket.ts
import { AbortError as AbortError9, InvalidationError as InvalidationError9, LiveCheckError as LiveCheckError9, PartialFailureError as PartialFailureError9, RefusedError as RefusedError9, RunStoppedError as RunStoppedError9, S3RequestError as S3RequestError9, SourceError as SourceError9, UsageError as UsageError9 } from "./step-137E04EE.mjs";

// member:src/model/key.ts?src/source/bucket.ts
import { MAX_KEY_BYTES, checkOwnKey, copyPrefix, keyProblem, normalizePrefix, parseAddress, parseBucket, withSlash } from "./step-137E04EE.mjs";

// member:src/model/key-order.ts?src/source/bucket.ts
import { compareKeys, justBelow, utf16Disagrees } from "./step-137E04EE.mjs";

// src/source/bucket.ts
var HEADS_AT_ONCE = 64;
async function* bucketSource(deps, signal) {
  const isSource = sourceKeys(deps);
  let taken = 0;
  for await (const one of walkSelections(withOwnKeys(deps), signal)) {
    if (!isNamed(deps, one)) continue;
    if (!hasSize(deps, one)) {
      if (deps.leftOut) yield { kind: "leftOut", key: keyOf(deps, one), below: false };
      continue;
    }
    const found = toFound(deps, one, isSource);
    if (found.kind === "entry") taken += 1;
    if (deps.owns?.(found.key) ?? true) yield found;
    else deps.onOther?.();
    if (taken >= deps.limit) return;
  }
}
function withOwnKeys(deps) {
  const { owns, paths, limit } = deps;
  if (owns === void 0 || limit !== Number.POSITIVE_INFINITY) return deps;
  const selections = paths.selections.filter((one) => {
    const own = one.kind !== "key" || owns(keyOf(deps, one));
    if (!own) deps.onOther?.();
    return own;
  });
  return { ...deps, paths: { ...paths, selections } };
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
    if (!(error instanceof S3RequestError9)) throw error;
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
      new SourceError9("NoSuchKey", `${origin} does not exist`, { hint: "Check the key, or leave it out." })
    );
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES)
    return failing(new SourceError9("KeyTooLong", `The key is ${bytes} bytes long in UTF-8; S3 takes at most 1,024.`));
  if (isSource(key))
    return failing(new SourceError9("InSource", `s3://${paths.bucket}/${key} is itself part of the source`));
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
import { slipIn, unmatchedWarning } from "./step-137E04EE.mjs";

// member:src/source/names.ts?src/copy.ts
import { HOST_FILES, nameWatch, namesSourceMaps, watchNames } from "./step-137E04EE.mjs";

// member:src/transfer/body/hash.ts?src/copy.ts
import { etagInParts, inParallel, md5Hasher } from "./step-137E04EE.mjs";

// member:src/encode/copy-headers.ts?src/transfer/copy/copier.ts
import { COPIED_FROM as COPIED_FROM2, prepareCopyHeaders as prepareCopyHeaders2 } from "./step-137E04EE.mjs";

// member:src/errors.ts?src/transfer/copy/copier.ts
import { AbortError as AbortError10, InvalidationError as InvalidationError10, LiveCheckError as LiveCheckError10, PartialFailureError as PartialFailureError10, RefusedError as RefusedError10, RunStoppedError as RunStoppedError10, S3RequestError as S3RequestError10, SourceError as SourceError10, UsageError as UsageError10 } from "./step-137E04EE.mjs";

// member:src/model/etag.ts?src/transfer/copy/copier.ts
import { endsInPartCount as endsInPartCount2, isHeaderEtag as isHeaderEtag2, isMd5 as isMd52, multipartEtag as multipartEtag2, partCountOf as partCountOf2 } from "./step-137E04EE.mjs";

// member:src/plan/copy-method.ts?src/transfer/copy/copier.ts
import { LARGEST_COPY, copyMethod, inOwnRanges, sameService } from "./step-137E04EE.mjs";

// member:src/transfer/multipart/types.ts?src/transfer/copy/copier.ts
import { ChangedWhileRead, multipartContext, partHeaders } from "./step-137E04EE.mjs";

// member:src/transfer/copy/annotations.ts?src/transfer/copy/copier.ts
import { holdAnnotations, keepAnnotations } from "./step-137E04EE.mjs";

// member:src/transfer/copy/context.ts?src/transfer/copy/copier.ts
import { copied as copied2, readFrom as readFrom2 } from "./step-137E04EE.mjs";

// member:src/errors.ts?src/transfer/copy/copy-object.ts
import { AbortError as AbortError11, InvalidationError as InvalidationError11, LiveCheckError as LiveCheckError11, PartialFailureError as PartialFailureError11, RefusedError as RefusedError11, RunStoppedError as RunStoppedError11, S3RequestError as S3RequestError11, SourceError as SourceError11, UsageError as UsageError11 } from "./step-137E04EE.mjs";

// member:src/model/etag.ts?src/transfer/copy/copy-object.ts
import { endsInPartCount as endsInPartCount3, isHeaderEtag as isHeaderEtag3, isMd5 as isMd53, multipartEtag as multipartEtag3, partCountOf as partCountOf3 } from "./step-137E04EE.mjs";

// member:src/transfer/multipart/types.ts?src/transfer/copy/copy-object.ts
import { ChangedWhileRead as ChangedWhileRead2, multipartContext as multipartContext2, partHeaders as partHeaders2 } from "./step-137E04EE.mjs";

// member:src/transfer/result.ts?src/transfer/copy/copy-object.ts
import { appeared as appeared2, interrupted as interrupted2, isDeleted as isDeleted2, isUnmet as isUnmet2, orUnknown as orUnknown2, reasonOf as reasonOf2, replacing as replacing2, settleObject as settleObject2, skipped as skipped2, writeError as writeError2 } from "./step-137E04EE.mjs";

// member:src/transfer/copy/context.ts?src/transfer/copy/copy-object.ts
import { copied as copied3, readFrom as readFrom3 } from "./step-137E04EE.mjs";

// member:src/transfer/copy/copy-parts.ts?src/transfer/copy/copy-object.ts
import { copySource, partsCopier } from "./step-137E04EE.mjs";

// member:src/transfer/copy/source.ts?src/transfer/copy/copy-object.ts
import { changedAgain, headPart, isSourceChanged, partsProvenByDate, refreshed, sourceExtras, sourceHead, sourceLayout, whyHead } from "./step-137E04EE.mjs";

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
      if (verified !== "mismatch") return copied3(entry, decision, method, { ...answer, verified }, own);
      if (tries === TRIES) throw mismatch(context, entry, answer);
    }
  } catch (thrown) {
    const error = writeError2(context.record, entry, thrown);
    if (!(error instanceof S3RequestError11) || error.status !== 412) throw error;
    return await resolveRefusal(context, { entry, decision, method, headers: own }, error);
  } finally {
    context.record.waiting.delete(key);
  }
}
async function resolveRefusal({ dest, signal }, { entry, decision, method, headers }, refused) {
  const { attempts } = refused;
  const { key, size, etag, origin } = entry;
  if (decision.onlyIfAbsent === void 0) throw new ChangedWhileRead2(origin);
  if (refused.verb === "HeadObject") return appeared2(size, attempts);
  const there = await orUnknown2(entry, dest.headObject(key, signal));
  if (there === void 0) throw new ChangedWhileRead2(origin);
  if (there.size !== size || there.etag !== etag) return appeared2(entry.size, attempts);
  return copied3(entry, decision, method, { etag, verified: "md5", attempts }, headers);
}
async function judge(context, entry, answer) {
  const { source, dest, kms, countHead, signal } = context;
  const { etag, sourceKey, versionId } = entry;
  if (answer.encrypted) kms.dest = true;
  if (!isMd53(etag) || !isMd53(answer.etag) || answer.encrypted) return "none";
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
  return new S3RequestError11(message, {
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
import { copySource as copySource2, partsCopier as partsCopier2 } from "./step-137E04EE.mjs";

// member:src/transfer/copy/refusals.ts?src/transfer/copy/copier.ts
import { checkRestored, checkTier, explained, isListedAsArchived } from "./step-137E04EE.mjs";

// member:src/transfer/copy/relay.ts?src/transfer/copy/copier.ts
import { relayObject, relayedParts } from "./step-137E04EE.mjs";

// member:src/transfer/copy/source.ts?src/transfer/copy/copier.ts
import { changedAgain as changedAgain2, headPart as headPart2, isSourceChanged as isSourceChanged2, partsProvenByDate as partsProvenByDate2, refreshed as refreshed2, sourceExtras as sourceExtras2, sourceHead as sourceHead2, sourceLayout as sourceLayout2, whyHead as whyHead2 } from "./step-137E04EE.mjs";

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
  if (!(error instanceof S3RequestError10) || error.status !== 501) return false;
  return error.verb === "CopyObject" || error.verb === "UploadPartCopy";
}
function headsFor(entry, { by, layout }, why) {
  if (why === void 0 || by === "parts" && isListedAsArchived(entry)) return 0;
  return by === "parts" && layout === "source" && (partCountOf2(entry.etag) ?? 1) > 2 ? 3 : 1;
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
    return copied2(entry, decision, method, nothing, of({ key, storageClass: void 0 }));
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
  const headers = prepareCopyHeaders2(prepared);
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
      if (!(error instanceof S3RequestError10) || error.status === void 0 || error.status >= 500) throw error;
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
import { COPIED_FROM as COPIED_FROM3, prepareCopyHeaders as prepareCopyHeaders3 } from "./step-137E04EE.mjs";

// member:src/plan/compare.ts?src/transfer/copy/settle.ts
import { compareContent, compareCopies, compareEncoded } from "./step-137E04EE.mjs";

// member:src/plan/decide.ts?src/transfer/copy/settle.ts
import { decide, decideStream } from "./step-137E04EE.mjs";

// member:src/report/reasons.ts?src/transfer/copy/settle.ts
import { COPIED_BY_SERVER as COPIED_BY_SERVER2, HEADS as HEADS2, REASONS as REASONS2, countUnchanged as countUnchanged2, isKept as isKept2, isLeftOut as isLeftOut2, isNew as isNew2, isOtherContent as isOtherContent2, isUnchanged as isUnchanged2, isUnchangedButHeaders as isUnchangedButHeaders2, isUncompared as isUncompared2, keptUntil as keptUntil2, unproven as unproven2 } from "./step-137E04EE.mjs";

// member:src/transfer/head.ts?src/transfer/copy/settle.ts
import { findObjects, headMet, headObjects, headRemote, headStored, keptHeads, objectNow, proofOf, stateOf } from "./step-137E04EE.mjs";

// member:src/transfer/result.ts?src/transfer/copy/settle.ts
import { appeared as appeared3, interrupted as interrupted3, isDeleted as isDeleted3, isUnmet as isUnmet3, orUnknown as orUnknown3, reasonOf as reasonOf3, replacing as replacing3, settleObject as settleObject3, skipped as skipped3, writeError as writeError3 } from "./step-137E04EE.mjs";

// src/transfer/copy/settle.ts
function copyWork(run, own) {
  const { options, source, dest, perform, headersGiven } = own;
  const compare = compareCopy({ headSource: headObjects(run, source), headDest: headObjects(run, dest) });
  const settling = (later) => settleObject3(run, {
    async settle(entry, listed) {
      const remote = listed.state === "unlisted" ? await headRemote(run, dest, entry.key) : listed;
      let decision = decide(options, entry.size, remote);
      if (decision.action === "compare") {
        if (remote.state !== "present") throw new TypeError("nothing remote to compare with");
        decision = await compare(entry, remote);
      }
      if (decision.action === "put") {
        if (later === void 0) return replacing3(await perform(entry, decision), remote);
        const { key, origin, size } = entry;
        later({ kind: "entry", key, origin, size, entry, decision, remote });
        return void 0;
      }
      const unseen = decision.reason === REASONS2.sameContent && headersGiven;
      return skipped3(unseen ? REASONS2.sameContentOnly : decision.reason, entry.size);
    }
  });
  const writing = settleObject3(run, {
    settle: async ({ entry, decision, remote }) => replacing3(await perform(entry, decision), remote)
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
  return { kms: head.kms === true, checksum: head.checksum, copiedFrom: head.metadata?.[COPIED_FROM3] };
}

// member:src/transfer/phases.ts?src/copy.ts
import { counting, phasedWork } from "./step-137E04EE.mjs";

// member:src/transfer/strays.ts?src/copy.ts
import { strayDeletes } from "./step-137E04EE.mjs";

// member:src/transfer/threads/work-threads.ts?src/copy.ts
import { workThreads } from "./step-137E04EE.mjs";

// src/copy.ts
function copy(options) {
  return startCopy(options, {});
}
function startCopy(options, internals) {
  return startPrepared(prepareCopy(options), internals);
}
function copyPrepared(prepared, onEvent, internals = {}) {
  return startPrepared({ ...prepared, options: { ...prepared.options, onEvent } }, internals);
}
function startPrepared(checked, internals) {
  const prepared = withThreshold(checked, internals.threshold);
  const { distributeCopy } = internals;
  const work = distributeCopy === void 0 ? (run) => transfer(run, prepared, internals) : (run) => distributed(run, prepared, internals, distributeCopy);
  const phases = prepared.options.delete || prepared.batch !== void 0 ? copyInPhases(prepared, internals) : [{ name: "transfer", work }];
  return startPhases({ ...prepared.options, limiterClock: internals.limiterClock }, phases);
}
async function transfer(run, prepared, internals) {
  const opened = await openCopy(run, prepared, internals);
  const end = await runConcurrently3(run, opened.units, opened.work.settle);
  await straysAfter2(run, prepared, opened, end);
  opened.finish(end, run.record.objects);
  return end;
}
async function distributed(run, prepared, internals, distribute) {
  const { options, paths } = prepared;
  const { record } = run;
  const source = await openBucketOfRun(run, paths.sourceBucket, prepared.source, { ...internals, ...options });
  announceStart3(record, {
    ...locationUnopened(prepared.dest),
    ...paths,
    from: [prepared.from],
    dryRun: options.dryRun
  });
  for (const { code, message } of headerWarnings(prepared.headers)) record.warn(code, message);
  const unmatched = [];
  const end = await distribute(
    run,
    objectsToCopy(run, prepared, source, (prefix) => unmatched.push(prefix), void 0)
  );
  warnAfter(run, prepared, { end, objects: record.objects, unmatched });
  return end;
}
function copyInPhases(prepared, internals) {
  const writes = phasedWork(["transfer", "deletes"]);
  let opened;
  let deletes;
  const { batch: batchOptions } = prepared;
  const batch = batchOptions && batchCopies(prepared, batchOptions, { ...internals.batch, clock: internals.clock });
  const later = (copy2) => writes.add("transfer", copy2);
  async function planAll(run) {
    run.own({ close: () => writes.drop(() => {
    }) });
    run.record.include(() => ({ phases: writes.report() }));
    opened = await openCopy(run, prepared, internals);
    const bucket = opened.dest;
    deletes = strayDeletes(run, { ...prepared, prefix: prepared.paths.prefix, writes, bucket });
    const found = { objects: 0, bytes: 0 };
    let outside;
    await batch?.begin(run, opened);
    const decide2 = opened.work.plan((copy2) => {
      if (batch?.takes(copy2) !== true) later(copy2);
    });
    const end = await runConcurrently3(run, opened.units, async (unit) => {
      found.objects += 1;
      if (unit.kind === "planned") {
        found.bytes += unit.entry.size;
        if (!unit.entry.key.startsWith(prepared.mirror?.prefix ?? "")) outside = unit.entry;
      }
      const decided = await decide2(unit);
      const outcome = unit.kind === "planned" && batch ? batch.outcomeOf(unit.entry, decided) : decided;
      if (outcome?.action === "fail" || outcome?.action === "unknown") writes.note("transfer", outcome);
      return outcome;
    });
    const strays = await straysAfter2(run, prepared, opened, end);
    opened.finish(end, found.objects);
    if (hasEnded3(end)) return end;
    if (prepared.options.delete && outside !== void 0) throw onlyObject(outside);
    run.record.expect(found);
    if (prepared.options.delete && strays !== void 0 && found.objects > 0) await deletes.plan(strays);
    return void 0;
  }
  return [
    { name: "plan", work: planAll },
    {
      name: "batch",
      needed: () => batch?.isNeeded() === true,
      work: async () => batch?.carryOut({ rest: later, note: (outcome) => writes.note("transfer", outcome) })
    },
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
  return new UsageError8(
    msg5`{delete} needs a folder as source, but there is only the object ${origin}: it does not say which keys are no longer wanted.`,
    msg5`Check the source, or leave {delete} out.`
  );
}
async function openCopy(run, prepared, internals) {
  const { options, paths } = prepared;
  const { record } = run;
  const open = (name, connection) => openBucketOfRun(run, name, connection, { ...internals, ...options });
  const source = await open(paths.sourceBucket, prepared.source);
  const dest = await open(paths.bucket, prepared.dest);
  announceStart3(record, { ...dest.location, ...paths, from: [prepared.from], dryRun: options.dryRun });
  warnOfSizes3(record, options);
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
  const share = shareOfCopy(prepared);
  if (share !== void 0) record.include(() => ({ shard: share.report(record.objects) }));
  const found = watchNames(
    internals.entries ?? objectsToCopy(run, prepared, source, (prefix) => unmatched.push(prefix), share),
    names
  );
  const remote = lookupFor(run, prepared, source, dest);
  return {
    source,
    dest,
    open: (name) => open(name, prepared.dest),
    units: withRemoteState(inBlocks3(found), remote, options.mode !== "stupid"),
    remote,
    work,
    finish(end, objects) {
      const onFiles = dest.facts().keepsFiles ? names.fileServerWarning() : void 0;
      if (onFiles !== void 0) record.warn(...onFiles);
      warnAfter(run, prepared, { end, objects, unmatched, others: share?.others() ?? 0 });
    }
  };
}
function warnAfter({ record, stop }, prepared, walked) {
  const { options, paths } = prepared;
  const { end, objects, unmatched, others = 0 } = walked;
  if (end.aborted === void 0 && end.error === void 0 && stop.error === void 0 && objects + others === 0)
    noFilesFound3(record, options.ifNoFilesFound, {
      empty: `There is nothing to copy: no object was found for ${prepared.from}.`
    });
  if (unmatched.length > 0 && paths.selections.length > 1) record.warn("prefix-unmatched", unmatchedText(unmatched));
  if (hasEnded3(end) || stop.signal.aborted || objects === 0 || objects >= options.limit) return;
  const filters = unmatchedWarning(unmatchedOnBothSides(prepared), [prepared.from]);
  if (filters !== void 0) record.warn(...filters);
}
async function straysAfter2({ record }, { options, mirror }, { remote }, end) {
  const sought = options.listStrays && mirror !== void 0 && !hasEnded3(end);
  return includeStrays(record, sought ? await remote?.strays() : void 0);
}
function objectsToCopy({ record, signal, stop }, { options, paths, filter, oneService }, source, onUnmatched, share) {
  return bucketSource(
    {
      ...options,
      onUnmatched,
      owns: share?.owns,
      onOther: share?.onOther,
      paths,
      filter,
      oneBucket: oneService && paths.bucket === paths.sourceBucket,
      leftOut: options.listStrays,
      mayJump: () => !options.listStrays || source.facts().orderedListing === true,
      pages: (prefix) => parallelListing2(source.listObjects, { prefix, bucket: source.name, signal: stop.signal }),
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
    list: parallelListing2(dest.listObjects, { prefix, bucket: dest.name, signal: stop.signal }),
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
