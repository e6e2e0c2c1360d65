import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import "./chunk-B2NAOQ5N.mjs";

// src/batch/sdk.ts
import { CreateJobCommand, DescribeJobCommand, S3ControlClient } from "@aws-sdk/client-s3-control";
export {
  CreateJobCommand,
  DescribeJobCommand,
  S3ControlClient
};
