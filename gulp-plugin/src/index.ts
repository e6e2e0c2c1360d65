import { reporter } from './reporter.js';
import { s3Put as plugin } from './s3-put.js';

export type { FileState, S3File } from './file-state.js';
export type { FileRule, OnCorrupt, S3PutOptions } from './options.js';
export type { FileFailure, S3PutError } from './plugin-error.js';
export type { ReporterOptions } from './reporter.js';

/** The plugin, with its reporter. It also has itself as `s3Put` and `default`, so that every form of `require` works. */
export type S3Put = typeof plugin & {
  readonly reporter: typeof reporter;
  readonly s3Put: S3Put;
  readonly default: S3Put;
};

export const s3Put: S3Put = Object.assign((...options: Parameters<typeof plugin>) => plugin(...options), {
  reporter,
}) as S3Put;
Object.assign(s3Put, { s3Put, default: s3Put });

export { reporter };
export default s3Put;
// The value that `require` returns for this ES module.
export { s3Put as 'module.exports' };
