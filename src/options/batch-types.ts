/** Options of a copy by S3 Batch Operations. */
export interface BatchOptions {
  /** Let S3 itself copy what a job of S3 Batch Operations can copy; the rest is copied as usual. @default false */
  readonly batchOperations?: boolean | undefined;
  /** ARN of the role that the jobs assume. Needed to create jobs; its account is the one in which they run. */
  readonly batchRole?: string | undefined;
  /** Ids of jobs that an earlier run has created: they are waited for, and no others are created. */
  readonly batchJob?: string | readonly string[] | undefined;
  /** Where manifests and completion reports go: `s3://bucket/prefix`, in the region of the destination. @default `s3-parallel-put-jobs/` in the destination's bucket */
  readonly batchReports?: string | undefined;
}
