import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { PutOptions } from '../../../src/index.js';
import type { Target, TargetFor, TargetOptions } from '../../support/target.js';
import { makeTree } from '../../support/tree.js';
import type { ENGINE_FACTS } from '../expectations/engine-facts.js';
import { expectedOf } from '../expectations/expected.js';

interface Case {
  readonly options: (target: Target) => Partial<PutOptions>;
  readonly files?: Readonly<Record<string, string>>;
  readonly bucket?: TargetOptions;
}

const CASES: Readonly<Record<keyof typeof ENGINE_FACTS, Case>> = {
  'a wrong secret ends the run': {
    options: ({ accessKeyId }) => ({ credentials: { accessKeyId, secretAccessKey: 'wrong-secret-key' } }),
  },
  'an unknown access key ends the run': {
    options: () => ({ credentials: { accessKeyId: 'nobody-at-all', secretAccessKey: 'wrong-secret-key' } }),
  },
  'a bucket that is not there ends the run': { options: () => ({ bucket: 's3pp-nowhere' }) },
  'an ACL in a bucket that allows ACLs': { options: () => ({ acl: 'public-read' }), bucket: { acl: 'allowed' } },
  'a file name of 255 bytes': { options: () => ({}), files: { ['x'.repeat(255)]: 'x' } },
};

const FILES: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [`f${i}`, `${i}`]),
);

/** `put`, the class and code of the error that ended a run, or the code of its failures. */
async function ending(t: TestContext, targetFor: TargetFor, given: Case, mode: PutOptions['mode']): Promise<string> {
  const target = await targetFor(t, given.bucket);
  const files = given.files ?? FILES;
  const { error, report, outcomes } = await target.run({ source: makeTree(t, files), mode, ...given.options(target) });
  if (error === undefined) {
    assert.equal(report.counts.put, Object.keys(files).length);
    return 'put';
  }
  assert.deepEqual([report.complete, report.counts.put], [error.name === 'PartialFailureError', 0]);
  const times = outcomes.filter(({ shared }) => shared !== true).length + (error.name === 'RunStoppedError' ? 1 : 0);
  const repeated = times > 1 ? [`reported ${times} times`] : [];
  return [error.name, error.code ?? [...new Set(report.failures.map(({ code }) => code))], ...repeated].join(' ');
}

/** How the engine reports what a server refuses; the table of expectations has the differences of servers. */
export function refusalsSuite(server: string, targetFor: TargetFor): void {
  describe('what is refused', () => {
    for (const fact of Object.keys(CASES) as (keyof typeof CASES)[]) {
      for (const mode of ['update', 'stupid'] as const) {
        const expected = expectedOf(server, fact);
        it(`${fact}, in mode ${mode}: ${expected.join(' or ')}`, async (t) => {
          const seen = await ending(t, targetFor, CASES[fact], mode);
          if (!expected.includes(seen)) assert.equal(seen, expected[0]);
        });
      }
    }
  });
}
