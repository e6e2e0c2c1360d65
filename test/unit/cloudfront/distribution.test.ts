import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DistributionConfig } from '@aws-sdk/client-cloudfront';
import { distributionOf, keepsMissing } from '../../../src/cloudfront/distribution.js';

const config = (more: Partial<DistributionConfig>): DistributionConfig =>
  ({
    DefaultCacheBehavior: { TargetOriginId: 'one', ViewerProtocolPolicy: 'https-only', CachePolicyId: 'P1' },
    Origins: { Quantity: 1, Items: [{ Id: 'one', DomainName: 'site.s3.amazonaws.com' }] },
    ...more,
  }) as DistributionConfig;

test('an origin is the bucket, another bucket, or neither by its name', () => {
  const rows: readonly (readonly [domain: string, bucket: string, is: string])[] = [
    ['site.s3.amazonaws.com', 'site', 'own'],
    ['site.s3.eu-central-1.amazonaws.com', 'site', 'own'],
    ['site.s3-website-us-east-1.amazonaws.com', 'site', 'own'],
    ['site.s3-website.eu-central-1.amazonaws.com', 'site', 'own'],
    ['www.example.com.s3.dualstack.eu-west-1.amazonaws.com', 'www.example.com', 'own'],
    ['site.s3.cn-north-1.amazonaws.com.cn', 'site', 'own'],
    ['www.s3-demo.com.s3.eu-west-1.amazonaws.com', 'www.s3-demo.com', 'own'],
    ['a.s3.b.s3.amazonaws.com', 'a.s3.b', 'own'],
    ['site.b.s3.amazonaws.com', 'site', 'other'],
    ['other.s3.amazonaws.com', 'site', 'other'],
    ['a-site.s3.amazonaws.com', 'site', 'other'],
    ['point-abc-s3alias.s3.eu-west-1.amazonaws.com', 'site', 'unknown'],
    ['other.s3.amazonaws.com', 'arn:aws:s3:eu-west-1:123456789012:accesspoint/point', 'unknown'],
    ['api.example.com', 'site', 'unknown'],
    ['s3.example.com', 'site', 'unknown'],
  ];
  for (const [DomainName, bucket, is] of rows) {
    const { origins } = distributionOf(
      config({ Origins: { Quantity: 1, Items: [{ Id: 'one', DomainName, OriginPath: '/live' }] } }),
      new Set(),
      bucket,
    );
    assert.deepEqual(origins, [{ id: 'one', path: '/live', bucket: is }], DomainName);
  }
});

test('a behavior of an origin group leads to all of its origins', () => {
  const members = { Quantity: 2, Items: [{ OriginId: 'one' }, { OriginId: 'two' }] };
  const { behaviors } = distributionOf(
    config({
      OriginGroups: { Quantity: 1, Items: [{ Id: 'group', FailoverCriteria: undefined, Members: members }] },
      CacheBehaviors: {
        Quantity: 1,
        Items: [{ PathPattern: '/a/*', TargetOriginId: 'group', ViewerProtocolPolicy: 'https-only' }],
      },
    }),
    new Set(['P1']),
    'site',
  );
  assert.deepEqual(behaviors, [
    { pattern: '/a/*', targets: ['one', 'two'], varies: false },
    { targets: ['one'], varies: true },
  ]);
});

test('the older settings of a behavior say whether it keeps copies of a URL', () => {
  const rows = [
    [{ QueryString: false, Cookies: { Forward: 'none' } }, false],
    [{ QueryString: true, Cookies: { Forward: 'none' } }, true],
    [{ QueryString: false, Cookies: { Forward: 'whitelist' } }, true],
    [{ QueryString: false, Cookies: { Forward: 'none' }, Headers: { Quantity: 1, Items: ['Accept'] } }, true],
  ] as const;
  for (const [ForwardedValues, varies] of rows) {
    const behavior = { TargetOriginId: 'one', ViewerProtocolPolicy: 'https-only', ForwardedValues };
    const { behaviors } = distributionOf(
      config({ DefaultCacheBehavior: behavior } as unknown as DistributionConfig),
      new Set(),
      'site',
    );
    assert.equal(behaviors[0]?.varies, varies);
  }
});

test('a missing key is kept where a page is shown for it, or for more than a minute', () => {
  const rows = [
    [[], false],
    [[{ ErrorCode: 404, ErrorCachingMinTTL: 60 }], false],
    [[{ ErrorCode: 404, ErrorCachingMinTTL: 61 }], true],
    [[{ ErrorCode: 403, ResponsePagePath: '/404.html', ErrorCachingMinTTL: 0 }], true],
    [[{ ErrorCode: 500, ResponsePagePath: '/500.html', ErrorCachingMinTTL: 300 }], false],
    [[{ ErrorCode: 404 }], false],
  ] as const;
  for (const [Items, keeps] of rows) {
    const responses = { Quantity: Items.length, Items: [...Items] };
    assert.equal(keepsMissing(distributionOf(config({ CustomErrorResponses: responses }), new Set(), 'site')), keeps);
  }
});
