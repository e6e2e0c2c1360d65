import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  exchange,
  sdk,
  sendDocument,
  sendVerbatim,
  watchResponses
} from "./chunk-TEN53WVU.mjs";
import "./chunk-UFVFSFV4.mjs";
import "./chunk-FUVL7C3K.mjs";
import "./chunk-Q5OWGGR3.mjs";
import "./chunk-EG7RN6WX.mjs";
import "./chunk-V4SOD5VY.mjs";
import "./chunk-TSCA43P4.mjs";
import "./chunk-ZQTTICJG.mjs";
import "./chunk-7NG3SK6H.mjs";
import "./chunk-B2NAOQ5N.mjs";

// member:src/errors.ts?src/s3/sdk/bucket.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-9F1F6A95.mjs";

// member:src/model/verbs.ts?src/s3/sdk/bucket.ts
import { REQUEST_DOLLARS, VERBS, isNeeded, maxResponseBytes, storageDollars } from "./step-9F1F6A95.mjs";

// member:src/run/abort.ts?src/s3/sdk/bucket.ts
import { orAborted, stopSwitch, untilAborted } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/copy.ts?src/s3/sdk/bucket.ts
import { aclIn, annotationsIn, copyAnswer, gotObject, tagsIn } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/document.ts?src/s3/sdk/bucket.ts
import { errorInBody, readDocument, reading, unusableResponse } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/listing.ts?src/s3/sdk/bucket.ts
import { listPage, parseListing, rootNamed, urlDecoded } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/multipart.ts?src/s3/sdk/bucket.ts
import { completeDocument, completedUpload, createdUpload, parseCompleted, parseParts, parseUploads, partsPage, uploadsPage } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/object.ts?src/s3/sdk/bucket.ts
import { headObject, partAnswer, putAnswer, refusedCheck } from "./step-9F1F6A95.mjs";

// member:src/s3/errors.ts?src/s3/sdk/bucket.ts
import { endlessListing, isNotS3, notS3Response, requestError, responseError, timeOf, withSettings } from "./step-9F1F6A95.mjs";

// member:src/s3/http/http-client.ts?src/s3/sdk/bucket.ts
import { AbortedInFlight, CLOSE_FROM_STATUS, DEFAULT_PATIENCE, HttpFailure, IDLE_MS, MAX_HEAD_BYTES, MAX_REFUSAL_BYTES, MAX_RESPONSE_BYTES, SLICE_BYTES, SLOW_MS, abortIn, asFailure, joinedValue, needsNewConnection, onNewConnection, throwIfAborted, tooLarge } from "./step-9F1F6A95.mjs";

// member:src/s3/integrity.ts?src/s3/sdk/bucket.ts
import { integrity, isEncrypted, isKms, payloadHashOf, prepareBody, unquoted } from "./step-9F1F6A95.mjs";

// member:src/s3/server-facts.ts?src/s3/sdk/bucket.ts
import { serverFacts } from "./step-9F1F6A95.mjs";

// member:src/s3/sign.ts?src/s3/sdk/bucket.ts
import { EMPTY_SHA256, amzDate, canonicalQuery, canonicalSigner, canonicalValue, encodeKey, encodeValue, sha256Hex, signedNames, signer } from "./step-9F1F6A95.mjs";

// member:src/s3/wire/bucket.ts?src/s3/sdk/bucket.ts
import { annotationHeaders, answerToPut, attemptError, copySourceHeaders, rangeText, wireBucket } from "./step-9F1F6A95.mjs";

// member:src/s3/wire/multipart.ts?src/s3/sdk/bucket.ts
import { completeHeaders, existed, uploadCheck, wireMultipart } from "./step-9F1F6A95.mjs";

// member:src/s3/wire/send.ts?src/s3/sdk/bucket.ts
import { conditionOf } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/delete.ts?src/s3/sdk/deletes.ts
import { deleteDocument, deletedKeys, deletedObject, isAbsent, taggingDocument } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/document.ts?src/s3/sdk/deletes.ts
import { errorInBody as errorInBody2, readDocument as readDocument2, reading as reading2, unusableResponse as unusableResponse2 } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/object.ts?src/s3/sdk/deletes.ts
import { headObject as headObject2, partAnswer as partAnswer2, putAnswer as putAnswer2, refusedCheck as refusedCheck2 } from "./step-9F1F6A95.mjs";

