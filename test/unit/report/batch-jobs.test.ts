import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchJobText } from '../../../src/report/batch-jobs.js';

test('the line of a job that somebody has stopped says what lets it run, while the run waits for it', () => {
  const job = { id: '5ba4a1c1', objects: 1_200, succeeded: 3, failed: 0, dollars: 0.25 };
  const done = '3 of 1,200 objects copied';
  assert.equal(batchJobText({ ...job, status: 'Active' }), `Job 5ba4a1c1: Active, ${done}`);
  for (const status of ['Paused', 'Suspended'])
    assert.equal(
      batchJobText({ ...job, status, why: 'by hand' }),
      `Job 5ba4a1c1: ${status}, ${done} (by hand); aws s3control update-job-status lets it run, or cancels it`,
    );
});
