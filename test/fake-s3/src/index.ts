/**
 * An S3 server for tests, over real HTTP on 127.0.0.1. It checks signatures and checksums, responds as S3 does, and has faults and
 * modes for what goes wrong elsewhere. A request passes through `serve` (record, fault, response) and `respond` (signature, bucket,
 * operation). Each operation has its own file. The README says what is not supported.
 */

export type { Endpoint } from './client/endpoint.js';
export type { CredentialLimits, S3Credentials } from './credentials.js';
export type { Fault, FaultHandle, FaultKind } from './fault.js';
export { ByteRate } from './http/byte-rate.js';
export type { DeniedKeys, S3Mode } from './mode.js';
export type { RecordedRequest } from './record.js';
export { type S3Server, type S3ServerOptions, startS3Server } from './server.js';
export type { Checksum } from './store/checksum.js';
export { compareUtf8 } from './store/key-order.js';
export type { SeedOptions } from './store/seed.js';
export type { SeedManyOptions } from './store/seed-many.js';
export type { StoredObject } from './store/store.js';
export type { SeedUploadOptions } from './store/upload-access.js';
export type { StoredPart, StoredUpload } from './store/uploads.js';
export type { Verb } from './verb.js';