// member:src/s3/wire/deletes.ts?src/s3/sdk/deletes.ts
import { absentOr, deleteHeaders, wireDeletes } from "./step-9F1F6A95.mjs";

// src/s3/sdk/deletes.ts
function sdkDeletes(name, integrity2, send) {
  const aws = sdk();
  async function sendBody(call, command, body, signal) {
    const check = integrity2.demanded(body);
    sendDocument(command, body);
    return send(call, command, signal, check.headers).catch((error) => {
      throw refusedCheck2(integrity2, check, error, true);
    });
  }
  return {
    async deleteObjects(targets, signal) {
      const call = { verb: "DeleteObjects", bucket: name };
      const Objects = [{ Key: "key" }];
      const command = new aws.DeleteObjectsCommand({ Bucket: name, Delete: { Objects } });
      const response = await sendBody(call, command, deleteDocument(targets), signal);
      return readDocument2(call, response, (xml) => deletedKeys(call, targets, response.header, xml));
    },
    async deleteObject({ key, etag }, signal) {
      const call = { verb: "DeleteObject", bucket: name, key };
      try {
        const command = new aws.DeleteObjectCommand({ Bucket: name, Key: key });
        const response = await send(call, command, signal, deleteHeaders(etag));
        return readDocument2(call, response, (xml) => deletedObject(call, response.header, xml));
      } catch (error) {
        return absentOr(error);
      }
    },
    async putObjectTags(key, tags, signal) {
      const call = { verb: "PutObjectTagging", bucket: name, key };
      const command = new aws.PutObjectTaggingCommand({ Bucket: name, Key: key, Tagging: { TagSet: [] } });
      const response = await sendBody(call, command, taggingDocument(tags), signal);
      readDocument2(call, response, () => void 0);
    }
  };
}

// member:src/s3/answers/document.ts?src/s3/sdk/versions.ts
import { errorInBody as errorInBody3, readDocument as readDocument3, reading as reading3, unusableResponse as unusableResponse3 } from "./step-9F1F6A95.mjs";

// member:src/s3/answers/versions.ts?src/s3/sdk/versions.ts
import { versionsPage } from "./step-9F1F6A95.mjs";

// src/s3/sdk/versions.ts
function sdkVersions(name, send) {
  const aws = sdk();
  return {
    async listVersions(prefix, after, signal) {
      const call = { verb: "ListObjectVersions", bucket: name };
      const command = new aws.ListObjectVersionsCommand({
        Bucket: name,
        Prefix: prefix,
        EncodingType: "url",
        ...after !== void 0 && { KeyMarker: after.key },
        ...after?.versionId !== void 0 && { VersionIdMarker: after.versionId }
      });
      const response = await send(call, command, signal);
      return readDocument3(call, response, (xml) => versionsPage(call, xml, after));
    }
  };
}

