// What is used of the SDK's client. Its package is an optional peer dependency, so only `import('./sdk.js')` may load this file.
export { CreateJobCommand, DescribeJobCommand, S3ControlClient } from '@aws-sdk/client-s3-control';
