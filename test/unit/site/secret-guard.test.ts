import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opensToOthers } from '../../../src/site/secret-guard.js';

const EVERYBODY = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"';

test('an ACL or a grant opens an object where others than its owners get it', () => {
  const table: readonly (readonly [headers: Readonly<Record<string, string>>, opens: boolean])[] = [
    [{}, false],
    [{ 'content-type': 'public-read' }, false],
    [{ 'x-amz-acl': 'private' }, false],
    [{ 'x-amz-acl': 'bucket-owner-read' }, false],
    [{ 'x-amz-acl': 'bucket-owner-full-control' }, false],
    [{ 'x-amz-acl': 'public-read' }, true],
    [{ 'x-amz-acl': 'public-read-write' }, true],
    [{ 'x-amz-acl': 'authenticated-read' }, true],
    [{ 'x-amz-acl': 'aws-exec-read' }, true],
    [{ 'x-amz-grant-read': 'id="79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"' }, false],
    [{ 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/s3/LogDelivery"' }, false],
    [{ 'x-amz-grant-read': EVERYBODY }, true],
    [{ 'x-amz-grant-full-control': `id="1", ${EVERYBODY}` }, true],
    [{ 'x-amz-grant-write-acp': EVERYBODY.replace('AllUsers', 'AuthenticatedUsers') }, true],
  ];
  assert.deepEqual(
    table.map(([headers]) => [headers, opensToOthers(headers)]),
    table,
  );
});
