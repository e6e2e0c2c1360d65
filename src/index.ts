export { copy } from './copy.js';
export type { CopyKey, CopyOptions } from './copy-options.js';
export { guessContentType, knownContentType } from './encode/content-type.js';
export {
  AbortError,
  PartialFailureError,
  RefusedError,
  RunStoppedError,
  S3RequestError,
  SourceError,
  UsageError,
} from './errors.js';
export type { GzipOption } from './gzip-option.js';
export type { Job } from './job.js';
export { checkPut, put } from './put.js';
export type {
  CannedAcl,
  ChecksumChoice,
  Credentials,
  HeaderMap,
  HttpClientChoice,
  ItemBody,
  ItemInfo,
  PutItem,
  PutMode,
  PutOptions,
  ResumeChoice,
  Rule,
  Size,
  SourceInput,
  SseMethod,
  StorageClass,
  SymlinkRule,
} from './put-options.js';
export type { Event, OnEvent, Verb } from './report/event.js';
export type { Outcome, OutcomeAction, Verified } from './report/outcome.js';
export type { Report, ReportFailure } from './report/report.js';
export { type UnfinishedUpload, type UploadsOptions, uploads } from './uploads.js';
