/**
 * An S3 server for tests, over real HTTP on 127.0.0.1: it checks signatures and checksums, answers as S3 does,
 * and has a fault switch and modes for what goes wrong elsewhere. A request passes through `serve` (record, fault,
 * answer) and `respond` (signature, bucket, operation); each operation has a file of its own.
 *
 * Left out, and answered 501 where asked for: DeleteObjects, ListObjects (the first version), ListObjectVersions, deletes of
 * a version, presigned requests, and every subresource, except that tags and ACLs of an object can be read. Copies know no
 * access points and no customer keys, and archived objects cannot be restored.
 */
export type { Checksum } from './checksum.js';
export type { CredentialLimits, S3Credentials } from './credentials.js';
export type { Fault, FaultHandle, FaultKind } from './fault.js';
export { compareUtf8 } from './key-order.js';
export type { S3Mode } from './mode.js';
export type { RecordedRequest } from './record.js';
export type { SeedOptions } from './seed.js';
export type { SeedManyOptions } from './seed-many.js';
export { type S3Server, type S3ServerOptions, startS3Server } from './server.js';
export type { StoredObject } from './store.js';
export type { SeedUploadOptions } from './upload-access.js';
export type { StoredPart, StoredUpload } from './uploads.js';
export type { Verb } from './verb.js';
