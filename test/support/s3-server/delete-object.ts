import type { Answer } from './answer.js';
import { checkWrite } from './conditions.js';
import type { BucketOperation } from './operation.js';

/** DeleteObject: 204 whether the key was there or not. */
export const deleteObject: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    const existing = bucket.get(request.key);
    checkWrite(request, mode, existing);
    bucket.delete(request.key);
    return { status: 204, headers: {} };
  },
};
