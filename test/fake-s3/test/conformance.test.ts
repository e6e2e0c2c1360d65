import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIFFERENCES, type Fact, S3_FACTS } from '../../conformance/expectations/expected.js';
import { rawSuite } from '../../conformance/raw/suite.js';
import { embedded } from '../../support/target.js';

test('every difference that is listed is one', () => {
  for (const [server, differences] of Object.entries(DIFFERENCES)) {
    for (const fact of Object.keys(differences) as Fact[])
      assert.notEqual(differences[fact], S3_FACTS[fact], `${server}: ${fact}`);
  }
});

rawSuite('embedded', embedded);
