import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  uploads,
  uploadsPlace
} from "./chunk-IW2FARQL.mjs";
import "./chunk-BN6H7DR5.mjs";
import "./chunk-B2NAOQ5N.mjs";

// member:src/config/connection-environment.ts?src/action/run-uploads.ts
import { checkEndpointVariables, copyWithConnectionEnvironment, withConnectionEnvironment } from "./step-9F1F6A95.mjs";

// member:src/config/layers.ts?src/action/run-uploads.ts
import { engineOptions, isConfigurable, mergeLayers, valuesIn } from "./step-9F1F6A95.mjs";

// member:src/config/locate-error.ts?src/action/run-uploads.ts
import { checkUploadsWithOrigin, prepareCopyWithOrigin, prepareDeleteWithOrigin, prepareFinishWithOrigin, preparePutWithOrigin } from "./step-9F1F6A95.mjs";

// member:src/errors.ts?src/action/run-uploads.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-9F1F6A95.mjs";

// member:src/options/names.ts?src/action/run-uploads.ts
import { inputName, renderOptionNames } from "./step-9F1F6A95.mjs";

// member:src/report/format.ts?src/action/run-uploads.ts
import { beforeCompression, counted, escapeHtml, formatBytes, headerChangeText, number, printable, rateText, secondsText, smallDollars, visible } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/action/run-uploads.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-9F1F6A95.mjs";

// member:src/action/errors.ts?src/action/run-uploads.ts
import { RUN_AGAIN, annotationsOf, describeError } from "./step-9F1F6A95.mjs";

// member:src/action/log.ts?src/action/run-uploads.ts
import { runLog, runnerLog } from "./step-9F1F6A95.mjs";

// member:src/action/markdown.ts?src/action/run-uploads.ts
import { bytesOf, code, codeSpan, fenced, fitting, folded, framed, html, htmlTable, link, many, oneLine, plainText, prose } from "./step-9F1F6A95.mjs";

// member:src/action/run-job.ts?src/action/run-uploads.ts
import { NO_RESULT, runError, runJob } from "./step-9F1F6A95.mjs";

// member:src/action/summary.ts?src/action/run-uploads.ts
import { earlySummary, joinSections, summaryMarkdown } from "./step-9F1F6A95.mjs";

// member:src/action/summary-heading.ts?src/action/run-uploads.ts
import { WORDS, addressText, commitOf, factsLine, heading } from "./step-9F1F6A95.mjs";

// member:src/action/summary-sections.ts?src/action/run-uploads.ts
import { costText, failuresList, largestTable, stepErrorText, unknownList, warningsList } from "./step-9F1F6A95.mjs";

// src/action/run-uploads.ts
async function runUploads(settings, given2, env, deps) {
  const { options, yes } = toUploadsOptions(settings, env);
  await checkUploadsWithOrigin(options, settings);
  const { log, cancelled } = deps;
  const progress = runLog(log);
  let isUnconfirmed = false;
  const confirm = async () => {
    isUnconfirmed = !yes;
    return yes;
  };
  try {
    const { onEvent } = progress;
    const found = await uploads({ ...options, ...given2, confirm, onEvent, signal: cancelled });
    for (const upload of found) log.info(printable(lineOf(upload)));
    log.info(`${uploadsText(found)}.`);
    return uploadsResult(found, options, isUnconfirmed ? unconfirmedError() : firstFailure(found));
  } catch (error) {
    throw cancelled.aborted ? cancelled.reason : error;
  } finally {
    progress.stop();
  }
}
function toUploadsOptions(settings, env) {
  const values = valuesIn(settings);
  const { bucket, ...rest } = engineOptions(settings, "uploads");
  if (typeof bucket !== "string")
    throw new UsageError('Input "bucket" is missing.', "Set it under with:, for example bucket: my-site.");
  if (values.abortOlderThan === void 0 && (values.any === true || values.yes === true))
    throw new UsageError('Inputs "any" and "yes" only matter for aborting uploads.', "Add abort-older-than: 7d.");
  const options = { ...rest, bucket };
  return { options: withConnectionEnvironment(options, env), yes: values.yes === true };
}
function uploadsResult(found, options, failure) {
  const { bucket, prefix } = uploadsPlace(options);
  const where = addressText(bucket, prefix);
  return {
    ...NO_RESULT,
    error: failure,
    summary: (error) => {
      const stepError = describeError(error);
      return joinSections([
        ...uploadsSections(where, found, error !== void 0),
        stepError && stepErrorText(stepError)
      ]);
    }
  };
}
function unconfirmedError() {
  return new UsageError("Nothing was aborted: it was not confirmed.", "Set yes: true to abort without asking.");
}
function firstFailure(found) {
  const failed = found.find(({ state }) => state === "failed");
  return failed === void 0 ? void 0 : failed.error ?? new Error(`${failed.key} could not be aborted.`);
}
function lineOf(upload) {
  const { key, uploadId, initiated, state, error } = upload;
  const age = initiated === void 0 ? "of unknown age" : `${ageText(upload)} old`;
  const end = error === void 0 ? "" : `: ${shorten(renderOptionNames(textIn(error, "message"), "action"))}`;
  return `${state} ${key} (${sizeText(upload)}, ${age}, upload ${uploadId})${end}`;
}
var MOST = 1e3;
var BYTES = 5e5;
var LONGEST_DESTINATION = 1200;
var STATES = {
  kept: "kept",
  chosen: "would be aborted",
  aborted: "aborted",
  failed: "failed"
};
function uploadsText(found) {
  if (found.length === 0) return "No unfinished uploads";
  const counts = ["aborted", "chosen", "failed", "kept"].flatMap((state) => {
    const count = found.filter((one) => one.state === state).length;
    return count === 0 ? [] : [`${number(count)} ${STATES[state]}`];
  });
  return [many(found.length, "unfinished upload"), ...counts.length === 0 ? [] : [counts.join(", ")]].join(": ");
}
function uploadsSections(destination, found, failed) {
  const head = `### ${failed ? "❌" : "✅"} ${uploadsText(found)} — ${codeSpan(destination, LONGEST_DESTINATION)}`;
  if (found.length === 0) return [head];
  const rows = found.slice(0, MOST).map((one) => [code(one.key), STATES[one.state], ageText(one), sizeText(one)]);
  const fit = fitting(
    rows.map((cells) => cells.join("")),
    BYTES
  ).length;
  const more = found.length - fit;
  return [
    head,
    htmlTable(["Upload", "State", "Age", "Size"], rows.slice(0, fit)),
    ...more > 0 ? [`<p>${prose(`${number(more)} more in the log.`)}</p>`] : []
  ];
}
function ageText({ initiated }) {
  return initiated === void 0 ? "unknown" : secondsText((Date.now() - initiated.getTime()) / 1e3);
}
function sizeText({ parts, bytes, ours }) {
  const size = parts === void 0 ? "parts unknown" : `${many(parts, "part")}, ${formatBytes(bytes ?? 0)}`;
  return ours ? size : `${size}, another tool's`;
}
export {
  runUploads
};
