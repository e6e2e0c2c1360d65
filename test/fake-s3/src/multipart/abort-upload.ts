import type { Answer } from '../http/answer.js';
import type { BucketOperation } from '../operation.js';
import { findUpload } from './find-upload.js';

/** AbortMultipartUpload: 204, and every part is gone. */
export const abortUpload: BucketOperation = {
  run(call, bucket): Answer {
    bucket.uploads.end(findUpload(call).uploadId);
    return { status: 204, headers: {} };
  },
};