// src/s3/sdk/bucket.ts
function sdkBucket(name, { session, client, integrity: integrity2, profile, requestHeaders }) {
  const aws = sdk();
  const protocol = session.address.secure ? "https:" : "http:";
  sendVerbatim(client, { headers: requestHeaders, protocol, name: "sendRequestHeaders" });
  watchResponses(client, ({ header }) => profile.learn(header("server")), "learnServer");
  async function send(call, command, signal, headers = {}) {
    const { verb, key } = call;
    sendVerbatim(command, {
      headers,
      ...key !== void 0 && { path: `${session.address.basePath}/${encodeKey(key)}` }
    });
    const sendCommand = () => client.send(command, { abortSignal: signal });
    try {
      await orAborted(Promise.resolve(session.credentials()), signal);
      const response = await exchange(command, maxResponseBytes(verb), sendCommand);
      if (response.status < 200 || response.status >= 300) throw responseError(call, response);
      return response;
    } catch (error) {
      throwIfAborted(signal, error);
      throw requestError(call, error);
    }
  }
  return {
    name,
    async putObject({ key, body, headers, ...request }, signal) {
      const call = { verb: "PutObject", bucket: name, key };
      const bytes = await body.read();
      const check = integrity2.check(bytes);
      const command = new aws.PutObjectCommand({ Bucket: name, Key: key, Body: bytes, ContentLength: bytes.length });
      const condition = conditionOf(request);
      const all = { ...headers, ...check.headers, ...condition };
      const response = await send(call, command, signal, all).catch((error) => {
        throw refusedCheck(integrity2, check, error, condition !== void 0);
      });
      return readDocument(call, response, (xml) => putAnswer(call, check, integrity2, response.header, xml));
    },
    headObject: headObject(name, async (call, { checksum, partNumber, versionId }, signal) => {
      const key = call.key ?? "";
      const command = new aws.HeadObjectCommand({
        Bucket: name,
        Key: key,
        ...checksum === true && { ChecksumMode: "ENABLED" },
        ...partNumber !== void 0 && { PartNumber: partNumber },
        ...versionId !== void 0 && { VersionId: versionId }
      });
      return (await send(call, command, signal)).headers();
    }),
    async listObjects({ prefix, startAfter, continuationToken, delimiter }, signal) {
      const call = { verb: "ListObjectsV2", bucket: name };
      const command = new aws.ListObjectsV2Command({
        Bucket: name,
        Prefix: prefix,
        EncodingType: "url",
        ...delimiter !== void 0 && { Delimiter: delimiter },
        ...startAfter !== void 0 && { StartAfter: startAfter },
        ...continuationToken !== void 0 && { ContinuationToken: continuationToken }
      });
      const response = await send(call, command, signal);
      const page = readDocument(call, response, (xml) => listPage(call, parseListing(xml), continuationToken));
      return { ...page, requestId: response.header("x-amz-request-id") };
    },
    ...sdkMultipart(name, { integrity: integrity2, profile, send }),
    ...sdkCopy(name, integrity2, send),
    ...sdkDeletes(name, integrity2, send),
    ...sdkVersions(name, send),
    close: () => client.destroy()
  };
}
function sdkMultipart(name, { integrity: integrity2, profile, send }) {
  const aws = sdk();
  const target = ({ key, uploadId }) => ({ Bucket: name, Key: key, UploadId: uploadId });
  return {
    facts: () => serverFacts(name, profile, integrity2),
    async createUpload(key, headers, signal, checksummed = true) {
      const call = { verb: "CreateMultipartUpload", bucket: name, key };
      const check = uploadCheck(integrity2, checksummed);
      const command = new aws.CreateMultipartUploadCommand({ Bucket: name, Key: key });
      const response = await send(call, command, signal, { ...headers, ...check.headers }).catch((error) => {
        throw refusedCheck(integrity2, check, error, false);
      });
      const crc32 = check.kind === "crc32";
      const uploadId = readDocument(call, response, (xml) => createdUpload(call, xml));
      return { uploadId, crc32, encrypted: isEncrypted(response.header), begunAt: timeOf(response.header("date")) };
    },
    async putPart({ key, uploadId, number, body, crc32, headers }, signal) {
      const call = { verb: "UploadPart", bucket: name, key };
      const bytes = await body.read();
      const check = integrity2.check(bytes, crc32);
      const part = { PartNumber: number, Body: bytes, ContentLength: bytes.length };
      const command = new aws.UploadPartCommand({ ...target({ key, uploadId }), ...part });
      const response = await send(call, command, signal, { ...headers, ...check.headers }).catch((error) => {
        throw refusedCheck(integrity2, check, error, false);
      });
      return readDocument(call, response, (xml) => partAnswer(call, check, integrity2, response.header, xml));
    },
    async completeUpload(request, signal) {
      const call = { verb: "CompleteMultipartUpload", bucket: name, key: request.key };
      const command = new aws.CompleteMultipartUploadCommand({ ...target(request), MultipartUpload: { Parts: [] } });
      sendDocument(command, completeDocument(request.parts));
      const response = await send(call, command, signal, completeHeaders(request, profile));
      const encrypted = isEncrypted(response.header);
      return readDocument(call, response, (xml) => completedUpload(call, parseCompleted(xml), encrypted));
    },
    async abortUpload(upload, signal) {
      const call = { verb: "AbortMultipartUpload", bucket: name, key: upload.key };
      return existed(send(call, new aws.AbortMultipartUploadCommand(target(upload)), signal));
    },
    async listParts(upload, after, signal) {
      const call = { verb: "ListParts", bucket: name, key: upload.key };
      const marker = after === void 0 ? {} : { PartNumberMarker: String(after) };
      const command = new aws.ListPartsCommand({ ...target(upload), ...marker });
      const response = await send(call, command, signal, upload.headers);
      return readDocument(call, response, (xml) => partsPage(call, parseParts(xml), after));
    },
    async listUploads(prefix, after, signal) {
      const call = { verb: "ListMultipartUploads", bucket: name };
      const command = new aws.ListMultipartUploadsCommand({
        Bucket: name,
        EncodingType: "url",
        ...prefix !== "" && { Prefix: prefix },
        ...after !== void 0 && { KeyMarker: after.key },
        ...after?.uploadId !== void 0 && { UploadIdMarker: after.uploadId }
      });
      const response = await send(call, command, signal);
      return readDocument(call, response, (xml) => uploadsPage(call, parseUploads(xml), after));
    }
  };
}
function sdkCopy(name, integrity2, send) {
  const aws = sdk();
  const target = ({ key, versionId }) => ({
    Bucket: name,
    Key: key,
    ...versionId !== void 0 && { VersionId: versionId }
  });
  return {
    async copyObject({ key, source, headers, onlyIfAbsent }, signal) {
      const call = { verb: "CopyObject", bucket: name, key };
      const copyHeaders = copySourceHeaders(source);
      const command = new aws.CopyObjectCommand({ ...target({ key }), CopySource: copyHeaders["x-amz-copy-source"] });
      const condition = onlyIfAbsent === void 0 ? {} : { "if-none-match": "*" };
      const response = await send(call, command, signal, { ...headers, ...copyHeaders, ...condition });
      return readDocument(call, response, (xml) => copyAnswer(call, response.header, xml));
    },
    async copyPart({ key, uploadId, number, headers, source, range }, signal) {
      const call = { verb: "UploadPartCopy", bucket: name, key };
      const copyHeaders = copySourceHeaders(source, range);
      const part = { UploadId: uploadId, PartNumber: number, CopySource: copyHeaders["x-amz-copy-source"] };
      const command = new aws.UploadPartCopyCommand({ ...target({ key }), ...part });
      const response = await send(call, command, signal, { ...headers, ...copyHeaders });
      return readDocument(call, response, (xml) => copyAnswer(call, response.header, xml));
    },
    async getObject(from, range, signal) {
      const call = { verb: "GetObject", bucket: name, key: from.key };
      const headers = {
        ...from.etag !== void 0 && { "if-match": `"${from.etag}"` },
        ...range !== void 0 && { range: rangeText(range) }
      };
      const { headers: readHeaders, body } = await send(call, new aws.GetObjectCommand(target(from)), signal, headers);
      return gotObject(
        call,
        { headers: readHeaders(), body },
        range === void 0 ? void 0 : range.end - range.start
      );
    },
    async objectTags(from, signal) {
      const call = { verb: "GetObjectTagging", bucket: name, key: from.key };
      const response = await send(call, new aws.GetObjectTaggingCommand(target(from)), signal);
      return readDocument(call, response, (xml) => tagsIn(call, xml));
    },
    async objectAcl(from, signal) {
      const call = { verb: "GetObjectAcl", bucket: name, key: from.key };
      const response = await send(call, new aws.GetObjectAclCommand(target(from)), signal);
      return readDocument(call, response, (xml) => aclIn(call, xml));
    },
    async listAnnotations(from, after, signal) {
      const call = { verb: "ListObjectAnnotations", bucket: name, key: from.key };
      const token = after === void 0 ? {} : { ContinuationToken: after };
      const List = known(call, aws.ListObjectAnnotationsCommand);
      const response = await send(call, new List({ ...target(from), ...token }), signal);
      return readDocument(call, response, (xml) => annotationsIn(call, xml, after));
    },
    async getAnnotation(from, signal) {
      const call = { verb: "GetObjectAnnotation", bucket: name, key: from.key };
      const Get = known(call, aws.GetObjectAnnotationCommand);
      return (await send(call, new Get({ ...target(from), AnnotationName: from.name }), signal)).body;
    },
    async putAnnotation({ key, name: annotation, body, etag }, signal) {
      const call = { verb: "PutObjectAnnotation", bucket: name, key };
      const Put = known(call, aws.PutObjectAnnotationCommand);
      const command = new Put({ ...target({ key }), AnnotationName: annotation, AnnotationPayload: body });
      const headers = { ...integrity2.check(body).headers, ...annotationHeaders(etag) };
      const response = await send(call, command, signal, headers);
      readDocument(call, response, () => void 0);
    }
  };
  function known(call, command) {
    if (command !== void 0) return command;
    const message = `${call.verb} s3://${name}/${call.key}: NotImplemented: the installed @aws-sdk/client-s3 has no annotations`;
    throw new S3RequestError(message, { ...call, code: "NotImplemented", hint: "Update @aws-sdk/client-s3." });
  }
}
export {
  sdkBucket
};
