import type { Answer } from '../http/answer.js';
import type { BucketOperation } from '../operation.js';
import { newVersionId } from '../store/versions.js';
import { checkWrite } from './conditions.js';

/** DeleteObject: 204 whether the key was there or not. */
export const deleteObject: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    const existing = bucket.get(request.key);
    checkWrite(request, mode, existing);
    bucket.delete(request.key, mode.versioning);
    const marker = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': newVersionId() };
    return { status: 204, headers: mode.versioning ? marker : {} };
  },
};
