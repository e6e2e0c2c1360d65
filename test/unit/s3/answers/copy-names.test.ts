import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aclIn, tagsIn } from '../../../../src/s3/answers/copy.js';

const call = { verb: 'GetObjectTagging', bucket: 'b', key: 'k' } as unknown as Parameters<typeof tagsIn>[0];

test('tags that are called like properties of every object are tags like any other', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const tags = names.map((name) => `<Tag><Key>${name}</Key><Value>v</Value></Tag>`).join('');
  const found = tagsIn(call, `<Tagging><TagSet>${tags}</TagSet></Tagging>`);
  assert.deepEqual(
    Object.entries(found),
    names.map((name) => [name, 'v']),
  );
});

test('a permission that is called so grants nothing', () => {
  const grant = '<Grant><Grantee><ID>x</ID></Grantee><Permission>constructor</Permission></Grant>';
  assert.deepEqual(aclIn(call, `<AccessControlPolicy>${grant}</AccessControlPolicy>`).grants, {});
});
