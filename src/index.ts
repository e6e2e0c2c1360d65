export { copy } from './copy.js';
export { type DeleteObjectsOptions, type DeletionPlan, deleteObjects } from './delete.js';
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
export type { Verb } from './model/verbs.js';
export type {
  CannedAcl,
  ChecksumChoice,
  CopyKey,
  CopyOptions,
  Credentials,
  GzipOption,
  HeaderMap,
  HeaderValues,
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
  WebStream,
} from './options/types.js';
export { checkPut, put } from './put.js';
export type {
  Event,
  HeaderChange,
  OnEvent,
  Outcome,
  OutcomeAction,
  Report,
  ReportFailure,
  ReportUnknown,
  RunEvent,
  Verified,
} from './report/types.js';
export type { Job } from './run/job.js';
export { type UnfinishedUpload, type UploadsOptions, uploads } from './uploads.js';
