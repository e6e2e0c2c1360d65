import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);

// member:src/encode/object-headers.ts?src/prepare-copy.ts
import { CUSTOMER_KEY, KMS_FIX, KMS_KEY, SINGLE_HEADERS, SSE, asksForKms, checkTogether, givenHeaders, headersByOption, objectHeaders, overlaid, prepareObjectHeaders } from "./step-F4913A4A.mjs";

// member:src/errors.ts?src/prepare-copy.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-F4913A4A.mjs";

// member:src/options/common.ts?src/prepare-copy.ts
import { bareType, callOptions, checkedGzip, checkedGzipLevel, definedHeaders, gzipType, sharedOptions } from "./step-F4913A4A.mjs";

// member:src/options/connection.ts?src/prepare-copy.ts
import { connectionOf, proxyOf, requestHeaders } from "./step-F4913A4A.mjs";

// member:src/options/site.ts?src/prepare-copy.ts
import { deleteOptions, siteOptions } from "./step-F4913A4A.mjs";

// member:src/options/suggest.ts?src/prepare-copy.ts
import { didYouMean, nearChoice, nearOptions, nearSpellings, nearest, refuseUnknown, suggestion } from "./step-F4913A4A.mjs";

// member:src/options/table.ts?src/prepare-copy.ts
import { CLI_FLAGS, OPTION_TABLE, apiRows, belongsTo, defaultIn } from "./step-F4913A4A.mjs";

// member:src/options/types.ts?src/prepare-copy.ts
import { ANNOTATIONS, CANNED_ACLS, CHECKSUMS, CLOSED_ACLS, COMPARES, GZIP_WORDS, HTTP_CLIENTS, IF_NO_FILES_FOUND, KEY_BASES, LOG_LEVELS, PUT_MODES, RESUMES, SSE_METHODS, STORAGE_CLASSES, SYMLINK_RULES } from "./step-F4913A4A.mjs";

// member:src/options/units.ts?src/prepare-copy.ts
import { LONGEST_WAIT_MS, SIZE_UNITS, parseDuration, parseRetryDelay, parseSize } from "./step-F4913A4A.mjs";

// member:src/options/validate.ts?src/prepare-copy.ts
import { abortSignal, choicesHint, concurrencyOf, flag, globs, hook, oneOf, shown, text, threadsOf, wholeNumber } from "./step-F4913A4A.mjs";

// member:src/plan/copy-method.ts?src/prepare-copy.ts
import { LARGEST_COPY, copyMethod, inOwnRanges, sameService } from "./step-F4913A4A.mjs";

// member:src/errors.ts?src/plan/copy-paths.ts
import { AbortError as AbortError2, InvalidationError as InvalidationError2, LiveCheckError as LiveCheckError2, PartialFailureError as PartialFailureError2, RefusedError as RefusedError2, RunStoppedError as RunStoppedError2, S3RequestError as S3RequestError2, SourceError as SourceError2, UsageError as UsageError2 } from "./step-F4913A4A.mjs";

// member:src/model/key.ts?src/plan/copy-paths.ts
import { MAX_KEY_BYTES, checkOwnKey, copyPrefix, keyProblem, normalizePrefix, parseAddress, parseBucket, withSlash } from "./step-F4913A4A.mjs";

// member:src/model/key-order.ts?src/plan/copy-paths.ts
import { compareKeys, justBelow, utf16Disagrees } from "./step-F4913A4A.mjs";

// member:src/model/web-address.ts?src/plan/copy-paths.ts
import { addressHint, isBucketHost, isProviderHost, writtenBucket } from "./step-F4913A4A.mjs";

// member:src/report/mask-secrets.ts?src/plan/copy-paths.ts
import { maskAddress, maskSecrets, maskUrl, maskUrlsIn, passwordIn, shownValue } from "./step-F4913A4A.mjs";

// member:src/report/message.ts?src/plan/copy-paths.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-F4913A4A.mjs";

