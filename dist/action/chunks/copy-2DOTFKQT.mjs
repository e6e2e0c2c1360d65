import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  headerSet,
  prepareCopy,
  targetPrefix,
  whyNotByJob
} from "./chunk-H5KBYABR.mjs";
import "./chunk-B2NAOQ5N.mjs";

// src/batch/copies.ts
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

// member:src/errors.ts?src/batch/copies.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-9F1F6A95.mjs";

// member:src/model/etag.ts?src/batch/copies.ts
import { endsInPartCount, isHeaderEtag, isMd5, multipartEtag, partCountOf } from "./step-9F1F6A95.mjs";

// member:src/plan/listing/lookup.ts?src/batch/copies.ts
import { dropPlanned, dropUnit, remoteLookup, withRemoteState } from "./step-9F1F6A95.mjs";

// member:src/plan/listing/parallel.ts?src/batch/copies.ts
import { parallelListing } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/batch/copies.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-9F1F6A95.mjs";

// member:src/report/reasons.ts?src/batch/copies.ts
import { COPIED_BY_SERVER, HEADS, REASONS, countUnchanged, isKept, isLeftOut, isNew, isOtherContent, isUnchanged, isUnchangedButHeaders, isUncompared, keptUntil, unproven } from "./step-9F1F6A95.mjs";

// member:src/run/blocks.ts?src/batch/copies.ts
import { MOST_IN_BLOCK, blocksFrom, blocksOf, inBlocks, unitsOf } from "./step-9F1F6A95.mjs";

// member:src/run/record.ts?src/batch/copies.ts
import { announceStart, hasEnded, noFilesFound, runRecord, warnOfSizes } from "./step-9F1F6A95.mjs";

// member:src/run/workers.ts?src/batch/copies.ts
import { runConcurrently } from "./step-9F1F6A95.mjs";

// member:src/s3/middleware/retry.ts?src/batch/copies.ts
import { REAL_CLOCK, RetryBudget, withRetries } from "./step-9F1F6A95.mjs";

// member:src/s3/plain-settings.ts?src/batch/copies.ts
import { ownEndpoint, plainSettings, serviceEndpoint } from "./step-9F1F6A95.mjs";

// member:src/transfer/copy/context.ts?src/batch/copies.ts
import { copied, readFrom } from "./step-9F1F6A95.mjs";

// member:src/transfer/head.ts?src/batch/copies.ts
import { findObjects, headMet, headObjects, headRemote, headStored, keptHeads, objectNow, proofOf, stateOf } from "./step-9F1F6A95.mjs";

// member:src/transfer/result.ts?src/batch/copies.ts
import { appeared, interrupted, isDeleted, isUnmet, orUnknown, reasonOf, replacing, settleObject, skipped, writeError } from "./step-9F1F6A95.mjs";

// member:src/encode/copy-headers.ts?src/batch/candidates.ts
import { COPIED_FROM, prepareCopyHeaders } from "./step-9F1F6A95.mjs";

// member:src/errors.ts?src/batch/candidates.ts
import { AbortError as AbortError2, InvalidationError as InvalidationError2, LiveCheckError as LiveCheckError2, PartialFailureError as PartialFailureError2, RefusedError as RefusedError2, RunStoppedError as RunStoppedError2, S3RequestError as S3RequestError2, SourceError as SourceError2, UsageError as UsageError2 } from "./step-9F1F6A95.mjs";

// member:src/run/blocks.ts?src/batch/candidates.ts
import { MOST_IN_BLOCK as MOST_IN_BLOCK2, blocksFrom as blocksFrom2, blocksOf as blocksOf2, inBlocks as inBlocks2, unitsOf as unitsOf2 } from "./step-9F1F6A95.mjs";

// member:src/run/record.ts?src/batch/candidates.ts
import { announceStart as announceStart2, hasEnded as hasEnded2, noFilesFound as noFilesFound2, runRecord as runRecord2, warnOfSizes as warnOfSizes2 } from "./step-9F1F6A95.mjs";

// member:src/run/workers.ts?src/batch/candidates.ts
import { runConcurrently as runConcurrently2 } from "./step-9F1F6A95.mjs";

// src/batch/candidates.ts
function candidateContext(run, source, given7, dryRun, oddly) {
  return { run, source, headers: prepareCopyHeaders(given7), fieldsOf: fieldsOfHeaders(), dryRun, oddly };
}
var WHY = "headers are replaced";
async function findHeaders(context, planned, sorted) {
  const { run, headers, dryRun } = context;
  if (!headers.replaceMetadata || dryRun) return { candidates: withKnownHeaders(context, planned) };
  const end = await runConcurrently2(run, blocksFrom2(planned), async (copy2) => {
    run.record.countHead(WHY);
    const candidate = candidateOf(context, copy2, await headedHeaders(context, copy2));
    if (candidate !== void 0) sorted.add(candidate);
    return void 0;
  });
  return { candidates: sorted.read(), ...hasEnded2(end) && { end } };
}
function* withKnownHeaders(context, planned) {
  const { run, headers } = context;
  for (const copy2 of planned) {
    if (headers.replaceMetadata) run.record.countHead(WHY);
    const { key, storageClass } = copy2.entry;
    const own = headers.ofCopy({ key, storageClass, ...headers.replaceMetadata && { source: {} } });
    const candidate = candidateOf(context, copy2, own);
    if (candidate !== void 0) yield candidate;
  }
}
function candidateOf({ fieldsOf, oddly }, planned, headers) {
  if (headers !== void 0 && fieldsOf(headers) !== void 0)
    return { planned, versionId: planned.entry.versionId, headers };
  oddly(
    planned,
    headers === void 0 ? "changed, or with what only a HEAD shows" : "with headers that a job cannot set"
  );
  return void 0;
}
async function headedHeaders({ run: { signal }, source, headers }, { entry }) {
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
var MOST_KNOWN = 1e3;
function fieldsOfHeaders() {
  const known = /* @__PURE__ */ new Map();
  return (headers) => {
    const name = JSON.stringify(headers);
    if (known.has(name)) return known.get(name);
    const { fields } = headerSet(headers);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(name, fields);
    return fields;
  };
}

// member:src/errors.ts?src/batch/check-copies.ts
import { AbortError as AbortError3, InvalidationError as InvalidationError3, LiveCheckError as LiveCheckError3, PartialFailureError as PartialFailureError3, RefusedError as RefusedError3, RunStoppedError as RunStoppedError3, S3RequestError as S3RequestError3, SourceError as SourceError3, UsageError as UsageError3 } from "./step-9F1F6A95.mjs";

// member:src/model/key-order.ts?src/batch/check-copies.ts
import { compareKeys, justBelow, utf16Disagrees } from "./step-9F1F6A95.mjs";

// src/batch/merge-sorted.ts
function* mergeSorted(sources, compare) {
  const heads = [];
  for (const source of sources) {
    const rest = source[Symbol.iterator]();
    const { done, value } = rest.next();
    if (done !== true) heads.push({ value, rest });
  }
  heads.sort((a, b) => compare(a.value, b.value));
  for (let least = heads[0]; least !== void 0; least = heads[0]) {
    yield least.value;
    const { done, value } = least.rest.next();
    if (done !== true) least.value = value;
    else {
      const last = heads.pop();
      if (last === void 0 || heads.length === 0) return;
      heads[0] = last;
    }
    sink(heads, (a, b) => compare(a.value, b.value));
  }
}
function sink(heap, compare) {
  for (let at = 0; ; ) {
    let child = 2 * at + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left === void 0) return;
    if (right !== void 0 && compare(right, left) < 0) child += 1;
    const [parent, least] = [heap[at], heap[child]];
    if (compare(parent, least) <= 0) return;
    heap[at] = least;
    heap[child] = parent;
    at = child;
  }
}

// member:src/model/etag.ts?src/batch/verdict.ts
import { endsInPartCount as endsInPartCount2, isHeaderEtag as isHeaderEtag2, isMd5 as isMd52, multipartEtag as multipartEtag2, partCountOf as partCountOf2 } from "./step-9F1F6A95.mjs";

// src/batch/verdict.ts
function verdict(after) {
  const { task, differed, size, etag, found, kms } = after;
  if (found === void 0 || found.size !== size) return "again";
  if (isMd52(etag) && found.etag?.toLowerCase() === etag.toLowerCase())
    return task === "succeeded" || differed ? "copied" : "again";
  if (task !== "succeeded") return "again";
  return kms ? "unproven" : "ask";
}

// src/batch/check-copies.ts
function copiesOf(jobs) {
  return mergeSorted(jobs.map(withTasks), (a, b) => compareKeys(a.key, b.key));
}
function* withTasks({ id, objects, report }) {
  const lines = report?.read();
  let line = lines?.next().value;
  for (const candidate of objects.read()) {
    const { key, origin, size, entry } = candidate.planned;
    let task = "unreported";
    for (; line !== void 0; line = lines?.next().value) {
      const order = compareKeys(line[0], entry.sourceKey);
      if (order > 0) break;
      if (order === 0 && task !== "succeeded") task = line[1] === 1 ? "succeeded" : "failed";
    }
    yield { ...candidate, kind: "entry", key, origin, size, jobId: id, task };
  }
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
  return async ({ key, size, task, versionId, planned }, lookup) => {
    const { remote, entry } = planned;
    const { etag, sourceKey } = entry;
    const differed = remote.state === "absent" || remote.state === "present" && remote.etag !== etag;
    const found = lookup.state === "present" ? lookup : void 0;
    const judged = verdict({ task, differed, size, etag, found, kms });
    if (judged !== "ask") return judged;
    const ask = async () => {
      const encrypted2 = await isEncrypted(dest, key, void 0) || await isEncrypted(source, sourceKey, versionId);
      kms ||= encrypted2;
      return encrypted2;
    };
    const isFirst = first === void 0;
    first ??= ask();
    const encrypted = await first || !isFirst && await ask();
    return encrypted ? "unproven" : "again";
  };
}

