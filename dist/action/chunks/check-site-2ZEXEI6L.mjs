import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import "./chunk-B2NAOQ5N.mjs";

// src/verify/check-site.ts
import { setTimeout as sleep } from "node:timers/promises";

// member:src/errors.ts?src/verify/check-site.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-9F1F6A95.mjs";

// member:src/report/format.ts?src/verify/check-site.ts
import { beforeCompression, counted, escapeHtml, formatBytes, headerChangeText, number, printable, rateText, secondsText, smallDollars, visible } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/verify/check-site.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-9F1F6A95.mjs";

// member:src/s3/http/socket-client.ts?src/verify/check-site.ts
import { socketClient } from "./step-9F1F6A95.mjs";

// src/verify/addresses.ts
var MEANT = /[?#+]/g;
var INDEX = /(?:^|\/)index\.html?$/;
function addressesOf(site, path) {
  const root = rootOf(site);
  const own = root + encodePath(path);
  const [index] = INDEX.exec(path) ?? [];
  if (index === void 0) return [own];
  return [root + encodePath(path.slice(0, path.length - index.replace("/", "").length)), own];
}
function rootOf({ origin, pathname }) {
  return origin + (pathname.endsWith("/") ? pathname : `${pathname}/`);
}
function encodePath(path) {
  return encodeURI(path).replaceAll(MEANT, (character) => encodeURIComponent(character));
}
function redirectTarget(from, location) {
  if (!URL.canParse(location, from)) return { is: "elsewhere", url: location };
  const [here, there] = [new URL(from), new URL(location, from)];
  there.hash = "";
  const isSame = here.origin === there.origin && there.search === "" && plainPath(here) === plainPath(there);
  return { is: isSame ? "same-page" : "elsewhere", url: there.href };
}
function plainPath({ pathname }) {
  return pathname.replace(/(^|\/)index(?:\.html?)?$/, "$1").replace(/\.html?$|\/$/, "");
}

// src/verify/expected.ts
import { createHash } from "node:crypto";

// member:src/encode/content-type.ts?src/verify/expected.ts
import { DECIDING_BYTES, USUAL, bytesDecide, decidingEnding, guessContentType, knownContentType, typeNameOf, typeOfBytes } from "./step-9F1F6A95.mjs";

// member:src/encode/encoding-check.ts?src/verify/expected.ts
import { checkEncoding, encodingNeedsBytes } from "./step-9F1F6A95.mjs";

// member:src/encode/header-syntax.ts?src/verify/expected.ts
import { CONTENT_HEADERS, GRANT_PREFIX, MAX_METADATA_BYTES, METADATA_PREFIX, OBJECT_HEADERS, REUSED_MARK, checkHeaderName, checkedValue, isRemovable, keptTags, normalizeHeaders, parseHeader, storedEncoding, taggingHeader, takeRemoved } from "./step-9F1F6A95.mjs";

// member:src/plan/listing/lookup.ts?src/verify/expected.ts
import { dropPlanned, dropUnit, remoteLookup, withRemoteState } from "./step-9F1F6A95.mjs";

// member:src/run/blocks.ts?src/verify/expected.ts
import { MOST_IN_BLOCK, blocksFrom, blocksOf, inBlocks, unitsOf } from "./step-9F1F6A95.mjs";

// member:src/source/redirects.ts?src/verify/expected.ts
import { REDIRECT_LOCATION, withRedirects } from "./step-9F1F6A95.mjs";

// member:src/transfer/put/form.ts?src/verify/expected.ts
import { HEADER_OPTIONS, entryForms, headersOfEntry, namedHeaders } from "./step-9F1F6A95.mjs";

// src/verify/decode.ts
import { promisify } from "node:util";
import zlib from "node:zlib";

// member:src/model/encodings.ts?src/verify/decode.ts
import { ENCODINGS, cannotBe, codingOfBytes, codingsOf, copyNamed, nameInside } from "./step-9F1F6A95.mjs";

// src/verify/decode.ts
var { zstdDecompress } = zlib;
var gunzip = promisify(zlib.gunzip);
var inflate = promisify(zlib.inflate);
var inflateRaw = promisify(zlib.inflateRaw);
var DECODERS = new Map([
  ["gzip", gunzip],
  ["br", promisify(zlib.brotliDecompress)],
  // RFC 9110, 8.4.1.2: some servers send it without the zlib wrapper.
  ["deflate", (bytes, limit) => inflate(bytes, limit).catch(() => inflateRaw(bytes, limit))],
  ...zstdDecompress === void 0 ? [] : [["zstd", promisify(zstdDecompress)]]
]);
var ACCEPT_ENCODING = ["gzip", "deflate", "br", ...DECODERS.has("zstd") ? ["zstd"] : []].join(", ");
var MOST_CODINGS = 3;
async function decodeBody(body, contentEncoding, most) {
  const codings = codingsOf(contentEncoding);
  if (body.length === 0) return { bytes: body };
  if (codings.length > MOST_CODINGS) return { problem: "unknown" };
  let bytes = body;
  for (const coding of codings.toReversed()) {
    const decoder = DECODERS.get(coding);
    if (decoder === void 0) return { problem: "unknown" };
    try {
      bytes = await decoder(bytes, { maxOutputLength: most });
    } catch (error) {
      const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
      return { problem: isTooLarge ? "too large" : "damaged" };
    }
  }
  return { bytes };
}

// member:src/verify/sample.ts?src/verify/expected.ts
import { MOST, MOST_BYTES, sampleOf } from "./step-9F1F6A95.mjs";

// src/verify/words.ts
var MOST_HTML_BYTES = 1024 * 1024;
var OPTIONAL = new Set(
  "doctype html head body p li dt dd rt rp optgroup option colgroup caption thead tbody tfoot tr td th type text javascript css language method get".split(
    " "
  )
);
var WORD = /[\p{L}\p{N}_-]+/gu;
var APART = /[\s<>"'=;,()]+/;
var EMAIL = /^(?:mailto:)?[^/@]+@[^/@]+\.[^/@]+$/;
function wordsOf(html) {
  const words = /* @__PURE__ */ new Set();
  for (const text of withoutComments(html).split(APART)) {
    if (text.includes("@") && EMAIL.test(text)) continue;
    for (const [word] of text.replaceAll(/&#?\w+$/g, " ").matchAll(WORD)) words.add(word.toLowerCase());
  }
  return words;
}
function withoutComments(html) {
  const kept = [];
  let at = 0;
  for (; ; ) {
    const start = html.indexOf("<!--", at);
    const end = start < 0 ? -1 : html.indexOf("-->", start + 4);
    if (end < 0) return kept.join(" ") + html.slice(at);
    kept.push(html.slice(at, start));
    at = end + 3;
  }
}
function hasWordsOf(uploaded, served) {
  for (const word of uploaded) if (!served.has(word) && !OPTIONAL.has(word)) return false;
  return true;
}

// src/verify/expected.ts
var MOST_WORDS_BYTES = 16 * 1024 * 1024;
var HTML = /^(?:text\/html|application\/xhtml\+xml)\b/i;
async function readExpected(objects, context, signal) {
  const { source } = context;
  const unread = source.rewalkable ? "changed" : "once";
  const found = new Map(objects.map((object) => [object.key, unreadExpected(object, unread, context)]));
  const wanted = new Map(objects.map((object) => [object.key, object]));
  if (!source.rewalkable || wanted.size === 0) return found;
  let left = MOST_WORDS_BYTES;
  for await (const unit of unitsOf(source.walk(signal), dropUnit)) {
    if (unit.kind !== "entry") continue;
    try {
      const object = wanted.get(unit.key);
      if (object === void 0) continue;
      wanted.delete(unit.key);
      const bytes = await bytesOf(unit, object, signal);
      if (bytes === void 0) continue;
      const expected = await expectedOf(unit, object, bytes, left, context);
      if (expected.words !== void 0) left -= bytes.length;
      found.set(unit.key, expected);
    } finally {
      unit.release?.();
    }
    if (wanted.size === 0) break;
  }
  return found;
}
async function bytesOf(entry, { sourceBytes }, signal) {
  let content;
  try {
    content = await entry.open(async () => {
    }, signal);
    if (content.size !== sourceBytes || content.size > MOST_BYTES) return void 0;
    return Buffer.from(await content.slice(0, content.size, Buffer.alloc(content.size)));
  } catch (error) {
    if (signal.aborted) throw error;
    return void 0;
  } finally {
    await content?.close();
  }
}
function unreadExpected({ key, sourceBytes, contentType, contentEncoding }, unread, { options, redirects }) {
  return {
    digests: [],
    bytes: unread === "once" && sourceBytes > 0 ? sourceBytes : void 0,
    words: void 0,
    contentType,
    onlyEssence: false,
    contentEncoding,
    redirect: redirects.find((one) => one.key === key)?.location ?? options.websiteRedirect,
    unread
  };
}
async function expectedOf(entry, object, bytes, wordsLeft, context) {
  const { options } = context;
  const name = entry.plainKey ?? entry.key;
  const { headers, guessed } = namedHeaders(entry, headersOfEntry(options, entry), void 0, context);
  takeRemoved(headers);
  const compared = !object.isWritten && options.updateHeaders;
  const contentEncoding = object.contentEncoding ?? (object.isWritten ? void 0 : encodingOf(entry, headers, bytes));
  const byBytes = guessed === void 0 || contentEncoding !== void 0 ? void 0 : typeOfBytes(guessed, bytes);
  const contentType = object.contentType ?? (compared ? byBytes ?? headers["content-type"] : void 0);
  const decoded = await decodeBody(bytes, contentEncoding, MOST_BYTES);
  const plain = "bytes" in decoded && contentEncoding !== void 0 ? decoded.bytes : bytes;
  const digests = plain === bytes ? [digestOf(bytes)] : [digestOf(plain), digestOf(bytes)];
  if (object.etag === md5(bytes)) digests.length = 1;
  const isHtml = contentType === void 0 ? /\.x?html?$/i.test(name) : HTML.test(contentType);
  const hasWords = isHtml && plain.length <= Math.min(MOST_HTML_BYTES, wordsLeft);
  return {
    digests,
    bytes: plain.length,
    words: hasWords ? wordsOf(plain.toString()) : void 0,
    contentType,
    onlyEssence: compared,
    contentEncoding,
    redirect: headers[REDIRECT_LOCATION],
    unread: void 0
  };
}
function encodingOf(entry, headers, bytes) {
  const { "content-encoding": named } = headers;
  if (named !== void 0) return named;
  const verdict = checkEncoding(headers, entry.plainKey ?? entry.key, bytes);
  return verdict.is === "missing" ? verdict.coding : void 0;
}
function md5(bytes) {
  return createHash("md5").update(bytes).digest("hex");
}
function digestOf(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

// member:src/report/message.ts?src/verify/hints.ts
import { LONGEST_CODE as LONGEST_CODE2, LONGEST_TEXT as LONGEST_TEXT2, Message as Message2, TEXTS as TEXTS2, asInApi as asInApi2, given as given2, keepMessages as keepMessages2, msg as msg2, option as option2, shortText as shortText2, shorten as shorten2, textIn as textIn2, warning as warning2 } from "./step-9F1F6A95.mjs";

// member:src/model/version.ts?src/verify/fetch.ts
import { VERSION } from "./step-9F1F6A95.mjs";

// member:src/s3/http/http-client.ts?src/verify/fetch.ts
import { AbortedInFlight, CLOSE_FROM_STATUS, DEFAULT_PATIENCE, HttpFailure, IDLE_MS, MAX_HEAD_BYTES, MAX_REFUSAL_BYTES, MAX_RESPONSE_BYTES, SLICE_BYTES, SLOW_MS, abortIn, asFailure, joinedValue, needsNewConnection, onNewConnection, throwIfAborted, tooLarge } from "./step-9F1F6A95.mjs";

// member:src/model/encodings.ts?src/verify/judge.ts
import { ENCODINGS as ENCODINGS2, cannotBe as cannotBe2, codingOfBytes as codingOfBytes2, codingsOf as codingsOf2, copyNamed as copyNamed2, nameInside as nameInside2 } from "./step-9F1F6A95.mjs";

// member:src/report/format.ts?src/verify/judge.ts
import { beforeCompression as beforeCompression2, counted as counted2, escapeHtml as escapeHtml2, formatBytes as formatBytes2, headerChangeText as headerChangeText2, number as number2, printable as printable2, rateText as rateText2, secondsText as secondsText2, smallDollars as smallDollars2, visible as visible2 } from "./step-9F1F6A95.mjs";

// member:src/report/mask-secrets.ts?src/verify/judge.ts
import { maskAddress, maskSecrets, maskUrl, maskUrlsIn, passwordIn, shownValue } from "./step-9F1F6A95.mjs";

// src/verify/judge.ts
var MOST_BODY_BYTES = 16 * 1024 * 1024;
var REDIRECTS = /* @__PURE__ */ new Set([301, 302, 303, 307, 308]);
var wrong = (fault, message) => ({ is: "wrong", fault, message });
async function judge(object, expected, served, now) {
  const { status } = served;
  if (REDIRECTS.has(status)) return judgeRedirect(expected, served);
  if (status === 200) return judgeContent(object, expected, served, now);
  if (status === 404 && NOT_FOUND_PAGE.test(object.path)) {
    const verdict = await judgeContent(object, expected, served, now);
    if (verdict.is !== "wrong") return verdict;
  }
  return judgeStatus(status);
}
var NOT_FOUND_PAGE = /(?:^|\/)404(?:\.html?|\/(?:index\.html?)?)?$/;
async function judgeContent(object, expected, served, now) {
  const { header } = served;
  const coding = header("content-encoding");
  const decoded = await decodeBody(served.body, coding, MOST_BODY_BYTES);
  const problem = "problem" in decoded ? decoded.problem : void 0;
  const bytes = "bytes" in decoded ? decoded.bytes : served.body;
  const isComparable = problem === "unknown" && codingsOf2(coding).join() === codingsOf2(expected.contentEncoding).join();
  if (problem !== void 0 && !(isComparable && equality(object, expected, served, bytes) === "equal")) {
    const what = {
      unknown: "which is not known here",
      damaged: "but its bytes are not encoded so",
      "too large": `and has more than ${MOST_BODY_BYTES / 1024 / 1024} MiB when decoded`
    };
    return wrong("headers", `is served with Content-Encoding "${shownHeader(coding)}", ${what[problem]}`);
  }
  const type = typeProblem(expected, header("content-type"));
  const equal = equality(object, expected, served, bytes);
  if (equal === "equal") return type ?? { is: "right" };
  const encoding = await encodingProblem(object, expected, coding, bytes);
  if (encoding !== void 0) return encoding;
  const old = signOfAge(object, served, bytes, now);
  const lengths = `${number2(bytes.length)} bytes${expected.bytes === void 0 || expected.bytes === bytes.length ? "" : ` instead of the ${number2(expected.bytes)} that were uploaded`}`;
  if (old !== void 0) return wrong("stale", `serves other content, ${lengths}: ${old}`);
  if (type !== void 0) return type;
  if (equal === "same-length") return { is: "right", byLength: true };
  if (expected.unread === "changed")
    return {
      is: "rewritten",
      message: `could not be compared with its file, which has changed since it was uploaded (${number2(bytes.length)} bytes are served)`
    };
  if (isRewritten(object, expected, served, bytes))
    return { is: "rewritten", message: `is changed on the way, ${lengths}` };
  return wrong("stale", `serves other content, ${lengths}`);
}
function judgeStatus(status) {
  const fault = status === 401 || status === 407 ? "denied" : status === 403 || status === 404 || status === 410 ? "missing" : "server";
  return wrong(fault, `responds with ${status}`);
}
function judgeRedirect({ redirect, unread }, { status, header, url }) {
  const location = header("location") ?? "";
  const where = `redirects (${status}) to ${location === "" ? "nowhere" : shownHeader(location)}`;
  if (redirect !== void 0)
    return status === 301 && leadsTo(redirect, location, url) ? { is: "right" } : wrong("redirect", `${where} instead of (301) to ${redirect}`);
  if (unread === "once") return { is: "rewritten", message: where };
  return wrong(isAway(location, url) ? "away" : "redirect", where);
}
function isAway(location, url) {
  return URL.canParse(location, url) && new URL(location, url).origin !== new URL(url).origin;
}
function leadsTo(expected, location, url) {
  if (expected === location) return true;
  if (!URL.canParse(expected, url) || !URL.canParse(location, url)) return false;
  const [one, other] = [new URL(expected, url), new URL(location, url)];
  const isPath = expected.startsWith("/");
  return (isPath || one.origin === other.origin) && one.pathname === other.pathname && one.search === other.search;
}
function equality({ etag }, { digests, bytes: expected, contentEncoding }, { body, header }, bytes) {
  if (digests.length > 0 && digests.includes(digestOf(bytes))) return "equal";
  const isStored = contentEncoding === void 0 ? md5(body) === etag || md5(bytes) === etag : md5(body) === etag && codingsOf2(header("content-encoding")).join() === codingsOf2(contentEncoding).join();
  if (isStored) return "equal";
  return digests.length === 0 && expected === bytes.length ? "same-length" : "different";
}
var S3_ETAG = /^[0-9a-f]{32}(?:-\d+)?$/;
function typeProblem({ contentType, onlyEssence }, served) {
  if (contentType === void 0) return void 0;
  const [expected, found] = [typeOf(contentType), typeOf(served ?? "")];
  const sameCharset = onlyEssence || expected.charset === void 0 || expected.charset === found.charset;
  if (expected.essence === found.essence && sameCharset) return void 0;
  const shown = served === void 0 ? "no Content-Type" : `Content-Type "${shownHeader(served)}"`;
  return wrong("headers", `is served with ${shown} instead of "${contentType}"`);
}
function typeOf(header) {
  const [essence = "", ...parameters] = header.toLowerCase().split(";");
  const charset = parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(one)?.[1]).find(Boolean);
  return { essence: essence.trim(), charset };
}
async function encodingProblem({ etag }, { digests, contentEncoding }, served, bytes) {
  if (contentEncoding === void 0) return void 0;
  const again = await decodeBody(bytes, contentEncoding, MOST_BODY_BYTES);
  const isCompressed = md5(bytes) === etag || "bytes" in again && digests.includes(digestOf(again.bytes));
  if (!isCompressed) return void 0;
  return codingsOf2(served).length === 0 ? wrong(
    "headers",
    `is served without its Content-Encoding "${contentEncoding}", so that browsers see compressed bytes`
  ) : wrong("headers", `is served compressed twice, with Content-Encoding "${shownHeader(served)}"`);
}
function signOfAge(object, { header, body }, bytes, now) {
  const { etag, isWritten, writtenAt, replacedBytes } = object;
  const served = etagIn(header("etag"));
  if (etag !== void 0 && served !== void 0 && S3_ETAG.test(etag) && S3_ETAG.test(served) && etag !== served)
    return "its ETag is that of another object";
  if (!isWritten) return void 0;
  const age = Number(header("age") ?? "0");
  if (writtenAt !== void 0 && age > (now - writtenAt) / 1e3 + 2)
    return `it was cached ${secondsText2(age)} ago, before this upload`;
  if (replacedBytes !== void 0 && (replacedBytes === body.length || replacedBytes === bytes.length))
    return "it is as long as the object that was replaced";
  return void 0;
}
function etagIn(header) {
  return /^(?:W\/)?"(.*?)(?:[-;](?:gzip|br|df|zstd))?"$/.exec(header ?? "")?.[1];
}
var HTML2 = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i;
var IMAGE = /^\s*image\//i;
function isRewritten({ etag }, expected, { header }, bytes) {
  if (etag !== void 0 && etagIn(header("etag")) === etag) return true;
  const type = header("content-type") ?? "";
  if (IMAGE.test(type)) return bytes.length > 0;
  if (!HTML2.test(type) || bytes.length === 0) return false;
  if (expected.unread === "once") return true;
  const { words } = expected;
  return words !== void 0 && bytes.length <= 2 * MOST_HTML_BYTES && hasWordsOf(words, wordsOf(bytes.toString()));
}
function shownHeader(value = "") {
  const shown = maskUrlsIn(value);
  return shown.length <= 200 ? shown : `${shown.slice(0, 200)}…`;
}

// src/verify/fetch.ts
var MOST_REDIRECTS = 3;
async function getPage(http, url, signal) {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    let served;
    try {
      served = await get(http, at, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AbortedInFlight) throw error;
      return { code: error instanceof HttpFailure ? error.code : "unknown", problem: problemOf(error) };
    }
    const location = served.status >= 300 && served.status < 400 ? served.header("location") : void 0;
    const target = location === void 0 ? void 0 : redirectTarget(at, location);
    if (target?.is !== "same-page" || target.url === at || redirects >= MOST_REDIRECTS) return served;
    at = target.url;
  }
}
async function get(http, url, signal) {
  const { origin, host } = new URL(url);
  const headers = {
    host,
    accept: "*/*",
    "accept-encoding": ACCEPT_ENCODING,
    "user-agent": `s3-parallel-put/${VERSION} (live check)`
  };
  const target = url.slice(origin.length);
  const request = { origin, method: "GET", target, headers, maxResponseBytes: MOST_BODY_BYTES };
  const { status, header, body } = await http.send(request, signal);
  return { url, status, header, body };
}
var CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;
var PROBLEMS = {
  ENOTFOUND: "has a host name that does not resolve",
  ECONNREFUSED: "accepts no connections",
  ConnectTimeout: "does not accept connections in time",
  SilentServer: "does not respond",
  TruncatedAnswer: "closes the connection in the middle of the response",
  ECONNRESET: "closes the connection before the response"
};
function problemOf(error) {
  const { code = "", message } = error instanceof HttpFailure ? error : { message: String(error) };
  if (CERTIFICATE.test(code)) return `has a certificate that is not accepted: ${message} (${code})`;
  const known = PROBLEMS[code];
  return known === void 0 ? `could not be fetched: ${message}` : `${known} (${code})`;
}

// src/verify/hints.ts
function causeOf(code) {
  return CERTIFICATE.test(code) ? "certificate" : "connection";
}
function isFinal(cause, code) {
  return cause === "denied" || cause === "away" || cause === "certificate" || code === "ENOTFOUND" || code === "ProxyRefused";
}
function hintOf(cause, { cloudfront, prefix }) {
  switch (cause) {
    case "denied":
      return msg2`The live check sends no password and no cookie. Give an address that needs none, or leave {verifyUrl} out.`;
    case "missing":
      return msg2`S3 and CDNs respond so where there is no object. {verifyUrl} is the address of what the bucket has ${prefix === "" ? "at its root" : `below ${prefix}`}: check it, the origin path of the CDN, and who may read the bucket.`;
    case "redirect":
    case "away":
      return msg2`If the site is where the redirect leads, write that address in {verifyUrl}.`;
    case "server":
      return "Look at the status and the log of the CDN, and of what is behind it.";
    case "headers":
      return "If no cache has kept old headers, look at the functions, header policies and compression of the CDN.";
    case "certificate":
      return msg2`Check the host in {verifyUrl} and its certificate. If a CA of your own has issued it, name that in NODE_EXTRA_CA_CERTS.`;
    case "connection":
      return msg2`Check {verifyUrl}, the network, and whether a {proxy} is needed.`;
    case "stale":
    case "other":
      return staleHint(cloudfront);
  }
}
function staleHint(cloudfront) {
  if (cloudfront === void 0)
    return msg2`A CDN that keeps old content needs an invalidation; for CloudFront set {cloudfrontDistributionId}. Also check that {verifyUrl} is the site of this bucket.`;
  if (!cloudfront.wait)
    return msg2`{waitForInvalidation: true} waits until CloudFront has dropped the old content before the check.`;
  return msg2`CloudFront has dropped the old content, so look for another cache, a function, or an origin path; and check that {verifyUrl} is the site of this bucket.`;
}

// src/verify/rounds.ts
var CONCURRENCY = 8;
var REWRITTEN_ROUNDS = 2;
async function checkInRounds(context) {
  const { patience, signal } = context;
  const { default: pMap } = await import("./p-map-WZKDWIAD.mjs");
  const results = /* @__PURE__ */ new Map();
  const deadline = AbortSignal.timeout(patience.totalMs);
  const either = AbortSignal.any([signal, deadline]);
  let open = context.objects;
  try {
    for (let round = 0; ; round++) {
      await pMap(
        open,
        async (object) => {
          either.throwIfAborted();
          results.set(object.key, await checkObject(object, context, either));
        },
        { concurrency: CONCURRENCY }
      );
      open = open.filter(({ key }) => mayChange(results.get(key), round));
      const wait = patience.waits[round];
      if (open.length === 0 || wait === void 0) break;
      await patience.sleep(wait, either);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted) throw error;
  }
  return results;
}
function mayChange(result, round) {
  switch (result?.is) {
    case "wrong":
      return !result.final;
    case "rewritten":
      return round < REWRITTEN_ROUNDS;
    default:
      return false;
  }
}
async function checkObject(object, context, signal) {
  const { site, expected, http, patience } = context;
  const wanted = expected.get(object.key);
  if (wanted === void 0) throw new TypeError("nothing is expected of an object");
  const addresses = addressesOf(site, object.path);
  let result;
  for (const url of addresses) {
    const served = await getPage(http, url, signal);
    if ("problem" in served) {
      const cause = causeOf(served.code);
      return { object, url, is: "wrong", cause, final: isFinal(cause, served.code), message: served.problem };
    }
    const verdict = await judge(object, wanted, served, patience.now());
    const isFallback = url !== addresses.at(-1) && isNoIndex(verdict, served, object, context);
    if (isFallback) continue;
    result = resultOf(object, served.url, verdict);
    break;
  }
  if (result === void 0) throw new TypeError("an object without a URL");
  return result;
}
function resultOf(object, url, verdict) {
  if (verdict.is !== "wrong") return { object, url, ...verdict };
  const { fault: cause, message } = verdict;
  return { object, url, is: "wrong", cause, final: isFinal(cause, void 0), message };
}
function isNoIndex(verdict, served, { path }, { objects, expected }) {
  if (verdict.is === "right") return false;
  if (served.status === 403 || served.status === 404) return true;
  if (!path.includes("/")) return false;
  const root = objects.find((one) => one.path === "index.html");
  const digests = root === void 0 ? [] : expected.get(root.key)?.digests ?? [];
  return digests.includes(digestOf(served.body));
}

// src/verify/check-site.ts
var PATIENCE = {
  waits: [1e3, 2e3, 4e3, 8e3, 16e3],
  totalMs: 6e4,
  sleep: (ms, signal) => sleep(ms, void 0, { signal }),
  now: Date.now
};
var HTTP_PATIENCE = { connectMs: 1e4, sendMs: 1e4, responseMs: 1e4 };
var MOST_LISTED = 100;
async function checkSite(run, site, sample, context) {
  const { record, stop } = run;
  const objects = sample.chosen();
  if (objects.length === 0) {
    record.warn(
      "live-check-empty",
      msg`The live check had nothing to compare: no object of this run is known to be equal to its file.`
    );
    return;
  }
  const { signal } = stop;
  const expected = await readExpected(objects, context, signal);
  const http = socketClient({ patience: context.http ?? HTTP_PATIENCE, proxy: context.proxy });
  let results;
  try {
    const patience = { ...PATIENCE, ...context.patience };
    results = await checkInRounds({ site, objects, expected, http, patience, signal });
  } finally {
    http.close();
  }
  conclude(run, rootOf(site), objects, results, context);
}
function conclude({ record }, url, objects, results, { options }) {
  const reached = objects.flatMap(({ key }) => results.get(key) ?? []);
  const all = reached.length > 0 ? reached : objects.slice(0, 1).map((object) => silent(object, url));
  const failures = all.flatMap((result) => result.is === "wrong" ? [result] : []);
  const rewritten = all.flatMap((result) => result.is === "rewritten" ? [result] : []);
  const liveCheck = {
    url,
    checked: all.length,
    failed: failures.length,
    failures: failures.slice(0, MOST_LISTED).map(livePage),
    warnings: rewritten.slice(0, MOST_LISTED).map(livePage)
  };
  record.include(() => ({ liveCheck }));
  const [changed] = rewritten;
  if (changed !== void 0)
    record.warn(
      "live-check-rewritten",
      `The live site serves ${counted(rewritten.length, "file", "files")} otherwise than uploaded, as CDNs that rewrite pages do. For example ${changed.url} ${changed.message}.`
    );
  const byLength = all.filter((result) => result.is === "right" && result.byLength === true).length;
  if (byLength > 0)
    record.warn(
      "live-check-length",
      `The live check compared only the length of ${counted(byLength, "file", "files")}: the source can be read only once.`
    );
  const left = objects.length - all.length;
  if (left > 0)
    record.warn(
      "live-check-unfinished",
      `The live check did not reach ${counted(left, "URL", "URLs")} within its time, because the site responds slowly.`
    );
  const [first] = failures;
  if (first === void 0) return;
  const share = `${failures.length} of ${counted(all.length, "URL", "URLs")}`;
  throw new LiveCheckError(
    `Everything is in the bucket, but the live check failed for ${share}. First: ${first.url} ${first.message}.`,
    record.report(true),
    hintOf(first.cause, options)
  );
}
function silent(object, url) {
  return { object, url, is: "wrong", cause: "connection", final: true, message: "did not respond in time" };
}
function livePage({ object, url, ...result }) {
  return { url, key: object.key, message: "message" in result ? result.message : "" };
}
export {
  checkSite
};
