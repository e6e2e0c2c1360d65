import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3RequestError } from '../../../../src/errors.js';
import { versionsPage } from '../../../../src/s3/answers/versions.js';

const CALL = { verb: 'ListObjectVersions', bucket: 'site' } as const;
const page = (inside: string, after?: { readonly key: string; readonly versionId: string }) =>
  versionsPage(CALL, `<?xml version="1.0"?><ListVersionsResult>${inside}</ListVersionsResult>`, after);

test('versions are read with their keys decoded, and without delete markers', () => {
  const found = page(
    '<Name>site</Name><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>c+d</NextKeyMarker>' +
      '<NextVersionIdMarker>2</NextVersionIdMarker>' +
      '<Version><Key>a%2Bb</Key><VersionId>1</VersionId><IsLatest>true</IsLatest><ETag>&quot;e&quot;</ETag><Size>3</Size>' +
      '<Owner><ID>me</ID></Owner></Version>' +
      '<DeleteMarker><Key>gone</Key><VersionId>9</VersionId><IsLatest>true</IsLatest></DeleteMarker>' +
      '<Version><Key>c+d</Key><VersionId>null</VersionId><IsLatest>false</IsLatest><Size>0</Size></Version>',
  );
  assert.deepEqual(found, {
    versions: [
      { key: 'a+b', versionId: '1', size: 3, etag: 'e', isLatest: true },
      { key: 'c d', versionId: 'null', size: 0, etag: undefined, isLatest: false },
    ],
    next: { key: 'c d', versionId: '2' },
  });
});

test('a page that is no listing, is truncated without a marker, or repeats the marker, is an error', () => {
  assert.throws(() => versionsPage(CALL, '<ListBucketResult></ListBucketResult>', undefined), S3RequestError);
  assert.throws(() => page('<IsTruncated>true</IsTruncated>'), S3RequestError);
  const again =
    '<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>';
  assert.throws(() => page(again, { key: 'a', versionId: '1' }), S3RequestError);
  assert.throws(
    () => page('<EncodingType>url</EncodingType><Version><Key>%</Key><Size>1</Size></Version>'),
    S3RequestError,
  );
});