// src/batch/control.ts
import { isIP } from "node:net";

// member:src/errors.ts?src/batch/control.ts
import { AbortError as AbortError4, InvalidationError as InvalidationError4, LiveCheckError as LiveCheckError4, PartialFailureError as PartialFailureError4, RefusedError as RefusedError4, RunStoppedError as RunStoppedError4, S3RequestError as S3RequestError4, SourceError as SourceError4, UsageError as UsageError4 } from "./step-9F1F6A95.mjs";

// member:src/model/error-codes.ts?src/batch/control.ts
import { ERROR_CODES, errorCode, isCredentialsError } from "./step-9F1F6A95.mjs";

// member:src/model/version.ts?src/batch/control.ts
import { VERSION } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/batch/control.ts
import { LONGEST_CODE as LONGEST_CODE2, LONGEST_TEXT as LONGEST_TEXT2, Message as Message2, TEXTS as TEXTS2, asInApi as asInApi2, given as given2, keepMessages as keepMessages2, msg as msg2, option as option2, shortText as shortText2, shorten as shorten2, textIn as textIn2, warning as warning2 } from "./step-9F1F6A95.mjs";

// member:src/run/abort.ts?src/batch/control.ts
import { orAborted, stopSwitch, untilAborted } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/xml.ts?src/s3/caller-identity.ts
import { beginningOf, decoded, detachStrings, eachChild, eachPlainChild, elementText, elements, escapeXml, fitsXml, isTrue, numberIn, rootName, rootOf, timeIn } from "./step-9F1F6A95.mjs";

// member:src/s3/plain-settings.ts?src/s3/caller-identity.ts
import { ownEndpoint as ownEndpoint2, plainSettings as plainSettings2, serviceEndpoint as serviceEndpoint2 } from "./step-9F1F6A95.mjs";

// member:src/s3/sign.ts?src/s3/caller-identity.ts
import { EMPTY_SHA256, amzDate, canonicalQuery, canonicalSigner, canonicalValue, encodeKey, encodeValue, sha256Hex, signedNames, signer } from "./step-9F1F6A95.mjs";

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
import { decideRetry, isAnswerLost, isUnreached, retryDelay, verdict as verdict2, verdictFor } from "./step-9F1F6A95.mjs";

// member:src/s3/sdk/node-warning.ts?src/batch/control.ts
import { disableNodeWarning } from "./step-9F1F6A95.mjs";