// src/plan/copy-paths.ts
function copyPaths({ source, destination, keys, prefixes }) {
  const from = s3Address("source", source);
  const to = s3Address("destination", destination);
  const pattern = /[*?[]/.exec(to.path)?.[0];
  if (pattern !== void 0) throw new UsageError2(`The destination "${destination}" holds the pattern "${pattern}".`);
  const prefix = copyPrefix(to.path);
  const shared = { sourceBucket: from.bucket, bucket: to.bucket, prefix };
  if (keys === void 0 && prefixes === void 0) return { ...shared, ...byPath(source, from.path) };
  if (/[*?[]/.test(from.path))
    throw new UsageError2(
      `The source "${source}" holds a pattern, and keys or prefixes are named as well.`,
      "Name the bucket or a folder as the source: keys and prefixes stand below it."
    );
  const base = withSlash(from.path);
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
    throw new UsageError2(
      `The source "${source}" holds the pattern "${other}".`,
      msg`One "*" at the end is all a source may hold. Choose by {include} or {exclude}; keys that hold such characters are named in {keysFile}.`
    );
  if (star >= 0) {
    const prefix = path.slice(0, star);
    return { base: folderOf(prefix), selections: [{ kind: "prefix", prefix }] };
  }
  const folder = withSlash(path);
  if (folder === "") return { base: "", selections: [{ kind: "prefix", prefix: "" }] };
  const key = folder.slice(0, -1);
  return { base: folderOf(key), selections: [{ kind: "prefix", prefix: folder, orKey: key }] };
}
function folderOf(path) {
  return path.slice(0, path.lastIndexOf("/") + 1);
}
function nonEmpty(option3, text2) {
  if (text2 === "") throw new UsageError2(`A ${option3} is empty.`, "Name what is copied, or leave it out.");
  return text2;
}
function s3Address(option3, text2) {
  if (/^s3:\/\//i.test(text2)) return parseAddress(text2, option3);
  const hint = addressHint(text2) ?? (option3 === "source" ? "A copy goes from bucket to bucket; local files are the work of put." : "A copy goes from bucket to bucket; downloads are not supported.");
  throw new UsageError2(`The ${option3} "${maskAddress(text2)}" is not a bucket: it must begin with s3://.`, hint);
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
        throw new UsageError2(`Two versions of the key "${one.key}" are named, and both would have one key.`);
      continue;
    }
    if (covering !== void 0 && start(one).startsWith(covering)) {
      if (one.kind === "key" && one.versionId !== void 0)
        throw new UsageError2(`A version of the key "${one.key}" is named, and the prefix "${covering}" holds it too.`);
      continue;
    }
    if (one.kind === "prefix") covering = one.prefix;
    kept.push(one);
  }
  return kept;
}

// member:src/report/message.ts?src/prepare-copy.ts
import { LONGEST_CODE as LONGEST_CODE2, LONGEST_TEXT as LONGEST_TEXT2, Message as Message2, TEXTS as TEXTS2, asInApi as asInApi2, given as given2, keepMessages as keepMessages2, msg as msg2, option as option2, shortText as shortText2, shorten as shorten2, textIn as textIn2, warning as warning2 } from "./step-F4913A4A.mjs";

// member:src/source/filter.ts?src/prepare-copy.ts
import { createFilter, filterEntries, isHidden, isJunk, matchFinder } from "./step-F4913A4A.mjs";

// member:src/source/globs/glob.ts?src/prepare-copy.ts
import { compileGlob, globMatcher, keyMatcher } from "./step-F4913A4A.mjs";

// src/prepare-copy.ts
var ROWS = apiRows("copy");
function prepareCopy(options) {
  if (typeof options !== "object" || options === null) throw new UsageError("copy() needs an object of options.");
  refuseUnknown(options, ROWS);
  const paths = copyPaths({
    source: address("source", options.source),
    destination: address("destination", options.destination),
    keys: list(options.key)?.map(keyOf),
    prefixes: list(options.fromPrefix)?.map(prefixOf)
  });
  const deletes = deleteOptions(options);
  if (deletes.delete) checkDelete(options, paths);
  const resolved = { ...sharedOptions(options), ...deletes };
  const source = sideOf(options, "source", { bucket: paths.sourceBucket, prefix: paths.base });
  const dest = sideOf(options, "dest", paths);
  const oneService = sameService(source, dest);
  const mirror = mirrorOf(options, paths, resolved);
  if (oneService && paths.bucket === paths.sourceBucket) {
    refuseOverlap(paths);
    if (deletes.delete && mirror !== void 0) refuseSourceInside(paths, mirror);
  }
  const { contentType, ...others } = options;
  const guessTypes = contentType === "guess";
  const headers = givenHeaders({ ...others, ...contentType !== void 0 && !guessTypes && { contentType } });
  const copyAcl = flag("copyAcl", options.copyAcl, false);
  const access = Object.keys(headers).find((name) => name === "x-amz-acl" || name.startsWith("x-amz-grant-"));
  if (copyAcl && access !== void 0)
    throw new UsageError(
      access === "x-amz-acl" && options.acl !== void 0 ? msg2`{copyAcl} and {acl} exclude each other.` : msg2`{copyAcl} and the header "${access}" exclude each other.`,
      "Give the ACL, or have it copied."
    );
  return {
    options: resolved,
    paths,
    from: options.source,
    filter: filterOf(resolved),
    mirror,
    isProtected: keyMatcher(deletes.protect, paths.prefix),
    source,
    dest,
    oneService,
    ownCredentials: source.profile !== dest.profile || source.credentials !== dest.credentials,
    headers,
    guessTypes,
    copyAcl,
    annotations: annotationChoice(options.annotations, paths.bucket),
    splitAbove: options.splitAbove === void 0 ? void 0 : splitSize(options.splitAbove),
    sourceOwner: options.expectedSourceBucketOwner
  };
}
function filterOf(options) {
  return createFilter({ ...options, hidden: true, junk: true });
}
var PARTS = ["key", "fromPrefix", "limit"];
function checkDelete(options, { prefix }) {
  const partial = PARTS.find((name) => options[name] !== void 0);
  if (partial !== void 0)
    throw new UsageError(
      msg2`{delete} cannot be used with ${option2(partial)}, which copies only a part of the source: the rest would be deleted.`,
      "Leave one of them out."
    );
  if (prefix === "" && !options.destination.endsWith("/"))
    throw new UsageError(
      msg2`{delete} needs a prefix: it deletes every key below it that the source does not have.`,
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
function refuseSourceInside({ bucket, selections }, { prefix }) {
  for (const one of selections) {
    const from = one.kind === "prefix" ? one.prefix : one.key;
    if (!from.startsWith(prefix)) continue;
    throw new UsageError(
      msg2`The source s3://${bucket}/${from} is inside the destination s3://${bucket}/${prefix}, so that {delete} would delete it.`,
      msg2`Name a destination outside of the source, or leave {delete} out.`
    );
  }
}
function address(name, value) {
  if (typeof value === "string" && value !== "") return value;
  const hint = name === "source" ? 'Name a bucket, as "s3://bucket/path".' : 'It is not optional: name a bucket, as "s3://bucket/prefix".';
  throw new UsageError(
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
  throw new UsageError("A key is neither text nor { key, versionId }.");
}
function prefixOf(one) {
  if (typeof one === "string" && one !== "") return one;
  throw new UsageError(
    msg2`{fromPrefix} must hold non-empty strings.`,
    "Name what keys begin with; leave it out to copy all."
  );
}
function annotationChoice(value, bucket) {
  const isDirectory = /--x(?:a)?-s3$/.test(bucket);
  if (value === void 0) return isDirectory ? "exclude" : "copy";
  const choice = oneOf("annotations", value, ANNOTATIONS);
  if (choice === "copy" && isDirectory)
    throw new UsageError(
      msg2`{annotations: 'copy'} is given, but objects in the directory bucket "${bucket}" cannot have annotations.`,
      msg2`Leave the option out, or give {annotations: 'error'} to find objects that have any.`
    );
  return choice;
}
function splitSize(value) {
  const bytes = parseSize(value, "splitAbove");
  const [least, most] = [5 * 1024 ** 2, 5 * 1024 ** 3];
  if (bytes >= least && bytes <= most) return bytes;
  throw new UsageError(
    msg2`{splitAbove} is ${JSON.stringify(value)} (${bytes} bytes); it must be from 5 MiB to 5 GiB.`,
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
    throw new UsageError(
      onto ? `${what} would be copied onto itself.` : `The destination ${what} is inside the source s3://${bucket}/${from}.`,
      "Name a destination outside of the source."
    );
  }
}

export {
  prepareCopy
};
