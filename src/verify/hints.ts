import type { ResolvedSiteOptions } from '../options/site.js';
import { msg, type Text } from '../report/message.js';
import { CERTIFICATE } from './fetch.js';
import type { Fault } from './judge.js';

/** What is behind the failure of a URL. */
export type Cause = Fault | 'certificate' | 'connection';

/** The cause of a failure without a response, by its code. */
export function causeOf(code: string): 'certificate' | 'connection' {
  return CERTIFICATE.test(code) ? 'certificate' : 'connection';
}

/** Failures that no later try changes. */
export function isFinal(cause: Cause, code: string | undefined): boolean {
  return (
    cause === 'denied' || cause === 'away' || cause === 'certificate' || code === 'ENOTFOUND' || code === 'ProxyRefused'
  );
}

/** What a user can do about a failure. */
export function hintOf(
  cause: Cause,
  { cloudfront, prefix }: Pick<ResolvedSiteOptions, 'cloudfront'> & { readonly prefix: string },
): Text {
  switch (cause) {
    case 'denied':
      return msg`The live check sends no password and no cookie. Give an address that needs none, or leave {verifyUrl} out.`;
    case 'missing':
      return msg`S3 and CDNs respond so where there is no object. {verifyUrl} is the address of what the bucket has ${prefix === '' ? 'at its root' : `below ${prefix}`}: check it, the origin path of the CDN, and who may read the bucket.`;
    case 'redirect':
    case 'away':
      return msg`If the site is where the redirect leads, write that address in {verifyUrl}.`;
    case 'server':
      return 'Look at the status and the log of the CDN, and of what is behind it.';
    case 'headers':
      return 'If no cache has kept old headers, look at the functions, header policies and compression of the CDN.';
    case 'certificate':
      return msg`Check the host in {verifyUrl} and its certificate. If a CA of your own has issued it, name that in NODE_EXTRA_CA_CERTS.`;
    case 'connection':
      return msg`Check {verifyUrl}, the network, and whether a {proxy} is needed.`;
    case 'stale':
    case 'other':
      return staleHint(cloudfront);
  }
}

function staleHint(cloudfront: ResolvedSiteOptions['cloudfront']): Text {
  if (cloudfront === undefined)
    return msg`A CDN that keeps old content needs an invalidation; for CloudFront set {cloudfrontDistributionId}. Also check that {verifyUrl} is the site of this bucket.`;
  if (!cloudfront.wait)
    return msg`{waitForInvalidation: true} waits until CloudFront has dropped the old content before the check.`;
  return msg`CloudFront has dropped the old content, so look for another cache, a function, or an origin path; and check that {verifyUrl} is the site of this bucket.`;
}