// member:src/s3/service-failure.ts?src/batch/control.ts
import { serviceFailure, serviceRetryKind } from "./step-9F1F6A95.mjs";

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
    const hint = hintFor(verb, code, { denied, answered: status !== void 0, role, account, caller });
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
    msg2`The account of the jobs is not known: STS did not answer (sts:GetCallerIdentity)${account === void 0 ? "" : ` (${account.message})`}.`,
    msg2`Give {batchRole}, whose ARN has the account id, or check the credentials by aws sts get-caller-identity.`
  );
}
function hintFor(verb, code, { denied, answered, role, account, caller }) {
  if (caller !== void 0 && caller !== account)
    return msg2`The credentials are those of the account ${caller} (aws sts get-caller-identity), and the role of {batchRole} is in ${account}: give a role of ${caller}, or credentials of ${account}.`;
  if (denied && verb === "CreateJob")
    return msg2`Allow the credentials s3:CreateJob, and iam:PassRole on ${role?.arn ?? "the role"}. docs/batch-operations.md has the policies.`;
  if (denied) return "Allow the credentials s3:DescribeJob. docs/batch-operations.md has the policies.";
  if (verb === "DescribeJob" && /NoSuchJob|NotFound/.test(code))
    return msg2`The account ${account} has no such job in this region. Check {batchJob} and the region; S3 forgets jobs 90 days after their end.`;
  if (!answered) return "Check the network, the proxy, and what AWS_ENDPOINT_URL_S3_CONTROL names, if anything.";
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

// member:src/errors.ts?src/batch/earlier-jobs.ts
import { AbortError as AbortError5, InvalidationError as InvalidationError5, LiveCheckError as LiveCheckError5, PartialFailureError as PartialFailureError5, RefusedError as RefusedError5, RunStoppedError as RunStoppedError5, S3RequestError as S3RequestError5, SourceError as SourceError5, UsageError as UsageError5 } from "./step-9F1F6A95.mjs";

// member:src/model/key-order.ts?src/batch/earlier-jobs.ts
import { compareKeys as compareKeys2, justBelow as justBelow2, utf16Disagrees as utf16Disagrees2 } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/batch/earlier-jobs.ts
import { LONGEST_CODE as LONGEST_CODE3, LONGEST_TEXT as LONGEST_TEXT3, Message as Message3, TEXTS as TEXTS3, asInApi as asInApi3, given as given3, keepMessages as keepMessages3, msg as msg3, option as option3, shortText as shortText3, shorten as shorten3, textIn as textIn3, warning as warning3 } from "./step-9F1F6A95.mjs";

// member:src/errors.ts?src/batch/run-jobs.ts
import { AbortError as AbortError6, InvalidationError as InvalidationError6, LiveCheckError as LiveCheckError6, PartialFailureError as PartialFailureError6, RefusedError as RefusedError6, RunStoppedError as RunStoppedError6, S3RequestError as S3RequestError6, SourceError as SourceError6, UsageError as UsageError6 } from "./step-9F1F6A95.mjs";

// member:src/report/batch-jobs.ts?src/batch/run-jobs.ts
import { batchJobLines, batchJobText, isJobHeld, jobUnknown, jobsLeft } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/batch/run-jobs.ts
import { LONGEST_CODE as LONGEST_CODE4, LONGEST_TEXT as LONGEST_TEXT4, Message as Message4, TEXTS as TEXTS4, asInApi as asInApi4, given as given4, keepMessages as keepMessages4, msg as msg4, option as option4, shortText as shortText4, shorten as shorten4, textIn as textIn4, warning as warning4 } from "./step-9F1F6A95.mjs";

// src/batch/jobs.ts
import { createHash } from "node:crypto";

// member:src/model/verbs.ts?src/batch/jobs.ts
import { REQUEST_DOLLARS, VERBS, isNeeded, maxResponseBytes, storageDollars } from "./step-9F1F6A95.mjs";

// member:src/s3/sign.ts?src/batch/manifest.ts
import { EMPTY_SHA256 as EMPTY_SHA2562, amzDate as amzDate2, canonicalQuery as canonicalQuery2, canonicalSigner as canonicalSigner2, canonicalValue as canonicalValue2, encodeKey as encodeKey2, encodeValue as encodeValue2, sha256Hex as sha256Hex2, signedNames as signedNames2, signer as signer2 } from "./step-9F1F6A95.mjs";

// src/batch/manifest.ts
function manifestLine(bucket, { key, versionId }) {
  const version = versionId === void 0 ? "" : `,${encodeURIComponent(versionId)}`;
  return `${bucket},${encodeKey2(key)}${version}
`;
}
function* piecesOf(lines, least) {
  let open = [];
  let bytes = 0;
  for (const line of lines) {
    open.push(line);
    bytes += line.length;
    if (bytes < least) continue;
    yield Buffer.from(open.join(""));
    open = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.from(open.join(""));
}

// src/batch/pause.ts
import { setImmediate } from "node:timers/promises";
var UNTIL_PAUSE = 2e3;
async function pause(signal) {
  await setImmediate();
  signal.throwIfAborted();
}

// src/batch/jobs.ts
function setOf(fields, versionId) {
  return `${versionId === void 0 ? "current" : "version"} ${JSON.stringify(fields)}`;
}
var MOST_COUNTED = 1e4;
function setCounts(mostCounted = MOST_COUNTED) {
  let counts = /* @__PURE__ */ new Map();
  const bySize = () => [...counts].sort(([, a], [, b]) => b - a);
  return {
    add(set) {
      counts.set(set, (counts.get(set) ?? 0) + 1);
      if (counts.size > mostCounted) counts = new Map(bySize().slice(0, mostCounted / 2));
    },
    largest({ least, most }) {
      const isJob = ([, count], index) => index === 0 || index < most && count >= least;
      return new Set(
        bySize().filter(isJob).map(([set]) => set)
      );
    }
  };
}
var RARE_HEADERS = "with headers that too few have for a job";
async function planJobs(candidates, { bucket, sets, mostBytes, fieldsOf, open, others, signal }) {
  let seen = 0;
  const jobs = [];
  const openJobs = /* @__PURE__ */ new Map();
  for (const candidate of candidates) {
    seen += 1;
    if (seen % UNTIL_PAUSE === 0) await pause(signal);
    const { versionId, planned } = candidate;
    const fields = fieldsOf(candidate);
    const set = setOf(fields, versionId);
    if (!sets.has(set)) {
      others(candidate);
      continue;
    }
    const { length } = manifestLine(bucket, { key: planned.entry.sourceKey, versionId });
    let job = openJobs.get(set);
    if (job === void 0 || job.bytes + length > mostBytes) {
      job = { fields, versioned: versionId !== void 0, objects: open(), bytes: 0 };
      jobs.push(job);
      openJobs.set(set, job);
    }
    job.objects.add(candidate);
    job.bytes += length;
  }
  return jobs.sort((a, b) => b.objects.size - a.objects.size);
}
var DOLLARS = { job: 0.25, object: 1 / 1e6 };
function jobDollars(objects) {
  return DOLLARS.job + objects * (DOLLARS.object + REQUEST_DOLLARS.write);
}
function jobToken(run, manifestEtag, fields) {
  return createHash("sha256").update([run, manifestEtag, JSON.stringify(fields)].join("\n")).digest("hex");
}

// src/batch/read-report.ts
import { createHash as createHash2 } from "node:crypto";

// member:src/errors.ts?src/batch/read-report.ts
import { AbortError as AbortError7, InvalidationError as InvalidationError7, LiveCheckError as LiveCheckError7, PartialFailureError as PartialFailureError7, RefusedError as RefusedError7, RunStoppedError as RunStoppedError7, S3RequestError as S3RequestError7, SourceError as SourceError7, UsageError as UsageError7 } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/listing.ts?src/batch/job-report.ts
import { listPage, parseListing, rootNamed, urlDecoded } from "./step-9F1F6A95.mjs";

// src/batch/job-report.ts
var SCHEMA = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage";
function reportManifest(json) {
  const { Results, ReportSchema = SCHEMA } = JSON.parse(json);
  if (!Array.isArray(Results)) throw new SyntaxError("it has no list of results");
  const files = Results.map((result) => {
    const { Key, MD5Checksum } = result ?? {};
    if (typeof Key !== "string" || Key === "") throw new SyntaxError("it names a file without a key");
    return { key: Key, md5: typeof MD5Checksum === "string" ? MD5Checksum.toLowerCase() : void 0 };
  });
  return { files, columns: columnsOf(ReportSchema) };
}
function columnsOf(schema) {
  const names = typeof schema === "string" ? schema.split(",").map((name) => name.trim().toLowerCase()) : [];
  const at = (name) => names.indexOf(name.toLowerCase());
  for (const name of ["Bucket", "Key", "TaskStatus"])
    if (at(name) < 0) throw new SyntaxError(`its schema has no column ${name}`);
  return {
    bucket: at("Bucket"),
    key: at("Key"),
    status: at("TaskStatus"),
    codes: [at("ErrorCode"), at("HTTPStatusCode")],
    message: at("ResultMessage")
  };
}
function taskOf(fields, columns) {
  const {
    bucket = "",
    key,
    status,
    message = ""
  } = {
    bucket: fields[columns.bucket],
    key: fields[columns.key],
    status: fields[columns.status],
    message: fields[columns.message]
  };
  if (key === void 0 || status !== "succeeded" && status !== "failed") return void 0;
  const code = columns.codes.map((at) => fields[at] ?? "").find((text) => !/^\d*$/.test(text)) ?? "";
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
var PARSED_AT_ONCE = 64 * 1024;
var UNUSABLE = "UnusableJobReport";
function reportPlace({ Report: report }) {
  const bucket = /^arn:[^:]+:s3:::(.+)$/.exec(report?.Bucket ?? "")?.[1];
  if (report?.Enabled !== true || bucket === void 0) return void 0;
  const prefix = (report.Prefix ?? "").replace(/\/$/, "");
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}
function reportAddress({ bucket, prefix }, id) {
  return `s3://${bucket}/${prefix}job-${id}/`;
}
async function readReport(bucket, place, id, onTask, signal) {
  const found = await findManifest(bucket, place, id, signal);
  if (found === void 0) return false;
  let manifest;
  try {
    manifest = reportManifest(found.text);
  } catch (error) {
    throw unreadable(bucket, found.key, error instanceof Error ? error.message : String(error));
  }
  for (const file of manifest.files) await readFile(bucket, place, file, manifest, onTask, signal);
  return true;
}
async function findManifest(bucket, { prefix }, id, signal) {
  const usual = `${prefix}job-${id}/manifest.json`;
  const get = async (key) => {
    const { body } = await bucket.getObject({ key }, void 0, signal);
    return { key, text: body.toString() };
  };
  try {
    return await get(usual);
  } catch (error) {
    if (!(error instanceof S3RequestError7) || error.status !== 404) throw error;
  }
  for (const folder of [`${prefix}job-${id}/`, `${prefix}/job-${id}/`]) {
    const listed = await bucket.listObjects({ prefix: folder }, signal).catch((error) => {
      if (error instanceof S3RequestError7 && error.status === 403) return void 0;
      throw error;
    });
    const other = listed?.objects.find(({ key }) => /\/(?:manifest|report)\.json$/.test(key));
    if (other !== void 0) return get(other.key);
  }
  return void 0;
}
async function readFile(bucket, { prefix }, { key: named, md5 }, { columns }, onTask, signal) {
  const key = named.startsWith(prefix) ? named : prefix + named;
  const size = (await bucket.headObject(key, signal))?.size;
  if (size === void 0) throw unreadable(bucket, key, "it does not exist");
  const hash = createHash2("md5");
  const csv = csvReader();
  const decoder = new TextDecoder();
  const take = (records) => {
    for (const record of records) {
      const task = taskOf(record, columns);
      if (task !== void 0) onTask(task);
    }
  };
  try {
    for (let start = 0; start < size; start += AT_ONCE) {
      const end = Math.min(size, start + AT_ONCE);
      const { body } = await bucket.getObject({ key }, { start, end }, signal);
      hash.update(body);
      for (let at = 0; at < body.length; at += PARSED_AT_ONCE)
        take(csv.add(decoder.decode(body.subarray(at, at + PARSED_AT_ONCE), { stream: true })));
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
  return new S3RequestError7(`The completion report s3://${name}/${key} cannot be used: ${why}`, {
    code: UNUSABLE,
    verb: "GetObject",
    bucket: name,
    key,
    hint: "Look at it; a run without the job copies what is missing."
  });
}

// src/batch/spool.ts
import { readSync, writeSync } from "node:fs";
import { deflateRawSync, inflateRawSync } from "node:zlib";

// member:src/run/temporary-file.ts?src/batch/spool.ts
import { openTemporaryFile, temporaryFileError } from "./step-9F1F6A95.mjs";

// src/batch/spool.ts
function plainCodec() {
  return { pack: (record) => record, unpack: (row) => row };
}
var MOST_IN_SPOOL_BLOCK = 256;
function openSpool(codec) {
  const file = blockFile(codec);
  const blocks = [];
  let pending = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(record) {
      pending.push(record);
      size += 1;
      if (pending.length < MOST_IN_SPOOL_BLOCK) return;
      blocks.push(file.write(pending));
      pending = [];
    },
    *read() {
      for (const block of blocks) yield* file.read(block);
      yield* pending;
    },
    remove() {
      pending = [];
      blocks.length = 0;
      size = 0;
      file.remove();
    }
  };
}
var CONTENT = "the objects of jobs";
function blockFile({ pack, unpack }) {
  let file;
  const starts = [0];
  return {
    write(records) {
      const bytes = deflateRawSync(JSON.stringify(records.map(pack)), { level: 1 });
      const start = starts.at(-1) ?? 0;
      try {
        file ??= openTemporaryFile("objects");
        for (let at = 0; at < bytes.length; ) at += writeSync(file.fd, bytes, at, bytes.length - at, start + at);
      } catch (error) {
        throw temporaryFileError(error, CONTENT);
      }
      return starts.push(start + bytes.length) - 2;
    },
    read(block) {
      const start = starts[block] ?? 0;
      const bytes = Buffer.allocUnsafe((starts[block + 1] ?? start) - start);
      for (let at = 0; file !== void 0 && at < bytes.length; ) {
        const read = readSync(file.fd, bytes, at, bytes.length - at, start + at);
        if (read === 0) throw new TypeError("a temporary file has lost bytes");
        at += read;
      }
      return JSON.parse(inflateRawSync(bytes).toString()).map(unpack);
    },
    remove() {
      file?.remove();
      file = void 0;
      starts.length = 1;
    }
  };
}

// member:src/errors.ts?src/batch/store-manifest.ts
import { AbortError as AbortError8, InvalidationError as InvalidationError8, LiveCheckError as LiveCheckError8, PartialFailureError as PartialFailureError8, RefusedError as RefusedError8, RunStoppedError as RunStoppedError8, S3RequestError as S3RequestError8, SourceError as SourceError8, UsageError as UsageError8 } from "./step-9F1F6A95.mjs";

// member:src/s3/middleware/retry-policy.ts?src/batch/store-manifest.ts
import { decideRetry as decideRetry2, isAnswerLost as isAnswerLost2, isUnreached as isUnreached2, retryDelay as retryDelay2, verdict as verdict3, verdictFor as verdictFor2 } from "./step-9F1F6A95.mjs";

// member:src/transfer/multipart/open.ts?src/batch/store-manifest.ts
import { abortUpload, keepOrAbort, uploadOpener } from "./step-9F1F6A95.mjs";

// src/batch/store-manifest.ts
var HEADERS = { "content-type": "text/csv", "x-amz-server-side-encryption": "AES256" };
async function storeManifest(store, key, lines, bytes) {
  const { bucket, signal, partBytes } = store;
  if (bytes > partBytes) return inParts(store, key, lines, bytes);
  const [body = Buffer.alloc(0)] = piecesOf(lines, bytes);
  const { etag } = await bucket.putObject({ key, body: bodyOf(body), headers: HEADERS }, signal);
  return etag ?? withoutEtag(bucket.name, key);
}
async function inParts(store, key, lines, size) {
  const { bucket, warn, signal, partBytes } = store;
  const { uploadId, crc32 } = await bucket.createUpload(key, HEADERS, signal, false);
  const upload = { key, uploadId };
  try {
    const parts = [];
    for (const piece of piecesOf(lines, partBytes)) {
      const number = parts.length + 1;
      const { etag } = await bucket.putPart({ ...upload, number, body: bodyOf(piece), crc32 }, signal);
      parts.push({ number, etag: etag ?? withoutEtag(bucket.name, key) });
    }
    return await complete(store, { ...upload, parts, size });
  } catch (error) {
    await abortUpload({ bucket, warn }, upload);
    throw error;
  }
}
var MOST_COMPLETIONS = 3;
async function complete({ bucket, signal }, request) {
  const { key, size } = request;
  for (let tries = 1; ; tries += 1) {
    try {
      const { etag } = await bucket.completeUpload(request, signal);
      return etag ?? withoutEtag(bucket.name, key);
    } catch (error) {
      if (!(error instanceof S3RequestError8) || !(isAnswerLost2(error) || error.code === "NoSuchUpload")) throw error;
      const head = await bucket.headObject(key, signal);
      if (head?.size === size && head.etag !== void 0) return head.etag;
      if (tries >= MOST_COMPLETIONS) throw error;
    }
  }
}
function bodyOf(bytes) {
  return { size: bytes.length, read: () => bytes };
}
function withoutEtag(bucket, key) {
  throw new S3RequestError8(`The response to the manifest s3://${bucket}/${key} names no ETag, which a job needs`, {
    code: "NoETag",
    verb: "PutObject",
    bucket,
    key,
    status: 200
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
    if (text !== shown) onChange(state, job);
    shown = text;
    if (hasJobEnded(state)) return { state, job };
    await clock.sleep(wait, signal);
  }
}

// src/batch/run-jobs.ts
async function openControl({ run, buckets, batch, profile, clock }) {
  const { dest } = buckets;
  run.record.countHead("region of the destination");
  await dest.headObject(`${batch.reports.prefix}region`, run.signal).catch((error) => {
    if (!(error instanceof S3RequestError6) || error.status === void 0) throw error;
  });
  const { access, name: bucket } = dest;
  return run.own(await openBatchControl({ access, profile, bucket, role: batch.role, clock }, run.signal));
}
async function createJobs(context, control, planned, unmodifiedSince) {
  const { run, buckets, batch, runName, target, partBytes, show } = context;
  const { signal, record } = run;
  const { role, reports } = batch;
  if (role === void 0) throw new TypeError("a job needs a role");
  const bucket = await bucketOf(context, reports.bucket);
  const prefix = `${reports.prefix}${runName}`;
  const place = { bucket: reports.bucket, prefix: `${prefix}/` };
  const store = { bucket, warn: record.warn, signal, partBytes };
  const ids = [];
  let requested;
  if (context.hasOwner) await checkOwner(context);
  try {
    for (const [index, { objects, bytes, fields: own, versioned }] of planned.entries()) {
      const key = `${prefix}/manifest-${index + 1}.csv`;
      const etag = await storeManifest(store, key, linesOf(buckets.source.name, objects.read()), bytes);
      const fields = versioned ? own : { ...own, UnModifiedSinceConstraint: unmodifiedSince };
      const description = `s3-parallel-put ${runName}, ${index + 1} of ${planned.length}`;
      requested = description;
      const id = await control.createJob(
        {
          token: jobToken(runName, etag, fields),
          description,
          role,
          manifest: { bucket: bucket.name, key, etag, versioned },
          reports: { bucket: reports.bucket, prefix },
          target,
          fields
        },
        signal
      );
      requested = void 0;
      ids.push(id);
      const [count, dollars] = [objects.size, jobDollars(objects.size)];
      const report = reportAddress(place, id);
      show({ id, status: "New", objects: count, succeeded: 0, failed: 0, dollars, report });
    }
  } catch (error) {
    if (ids.length > 0) record.warn("batch-jobs-left", jobsLeft(ids));
    if (requested !== void 0 && !isRefusal(error)) record.warn("batch-job-unknown", jobUnknown(requested));
    throw error;
  }
  return ids;
}
function isRefusal(error) {
  return error instanceof S3RequestError6 && error.status !== void 0 && error.status < 500;
}
async function checkOwner({ run, buckets, target }) {
  const prefix = target.prefix === "" ? "" : `${target.prefix}/`;
  await buckets.dest.listObjects({ prefix, delimiter: "/" }, run.signal);
}
function* linesOf(bucket, objects) {
  for (const { planned, versionId } of objects) yield manifestLine(bucket, { key: planned.entry.sourceKey, versionId });
}
async function bucketOf({ buckets }, name) {
  return name === buckets.dest.name ? buckets.dest : await buckets.open(name);
}
async function waitForJobs({ run, clock, show }, control, ids, created = []) {
  const { signal, record } = run;
  const going = new Set(ids.filter((id) => created.includes(id)));
  const onChange = (state, job) => {
    const { id, status, tasks: objects, succeeded, failed, why } = state;
    if (hasJobEnded(state)) going.delete(id);
    else going.add(id);
    const place = reportPlace(job);
    const report = place === void 0 ? {} : { report: reportAddress(place, id) };
    const dollars = jobDollars(objects);
    show({ id, status, objects, succeeded, failed, dollars, ...report, ...why !== "" && { why } });
    if (isJobHeld(status))
      record.warn(
        `batch-job-held-${id}`,
        msg4`The job ${id} was found ${status.toLowerCase()}${why === "" ? "" : ` (${why})`}. Until somebody lets it run, or cancels it, it copies nothing: aws s3control update-job-status does both.`
      );
  };
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  try {
    return await Promise.all(ids.map((id) => waitForJob(control, id, clock, either, onChange)));
  } catch (error) {
    failure.abort(error);
    if (going.size > 0) record.warn("batch-jobs-left", jobsLeft([...going]));
    throw error;
  }
}
function warnOfEnd({ record }, { id, status, why }) {
  const reason = why === "" ? "" : ` (${why})`;
  if (status === "Failed")
    record.warn(
      `batch-job-${id}`,
      msg4`The job ${id} has failed${reason}: what it has not copied is copied from here. Check the role of {batchRole}; docs/batch-operations.md has its policies.`
    );
  if (status === "Cancelled") record.warn(`batch-job-${id}`, msg4`The job ${id} was cancelled${reason}.`);
}
async function readTasks(context, { state, job }, failed, onTask = () => {
}) {
  const { run, openSorted } = context;
  const { id, succeeded, failed: bad } = state;
  const tried = succeeded + bad > 0;
  const tasks = openSorted(plainCodec(), ([key]) => key, MOST_LINES);
  const own = { count: 0, first: void 0 };
  const place = reportPlace(job);
  let why = tried ? `The job ${id} has no completion report` : "";
  try {
    const found = place !== void 0 && await readReport(
      await bucketOf(context, place.bucket),
      place,
      id,
      (task) => {
        onTask(task);
        tasks.add([task.key, task.succeeded ? 1 : 0]);
        if (task.succeeded) return;
        own.count += 1;
        own.first ??= task;
      },
      run.signal
    );
    if (found) {
      failed.count += own.count;
      failed.first ??= own.first;
      return tasks;
    }
  } catch (error) {
    if (!(error instanceof S3RequestError6) || error.code !== UNUSABLE) throw error;
    why = error.message;
  }
  tasks.remove();
  if (why !== "")
    run.record.warn(
      `batch-report-${id}`,
      `${why}. What the job has copied is found by ETags, and the rest is copied from here.`
    );
  return void 0;
}
var MOST_LINES = 5e4;
function warnOfTasks({ record }, { count, first }) {
  if (first === void 0) return;
  const objects = count === 1 ? "1 object" : `${count} objects`;
  const what = [first.code, first.message].filter(Boolean).join(": ").slice(0, 300);
  record.warn(
    "batch-tasks-failed",
    msg4`${objects} could not be copied by a job, and ${count === 1 ? "is" : "are"} copied from here. First: ${first.key}: ${what}`
  );
}

// src/batch/earlier-jobs.ts
async function copiedBefore(context, ids, sourceBucket) {
  if (ids.length === 0) return { noting: (units) => units, jobOf: () => void 0 };
  const { run, target } = context;
  const ended2 = await waitForJobs(context, await openControl(context), ids);
  for (const one of ended2) refuseOtherJob(one, target);
  const failed = { count: 0, first: void 0 };
  const sources = [];
  for (const one of ended2) {
    const { id, status, succeeded } = one.state;
    warnOfEnd(run, one.state);
    const lines = await readTasks(context, one, failed, ({ bucket }) => {
      if (bucket !== sourceBucket) throw otherSource(id, bucket, sourceBucket);
    });
    if (status === "Cancelled") throw cancelledBefore(id, target.bucket, succeeded);
    if (lines !== void 0) sources.push(copiedBy(id, lines.read()));
  }
  warnOfTasks(run, failed);
  return joined(mergeSorted(sources, (a, b) => compareKeys2(a.key, b.key)));
}
function* copiedBy(id, lines) {
  for (const [key, succeeded] of lines) if (succeeded === 1) yield { key, id };
}
function joined(copied4) {
  const current = /* @__PURE__ */ new Map();
  let next = copied4.next().value ?? void 0;
  function note(key) {
    for (; next !== void 0; next = copied4.next().value ?? void 0) {
      const order = compareKeys2(next.key, key);
      if (order > 0) return;
      if (order === 0) current.set(key, next.id);
    }
  }
  return {
    async *noting(units) {
      for await (const block of units) {
        for (const unit of block) if (unit.kind === "planned") note(unit.entry.sourceKey);
        yield block;
      }
    },
    jobOf({ sourceKey }) {
      const id = current.get(sourceKey);
      current.delete(sourceKey);
      return id;
    }
  };
}
function refuseOtherJob({ state, job }, { bucket, prefix }) {
  const { TargetResource, TargetKeyPrefix = "" } = job.Operation?.S3PutObjectCopy ?? {};
  const own = TargetResource?.replace(/^arn:[^:]+:s3:::/, "");
  if (own === bucket && TargetKeyPrefix === prefix) return;
  const there = own === void 0 ? "copies nothing" : `copies to s3://${own}/${TargetKeyPrefix}`;
  throw new UsageError5(
    msg3`The job ${state.id} of {batchJob} ${there}, and this run copies to s3://${bucket}/${prefix}.`,
    "Give the source and the destination of the run that has created it."
  );
}
function otherSource(id, found, own) {
  return new UsageError5(
    msg3`The job ${id} of {batchJob} copies from s3://${found}, and this run copies from s3://${own}.`,
    "Give the source and the destination of the run that has created it."
  );
}
function cancelledBefore(id, bucket, done) {
  return new S3RequestError5(`The job ${id} was cancelled after it had copied ${done} objects`, {
    code: "BatchJobCancelled",
    verb: "DescribeJob",
    bucket,
    hint: msg3`A run without {batchJob} creates another job for what is missing.`
  });
}

// member:src/errors.ts?src/source/bucket.ts
import { AbortError as AbortError9, InvalidationError as InvalidationError9, LiveCheckError as LiveCheckError9, PartialFailureError as PartialFailureError9, RefusedError as RefusedError9, RunStoppedError as RunStoppedError9, S3RequestError as S3RequestError9, SourceError as SourceError9, UsageError as UsageError9 } from "./step-9F1F6A95.mjs";

// member:src/model/key.ts?src/source/bucket.ts
import { MAX_KEY_BYTES, checkOwnKey, copyPrefix, keyProblem, normalizePrefix, parseAddress, parseBucket, withSlash } from "./step-9F1F6A95.mjs";

// member:src/model/key-order.ts?src/source/bucket.ts
import { compareKeys as compareKeys3, justBelow as justBelow3, utf16Disagrees as utf16Disagrees3 } from "./step-9F1F6A95.mjs";

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
  const origin = originOf(sourceBucket, one.key, one.versionId);
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
function originOf(bucket, key, versionId) {
  return `s3://${bucket}/${key}${versionId === void 0 ? "" : ` (version ${versionId})`}`;
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
    (head) => last === void 0 || last.startsWith(folder + head) || compareKeys3(folder + head, last) > 0
  );
  if (next === void 0) return "none";
  if (last?.startsWith(folder + next)) return void 0;
  const below = justBelow3(folder + next, prefix);
  return below !== void 0 && (last === void 0 || compareKeys3(below, last) > 0) ? below : void 0;
}
function afterClosed(last, { prefix, folder, opens }) {
  for (let slash = last.indexOf("/", folder.length); slash >= 0; slash = last.indexOf("/", slash + 1)) {
    if (opens(last.slice(folder.length, slash))) continue;
    const after = justBelow3(`${last.slice(0, slash)}0`, prefix);
    return after !== void 0 && compareKeys3(after, last) > 0 ? after : void 0;
  }
  return void 0;
}

// src/batch/planned-codec.ts
function packPlanned({ entry, decision, remote }) {
  const { sourceKey, versionId, size, etag, modified, storageClass, head } = entry;
  const row = [sourceKey, versionId, size, etag, modified, storageClass, decision, remote];
  return head === void 0 ? row : [...row, head];
}
function unpackPlanned(row, { sourceBucket, base, prefix }) {
  const [sourceKey, version, size, etag, modified, storageClass, decision, remote, head] = row;
  const key = prefix + sourceKey.slice(base.length);
  const versionId = version ?? void 0;
  const origin = originOf(sourceBucket, sourceKey, versionId);
  const known = {
    size,
    etag: etag ?? void 0,
    modified: modified ?? void 0,
    storageClass: storageClass ?? void 0,
    ...head !== void 0 && head !== null && { head }
  };
  const entry = { kind: "entry", key, origin, sourceKey, versionId, ...known };
  return { kind: "entry", key, origin, size, entry, decision, remote };
}
function plannedCodec(paths) {
  return { pack: packPlanned, unpack: (row) => unpackPlanned(row, paths) };
}
function candidateCodec(paths) {
  return {
    pack: ({ planned, versionId, headers }) => [packPlanned(planned), versionId, headers],
    unpack(row) {
      const [planned, versionId, headers] = row;
      return { planned: unpackPlanned(planned, paths), versionId: versionId ?? void 0, headers };
    }
  };
}

// member:src/model/key-order.ts?src/batch/sorted-spool.ts
import { compareKeys as compareKeys4, justBelow as justBelow4, utf16Disagrees as utf16Disagrees4 } from "./step-9F1F6A95.mjs";

// src/batch/sorted-spool.ts
var MOST = 2e4;
function openSortedSpool({ codec, keyOf: keyOf2, most = MOST }) {
  const compare = (a, b) => compareKeys4(keyOf2(a), keyOf2(b));
  const file = blockFile(codec);
  const sequences = [];
  let held = [];
  let late = [];
  let size = 0;
  function write(records) {
    const [first] = records;
    if (first === void 0) return;
    const fits = ({ last }) => compareKeys4(last, keyOf2(first)) <= 0;
    let sequence;
    for (const one of sequences)
      if (fits(one) && (sequence === void 0 || compareKeys4(sequence.last, one.last) < 0)) sequence = one;
    if (sequence === void 0) {
      sequence = { blocks: [], last: "" };
      sequences.push(sequence);
    }
    for (let at = 0; at < records.length; at += MOST_IN_SPOOL_BLOCK)
      sequence.blocks.push(file.write(records.slice(at, at + MOST_IN_SPOOL_BLOCK)));
    sequence.last = keyOf2(records.at(-1) ?? first);
  }
  function makeRoom() {
    held.sort(compare);
    const lower = held.slice(0, most / 2);
    held = held.slice(lower.length);
    const [first] = sequences;
    const inTime = first === void 0 ? 0 : lower.findIndex((record) => compareKeys4(keyOf2(record), first.last) >= 0);
    const end = inTime < 0 ? lower.length : inTime;
    late.push(...lower.slice(0, end));
    write(lower.slice(end));
    if (late.length < most / 2) return;
    write(late.sort(compare));
    late = [];
  }
  function* sequenceOf({ blocks }) {
    for (const block of blocks) yield* file.read(block);
  }
  return {
    get size() {
      return size;
    },
    add(record) {
      held.push(record);
      size += 1;
      if (held.length >= most) makeRoom();
    },
    read: () => mergeSorted([...sequences.map(sequenceOf), [...late].sort(compare), [...held].sort(compare)], compare),
    remove() {
      held = [];
      late = [];
      sequences.length = 0;
      size = 0;
      file.remove();
    }
  };
}

// src/batch/spools.ts
function spoolsOf({ own, stop }) {
  function kept(spool) {
    own({ close: () => spool.remove() });
    return {
      get size() {
        return spool.size;
      },
      add(record) {
        try {
          spool.add(record);
        } catch (error) {
          stop.now(error);
          throw error;
        }
      },
      read: () => spool.read(),
      remove: () => spool.remove()
    };
  }
  return {
    openPlain: (codec) => kept(openSpool(codec)),
    openSorted: (codec, keyOf2, most) => kept(openSortedSpool({ codec, keyOf: keyOf2, ...most !== void 0 && { most } }))
  };
}

// member:src/errors.ts?src/batch/versions.ts
import { AbortError as AbortError10, InvalidationError as InvalidationError10, LiveCheckError as LiveCheckError10, PartialFailureError as PartialFailureError10, RefusedError as RefusedError10, RunStoppedError as RunStoppedError10, S3RequestError as S3RequestError10, SourceError as SourceError10, UsageError as UsageError10 } from "./step-9F1F6A95.mjs";

// member:src/model/key-order.ts?src/batch/versions.ts
import { compareKeys as compareKeys5, justBelow as justBelow5, utf16Disagrees as utf16Disagrees5 } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/batch/versions.ts
import { LONGEST_CODE as LONGEST_CODE5, LONGEST_TEXT as LONGEST_TEXT5, Message as Message5, TEXTS as TEXTS5, asInApi as asInApi5, given as given5, keepMessages as keepMessages5, msg as msg5, option as option5, shortText as shortText5, shorten as shorten5, textIn as textIn5, warning as warning5 } from "./step-9F1F6A95.mjs";

// src/batch/versions.ts
var NO_FACTS = { versioned: false, date: void 0 };
var MOST_LOOKS = 20;
async function lookAtSource({ record, signal }, source, planned) {
  let looks = 0;
  for (const { entry } of planned) {
    looks += 1;
    if (looks > MOST_LOOKS) break;
    record.countHead("versions of the source");
    const found = await source.headObject(entry.sourceKey, signal).catch((error) => {
      if (error instanceof S3RequestError10 && error.status === 400) return void 0;
      throw error;
    });
    if (found === void 0) continue;
    const { headers = {} } = found;
    return { versioned: headers["x-amz-version-id"] !== void 0, date: headers.date };
  }
  return NO_FACTS;
}
async function* withVersions(run, source, prefixes, candidates) {
  const versions = listedVersions(run, source, prefixes)[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await versions.next();
    return done === true ? void 0 : value;
  };
  let version = await next();
  for (const candidate of candidates) {
    const { sourceKey, versionId: named, etag, size } = candidate.planned.entry;
    let found;
    for (; version !== void 0; version = await next()) {
      const order = compareKeys5(version.key, sourceKey);
      if (order > 0) break;
      if (order === 0 && version.etag === etag && version.size === size) found ??= version;
    }
    const versionId = named ?? (found?.versionId === "null" ? void 0 : found?.versionId);
    yield { ...candidate, versionId };
  }
}
async function* listedVersions({ record, signal }, source, prefixes) {
  try {
    for (const prefix of prefixes) {
      let after;
      do {
        const page = await source.listVersions(prefix, after, signal);
        yield* page.versions;
        after = page.next;
      } while (after !== void 0);
    }
  } catch (error) {
    if (!(error instanceof S3RequestError10) || error.status !== 403) throw error;
    record.warn(
      "versions-denied",
      msg5`The versions of "${source.name}" cannot be listed (s3:ListBucketVersions): the jobs of {batchOperations} copy what is current, unless it has changed since it was listed.`
    );
  }
}

// src/batch/copies.ts
var LEAST_IN_JOB = 1e4;
var MOST_SETS = 20;
var PART_BYTES = 8 * 1024 * 1024;
var MANIFEST_BYTES = 9e3 * PART_BYTES;
var WAY = "by S3 Batch Operations";
function batchCopies(prepared, batch, limits = {}) {
  const { clock = REAL_CLOCK, leastInJob = LEAST_IN_JOB } = limits;
  const { manifestBytes = MANIFEST_BYTES, partBytes = PART_BYTES } = limits;
  const { options, paths, splitAbove, dest } = prepared;
  const { dryRun } = options;
  const target = { bucket: paths.bucket, prefix: targetPrefix(paths) };
  const runName = `${(/* @__PURE__ */ new Date()).toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(4).toString("hex")}`;
  const jobs = /* @__PURE__ */ new Map();
  const notByJob = /* @__PURE__ */ new Map();
  let begun;
  function now() {
    if (begun === void 0) throw new TypeError("begin() comes first");
    return begun;
  }
  function count(why) {
    notByJob.set(why, (notByJob.get(why) ?? 0) + 1);
  }
  function contextOf(run, buckets) {
    const { profile, requestHeaders } = dest;
    const hasOwner = requestHeaders["x-amz-expected-bucket-owner"] !== void 0;
    const show = (state) => {
      const name = state.id ?? `planned ${jobs.size}`;
      const before = jobs.get(name);
      const { objects, dollars } = state.objects === 0 && before || state;
      const job = { ...state, objects, dollars };
      jobs.set(name, job);
      if (!isDeepStrictEqual(job, before)) run.record.emit({ type: "batchJob", job });
    };
    return { run, buckets, batch, runName, target, hasOwner, profile, clock, partBytes, ...spoolsOf(run), show };
  }
  function unmodifiedSince(date) {
    const { began } = now();
    const server = Date.parse(date ?? "");
    const start = Number.isNaN(server) ? began.signed : server - (Date.now() - began.local);
    return new Date(Math.floor(start / 1e3) * 1e3);
  }
  function prefixesOf({ entry }) {
    return paths.selections.flatMap((one) => {
      if (one.kind === "key") return one.versionId === void 0 ? one.key : [];
      return entry.sourceKey === one.orKey ? one.orKey : one.prefix;
    });
  }
  async function plan({ context, planned }, sink2) {
    const { run, buckets, openPlain, openSorted } = context;
    const codec = candidateCodec(paths);
    const [first] = planned.read();
    const none = { jobs: [], since: unmodifiedSince(void 0) };
    if (first === void 0) return none;
    const { versioned, date } = dryRun ? NO_FACTS : await lookAtSource(run, buckets.source, planned.read());
    const since = unmodifiedSince(date);
    const fromHere = (copy2, why) => {
      count(why);
      sink2.rest(copy2);
    };
    const finding = candidateContext(run, buckets.source, prepared, dryRun, fromHere);
    const sorted = openSorted(codec, ({ planned: planned2 }) => planned2.key);
    const { candidates, end } = await findHeaders(finding, planned.read(), sorted);
    if (end !== void 0) return { ...none, end };
    const fieldsOf = ({ headers }) => finding.fieldsOf(headers) ?? {};
    const counts = setCounts();
    const fit = openPlain(codec);
    const bound = versioned ? withVersions(run, buckets.source, prefixesOf(first), candidates) : candidates;
    for await (const candidate of bound) {
      counts.add(setOf(fieldsOf(candidate), candidate.versionId));
      fit.add(candidate);
      if (fit.size % UNTIL_PAUSE === 0) await pause(run.signal);
    }
    sorted.remove();
    planned.remove();
    const plannedJobs = await planJobs(fit.read(), {
      bucket: paths.sourceBucket,
      sets: counts.largest({ least: leastInJob, most: MOST_SETS }),
      mostBytes: manifestBytes,
      fieldsOf,
      open: () => openPlain(codec),
      others: (candidate) => fromHere(candidate.planned, RARE_HEADERS),
      signal: run.signal
    });
    fit.remove();
    return { jobs: plannedJobs, since };
  }
  async function runJobs(context, planned, since) {
    const control = await openControl(context);
    const ids = await createJobs(context, control, planned, since);
    const ended2 = await waitForJobs(context, control, ids, ids);
    const failed = { count: 0, first: void 0 };
    const finished = [];
    for (const [index, one] of ended2.entries()) {
      const { id } = one.state;
      warnOfEnd(context.run, one.state);
      const { objects } = planned[index];
      finished.push({ id, objects, report: await readTasks(context, one, failed) });
    }
    warnOfTasks(context.run, failed);
    return { finished, ended: ended2 };
  }
  async function settleAll({ run, buckets }, finished, ended2, sink2) {
    const { source, dest: dest2 } = buckets;
    const cancelled = new Set(ended2.flatMap(({ state }) => state.status === "Cancelled" ? state.id : []));
    const check = copyChecker(run, source, dest2);
    return settle(run, finished, destinationNow(run, dest2), sink2, async (copy2, listed) => {
      const found = listed.state === "unlisted" ? await headRemote(run, dest2, copy2.key) : listed;
      const judged = await check(copy2, found);
      if (judged !== "again") return judged === "copied" ? "md5" : "none";
      const { jobId, task, planned } = copy2;
      if (task === "unreported" && cancelled.has(jobId)) throw notCopied(copy2);
      sink2.rest(planned);
      return void 0;
    });
  }
  function destinationNow({ record, stop }, dest2) {
    const { prefix } = paths;
    const list = parallelListing(dest2.listObjects, { prefix, bucket: dest2.name, signal: stop.signal });
    return remoteLookup({ list, prefix, ordered: true, entries: void 0, warn: record.warn });
  }
  function settle(run, finished, remote, sink2, judge2) {
    const work = settleObject(run, {
      async settle(copy2, listed) {
        const verified = await judge2(copy2, listed);
        if (verified === void 0) return void 0;
        const { planned, jobId, headers } = copy2;
        const reason = jobId === PLANNED ? WAY : `${WAY}, job ${jobId}`;
        const method = { by: "object", layout: "own", relayed: false, reason };
        const etag = listed.state === "present" ? listed.etag : void 0;
        const stored = { etag, verified, attempts: 0 };
        return replacing(copied(planned.entry, planned.decision, method, stored, headers), planned.remote);
      }
    });
    return runConcurrently(run, withRemoteState(blocksFrom(copiesOf(finished)), remote), async (unit) => {
      const outcome = await work(unit);
      if (outcome !== void 0) sink2.note(outcome);
      return outcome;
    });
  }
  return {
    async begin(run, buckets) {
      refuseOtherServers(buckets);
      await loadSdk();
      run.record.include(() => ({
        ...jobs.size > 0 && { batchJobs: [...jobs.values()] },
        ...notByJob.size > 0 && { notByJob: Object.fromEntries(notByJob) }
      }));
      const context = contextOf(run, buckets);
      const { openPlain, openSorted } = context;
      const before = await copiedBefore(context, dryRun ? [] : batch.jobs, paths.sourceBucket);
      const codec = plannedCodec(paths);
      begun = {
        context,
        planned: openSorted(codec, ({ key }) => key),
        rest: openPlain(codec),
        before,
        began: { signed: buckets.source.now(), local: Date.now() }
      };
    },
    noting: (units) => now().before.noting(units),
    takes(copy2) {
      if (batch.jobs.length > 0) return false;
      const why = whyNotByJob(copy2.entry, splitAbove);
      if (why === void 0) now().planned.add(copy2);
      else count(why);
      return why === void 0;
    },
    outcomeOf({ entry, remote }, outcome) {
      const id = now().before.jobOf(entry);
      if (id === void 0 || outcome?.action !== "skip" || !isUnchanged(outcome.reason)) return outcome;
      const { size: bytes, etag } = entry;
      const facts = { action: "copy", reason: REASONS.copiedByJob, bytes, way: `${WAY}, job ${id}` };
      if (remote.state !== "present" || !isMd5(etag) || remote.etag !== etag) return { ...outcome, ...facts };
      return { ...outcome, ...facts, verified: "md5", etag };
    },
    isNeeded: () => now().planned.size > 0,
    queue: {
      add: (copy2) => now().rest.add(copy2),
      take: () => blocksFrom(now().rest.read()),
      drop: () => begun?.rest.remove()
    },
    async carryOut(sink2) {
      const { context } = now();
      const { jobs: planned, since, end } = await plan(now(), sink2);
      if (end !== void 0 || planned.length === 0) return end;
      if (!dryRun) {
        const { finished, ended: done } = await runJobs(context, planned, since);
        return ended(await settleAll(context, finished, done, sink2));
      }
      for (const { objects } of planned) context.show(plannedJob(objects.size));
      const made = planned.map(({ objects }) => ({ id: PLANNED, objects, report: void 0 }));
      return ended(await settle(context.run, made, void 0, sink2, async () => "none"));
    }
  };
}
var PLANNED = "";
function ended(end) {
  return hasEnded(end) ? end : void 0;
}
function plannedJob(objects) {
  return { status: "planned", objects, succeeded: 0, failed: 0, dollars: jobDollars(objects) };
}
function refuseOtherServers({ dest }) {
  const { endpoint } = dest.location;
  if (endpoint === void 0 || ownEndpoint("S3_CONTROL") !== void 0) return;
  throw new UsageError(
    msg`{batchOperations} is a service of AWS, and the destination is at ${endpoint}.`,
    msg`Leave {batchOperations} out. Where that server has S3 Control too, name its address in AWS_ENDPOINT_URL_S3_CONTROL.`
  );
}
function notCopied({ origin, jobId }) {
  return new SourceError("BatchJobCancelled", `${origin} was not copied: the job ${jobId} was cancelled before`, {
    hint: "Run again: what has been copied is compared and skipped."
  });
}

// member:src/encode/header-grammar.ts?src/copy.ts
import { checkedGrammar, headerWarnings, isDateHeader, isSecretHeader } from "./step-9F1F6A95.mjs";

// member:src/errors.ts?src/copy.ts
import { AbortError as AbortError11, InvalidationError as InvalidationError11, LiveCheckError as LiveCheckError11, PartialFailureError as PartialFailureError11, RefusedError as RefusedError11, RunStoppedError as RunStoppedError11, S3RequestError as S3RequestError11, SourceError as SourceError11, UsageError as UsageError11 } from "./step-9F1F6A95.mjs";

// member:src/open-put.ts?src/copy.ts
import { announcePut, includeStrays, openPut, runInternals, straysAfter, surveySource, walk, warnOfNames, warnOfUnmatched, withThreshold } from "./step-9F1F6A95.mjs";

// member:src/plan/listing/lookup.ts?src/copy.ts
import { dropPlanned as dropPlanned2, dropUnit as dropUnit2, remoteLookup as remoteLookup2, withRemoteState as withRemoteState2 } from "./step-9F1F6A95.mjs";

// member:src/plan/listing/parallel.ts?src/copy.ts
import { parallelListing as parallelListing2 } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/copy.ts
import { LONGEST_CODE as LONGEST_CODE6, LONGEST_TEXT as LONGEST_TEXT6, Message as Message6, TEXTS as TEXTS6, asInApi as asInApi6, given as given6, keepMessages as keepMessages6, msg as msg6, option as option6, shortText as shortText6, shorten as shorten6, textIn as textIn6, warning as warning6 } from "./step-9F1F6A95.mjs";

// member:src/run/blocks.ts?src/copy.ts
import { MOST_IN_BLOCK as MOST_IN_BLOCK3, blocksFrom as blocksFrom3, blocksOf as blocksOf3, inBlocks as inBlocks3, unitsOf as unitsOf3 } from "./step-9F1F6A95.mjs";

// member:src/run/parts.ts?src/copy.ts
import { inParts as inParts2 } from "./step-9F1F6A95.mjs";

// member:src/run/record.ts?src/copy.ts
import { announceStart as announceStart3, hasEnded as hasEnded3, noFilesFound as noFilesFound3, runRecord as runRecord3, warnOfSizes as warnOfSizes3 } from "./step-9F1F6A95.mjs";

// member:src/run/run.ts?src/copy.ts
import { startPhases, startRun } from "./step-9F1F6A95.mjs";

// member:src/run/workers.ts?src/copy.ts
import { runConcurrently as runConcurrently3 } from "./step-9F1F6A95.mjs";

// member:src/s3/open.ts?src/copy.ts
import { locationUnopened, openBucket, openBucketOfRun } from "./step-9F1F6A95.mjs";

// member:src/model/shard.ts?src/shards/copy.ts
import { MOST_SHARDS, SHARD_SCHEME, isOfShard, shardOf, shardText } from "./step-9F1F6A95.mjs";

// member:src/s3/open.ts?src/shards/copy.ts
import { locationUnopened as locationUnopened2, openBucket as openBucket2, openBucketOfRun as openBucketOfRun2 } from "./step-9F1F6A95.mjs";

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

// member:src/source/filter-slips.ts?src/copy.ts
import { slipIn, unmatchedWarning } from "./step-9F1F6A95.mjs";

// member:src/source/names.ts?src/copy.ts
import { HOST_FILES, nameWatch, namesSourceMaps, watchNames } from "./step-9F1F6A95.mjs";

// member:src/transfer/body/hash.ts?src/copy.ts
import { etagInParts, inParallel, md5Hasher } from "./step-9F1F6A95.mjs";

// member:src/encode/copy-headers.ts?src/transfer/copy/copier.ts
import { COPIED_FROM as COPIED_FROM2, prepareCopyHeaders as prepareCopyHeaders2 } from "./step-9F1F6A95.mjs";

// member:src/errors.ts?src/transfer/copy/copier.ts
import { AbortError as AbortError12, InvalidationError as InvalidationError12, LiveCheckError as LiveCheckError12, PartialFailureError as PartialFailureError12, RefusedError as RefusedError12, RunStoppedError as RunStoppedError12, S3RequestError as S3RequestError12, SourceError as SourceError12, UsageError as UsageError12 } from "./step-9F1F6A95.mjs";

// member:src/model/etag.ts?src/transfer/copy/copier.ts
import { endsInPartCount as endsInPartCount3, isHeaderEtag as isHeaderEtag3, isMd5 as isMd53, multipartEtag as multipartEtag3, partCountOf as partCountOf3 } from "./step-9F1F6A95.mjs";

// member:src/plan/copy-method.ts?src/transfer/copy/copier.ts
import { LARGEST_COPY, copyMethod, inOwnRanges, sameService } from "./step-9F1F6A95.mjs";

// member:src/transfer/multipart/types.ts?src/transfer/copy/copier.ts
import { ChangedWhileRead, SOURCE_DIFFERS, isOtherSource, multipartContext, partHeaders } from "./step-9F1F6A95.mjs";

// member:src/transfer/copy/annotations.ts?src/transfer/copy/copier.ts
import { holdAnnotations, keepAnnotations } from "./step-9F1F6A95.mjs";

// member:src/transfer/copy/context.ts?src/transfer/copy/copier.ts
import { copied as copied2, readFrom as readFrom2 } from "./step-9F1F6A95.mjs";

// member:src/errors.ts?src/transfer/copy/copy-object.ts
import { AbortError as AbortError13, InvalidationError as InvalidationError13, LiveCheckError as LiveCheckError13, PartialFailureError as PartialFailureError13, RefusedError as RefusedError13, RunStoppedError as RunStoppedError13, S3RequestError as S3RequestError13, SourceError as SourceError13, UsageError as UsageError13 } from "./step-9F1F6A95.mjs";

// member:src/model/etag.ts?src/transfer/copy/copy-object.ts
import { endsInPartCount as endsInPartCount4, isHeaderEtag as isHeaderEtag4, isMd5 as isMd54, multipartEtag as multipartEtag4, partCountOf as partCountOf4 } from "./step-9F1F6A95.mjs";

// member:src/transfer/multipart/types.ts?src/transfer/copy/copy-object.ts
import { ChangedWhileRead as ChangedWhileRead2, SOURCE_DIFFERS as SOURCE_DIFFERS2, isOtherSource as isOtherSource2, multipartContext as multipartContext2, partHeaders as partHeaders2 } from "./step-9F1F6A95.mjs";

// member:src/transfer/result.ts?src/transfer/copy/copy-object.ts
import { appeared as appeared2, interrupted as interrupted2, isDeleted as isDeleted2, isUnmet as isUnmet2, orUnknown as orUnknown2, reasonOf as reasonOf2, replacing as replacing2, settleObject as settleObject2, skipped as skipped2, writeError as writeError2 } from "./step-9F1F6A95.mjs";

// member:src/transfer/copy/context.ts?src/transfer/copy/copy-object.ts
import { copied as copied3, readFrom as readFrom3 } from "./step-9F1F6A95.mjs";

// member:src/transfer/copy/copy-parts.ts?src/transfer/copy/copy-object.ts
import { copiedParts, copySource, partsCopier } from "./step-9F1F6A95.mjs";

// member:src/transfer/copy/source.ts?src/transfer/copy/copy-object.ts
import { changedAgain, headPart, isSourceChanged, partsProvenByDate, refreshed, sourceExtras, sourceHead, sourceLayout, whyHead } from "./step-9F1F6A95.mjs";

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
    if (!(error instanceof S3RequestError13) || error.status !== 412) throw error;
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
  if (!isMd54(etag) || !isMd54(answer.etag) || answer.encrypted) return "none";
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
  return new S3RequestError13(message, {
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
import { copiedParts as copiedParts2, copySource as copySource2, partsCopier as partsCopier2 } from "./step-9F1F6A95.mjs";

// member:src/transfer/copy/refusals.ts?src/transfer/copy/copier.ts
import { checkRestored, checkTier, explained, isListedAsArchived } from "./step-9F1F6A95.mjs";

// member:src/transfer/copy/relay.ts?src/transfer/copy/copier.ts
import { relayObject, relayedParts } from "./step-9F1F6A95.mjs";

// member:src/transfer/copy/source.ts?src/transfer/copy/copier.ts
import { changedAgain as changedAgain2, headPart as headPart2, isSourceChanged as isSourceChanged2, partsProvenByDate as partsProvenByDate2, refreshed as refreshed2, sourceExtras as sourceExtras2, sourceHead as sourceHead2, sourceLayout as sourceLayout2, whyHead as whyHead2 } from "./step-9F1F6A95.mjs";

// src/transfer/copy/copier.ts
function copier(context) {
  const inParts3 = partsCopier2(context);
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
    const result = method.by === "parts" ? await inParts3(entry, decision, method) : await (method.relayed ? relayObject : copyObject)(context, entry, decision, method);
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
  if (!(error instanceof S3RequestError12) || error.status !== 501) return false;
  return error.verb === "CopyObject" || error.verb === "UploadPartCopy";
}
function headsFor(entry, { by, layout }, why) {
  if (why === void 0 || by === "parts" && isListedAsArchived(entry)) return 0;
  return by === "parts" && layout === "source" && (partCountOf3(entry.etag) ?? 1) > 2 ? 3 : 1;
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
    openAtOnce: OPEN_AT_ONCE,
    aroundParts: own.aroundParts
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
      if (!(error instanceof S3RequestError12) || error.status === void 0 || error.status >= 500) throw error;
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
import { COPIED_FROM as COPIED_FROM3, prepareCopyHeaders as prepareCopyHeaders3 } from "./step-9F1F6A95.mjs";

// member:src/plan/compare.ts?src/transfer/copy/settle.ts
import { compareContent, compareCopies, compareEncoded } from "./step-9F1F6A95.mjs";

// member:src/plan/decide.ts?src/transfer/copy/settle.ts
import { decide, decideStream } from "./step-9F1F6A95.mjs";

// member:src/report/reasons.ts?src/transfer/copy/settle.ts
import { COPIED_BY_SERVER as COPIED_BY_SERVER2, HEADS as HEADS2, REASONS as REASONS2, countUnchanged as countUnchanged2, isKept as isKept2, isLeftOut as isLeftOut2, isNew as isNew2, isOtherContent as isOtherContent2, isUnchanged as isUnchanged2, isUnchangedButHeaders as isUnchangedButHeaders2, isUncompared as isUncompared2, keptUntil as keptUntil2, unproven as unproven2 } from "./step-9F1F6A95.mjs";

// member:src/transfer/head.ts?src/transfer/copy/settle.ts
import { findObjects as findObjects2, headMet as headMet2, headObjects as headObjects2, headRemote as headRemote2, headStored as headStored2, keptHeads as keptHeads2, objectNow as objectNow2, proofOf as proofOf2, stateOf as stateOf2 } from "./step-9F1F6A95.mjs";

// member:src/transfer/result.ts?src/transfer/copy/settle.ts
import { appeared as appeared3, interrupted as interrupted3, isDeleted as isDeleted3, isUnmet as isUnmet3, orUnknown as orUnknown3, reasonOf as reasonOf3, replacing as replacing3, settleObject as settleObject3, skipped as skipped3, writeError as writeError3 } from "./step-9F1F6A95.mjs";

// src/transfer/copy/settle.ts
function copyWork(run, own) {
  const { options, source, dest, perform, headersGiven } = own;
  const compare = compareCopy({ headSource: headObjects2(run, source), headDest: headObjects2(run, dest) });
  const settling = (later) => settleObject3(run, {
    async settle(entry, listed) {
      const remote = listed.state === "unlisted" ? await headRemote2(run, dest, entry.key) : listed;
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
import { counting, phasedWork } from "./step-9F1F6A95.mjs";

// member:src/transfer/strays.ts?src/copy.ts
import { strayDeletes } from "./step-9F1F6A95.mjs";

// member:src/transfer/threads/work-threads.ts?src/copy.ts
import { workThreads } from "./step-9F1F6A95.mjs";

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
  const { entries } = internals;
  const work = (run) => {
    if (distributeCopy !== void 0) return distributed(run, prepared, internals, distributeCopy);
    return entries === void 0 ? transfer(run, prepared, internals) : copyParts(run, prepared, internals, entries);
  };
  const phases = prepared.options.delete || prepared.batch !== void 0 ? copyInPhases(prepared, internals) : [{ name: "transfer", work }];
  return startPhases({ ...prepared.options, ...runInternals(internals) }, phases);
}
async function transfer(run, prepared, internals) {
  const opened = await openCopy(run, prepared, internals);
  const end = await runConcurrently3(run, opened.units, opened.work.settle);
  await straysAfter2(run, prepared, opened, end);
  opened.finish(end, run.record.objects);
  return end;
}
async function copyParts(run, prepared, internals, entries) {
  const { work, remoteOfPart } = await openCopy(run, prepared, internals);
  const isCompared = prepared.options.mode !== "stupid";
  const unitsOf4 = (part) => withRemoteState2(blocksOf3(part), remoteOfPart(), isCompared);
  const joined2 = inParts2(run, entries, unitsOf4, work.settle);
  return runConcurrently3(run, joined2.blocks, joined2.settle);
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
  const names = nameWatch(true);
  const found = objectsToCopy(run, prepared, source, (prefix) => unmatched.push(prefix), void 0);
  const end = await distribute(run, watchNames(found, names));
  warnOfFileServer(record, names, end.keepsFiles);
  warnAfter(run, prepared, { end, objects: record.objects, unmatched });
  return end;
}
function copyInPhases(prepared, internals) {
  let opened;
  let deletes;
  const { batch: batchOptions } = prepared;
  const batch = batchOptions && batchCopies(prepared, batchOptions, { ...internals.batch, clock: internals.clock });
  const writes = phasedWork(["transfer", "deletes"], batch && { transfer: batch.queue });
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
    const units = batch?.noting(opened.units) ?? opened.units;
    const end = await runConcurrently3(run, units, async (unit) => {
      found.objects += 1;
      if (unit.kind === "planned") {
        found.bytes += unit.entry.size;
        if (!unit.entry.key.startsWith(prepared.mirror?.prefix ?? "")) outside = unit.entry;
      }
      const decided = await decide2(unit);
      const outcome = unit.kind === "planned" && batch ? batch.outcomeOf(unit, decided) : decided;
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
  return new UsageError11(
    msg6`{delete} needs a folder as source, but there is only the object ${origin}: it does not say which keys are no longer wanted.`,
    msg6`Check the source, or leave {delete} out.`
  );
}
async function openCopy(run, prepared, internals) {
  const { options, paths } = prepared;
  const { record } = run;
  const open = (name, connection) => openBucketOfRun(run, name, connection, { ...internals, ...options });
  const source = await open(paths.sourceBucket, prepared.source);
  const dest = await open(paths.bucket, prepared.dest);
  internals.onOpened?.(dest);
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
    perform: copierForRun(run, prepared, {
      source,
      dest,
      relay,
      md5,
      partFloor: internals.partFloor,
      aroundParts: internals.aroundParts
    }),
    headersGiven: prepared.guessTypes || prepared.copyAcl || Object.keys(prepared.headers).length > 0
  });
  const unmatched = [];
  const names = nameWatch(true);
  const share = shareOfCopy(prepared);
  if (share !== void 0) record.include(() => ({ shard: share.report(record.objects) }));
  const found = watchNames(
    objectsToCopy(run, prepared, source, (prefix) => unmatched.push(prefix), share),
    names
  );
  const remote = lookupFor(run, prepared, source, dest);
  return {
    source,
    dest,
    open: (name) => open(name, prepared.dest),
    units: withRemoteState2(inBlocks3(found), remote, options.mode !== "stupid"),
    remote,
    remoteOfPart: () => lookupFor(run, prepared, source, dest),
    work,
    finish(end, objects) {
      warnOfFileServer(record, names, dest.facts().keepsFiles);
      warnAfter(run, prepared, { end, objects, unmatched, others: share?.others() ?? 0 });
    }
  };
}
function warnOfFileServer(record, names, keepsFiles) {
  const warning7 = keepsFiles ? names.fileServerWarning() : void 0;
  if (warning7 !== void 0) record.warn(...warning7);
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
  return remoteLookup2({
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
