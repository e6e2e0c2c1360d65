import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobState } from '../../../src/batch/wait.js';

test('the state of a job has its counts and its reasons', () => {
  assert.deepEqual(jobState('id', { Status: 'Active' }), {
    id: 'id',
    status: 'Active',
    tasks: 0,
    succeeded: 0,
    failed: 0,
    why: '',
  });
  const FailureReasons = [{ FailureCode: 'A', FailureReason: 'because' }, { FailureCode: 'B' }];
  const ProgressSummary = { TotalNumberOfTasks: 3, NumberOfTasksSucceeded: 2, NumberOfTasksFailed: 1 };
  assert.deepEqual(
    jobState('id', { Status: 'Failed', FailureReasons, ProgressSummary, StatusUpdateReason: 'by hand' }),
    {
      id: 'id',
      status: 'Failed',
      tasks: 3,
      succeeded: 2,
      failed: 1,
      why: 'A: because; B; by hand',
    },
  );
});
