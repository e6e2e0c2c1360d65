// What is used of the SDK's client. Its package is an optional peer dependency, so only `import('./sdk.js')` may load this file.
export {
  CloudFrontClient,
  CreateInvalidationCommand,
  GetCachePolicyCommand,
  GetDistributionConfigCommand,
  GetInvalidationCommand,
} from '@aws-sdk/client-cloudfront';
