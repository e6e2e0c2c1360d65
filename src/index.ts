export { copy } from './copy.js';
export { type DeleteObjectsOptions, type DeletionPlan, deleteObjects } from './delete.js';
export { guessContentType, knownContentType } from './encode/content-type.js';
export {
  AbortError,
  InvalidationError,
  LiveCheckError,
  PartialFailureError,
  RefusedError,
  RunStoppedError,
  S3RequestError,
  SourceError,
  UsageError,
} from './errors.js';
export { type ExplainOptions, type Explanation, explain } from './explain.js';
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
export type { FinishOptions } from './prepare-put.js';
export { checkPut, finish, put } from './put.js';
export type {
  Event,
  HeaderChange,
  LivePage,
  OnEvent,
  Outcome,
  OutcomeAction,
  Report,
  ReportFailure,
  ReportFinish,
  ReportLiveCheck,
  ReportShard,
  ReportUnknown,
  RunEvent,
  Verified,
} from './report/types.js';
export type { Job } from './run/job.js';
export { type UnfinishedUpload, type UploadsOptions, uploads } from './uploads.js';
