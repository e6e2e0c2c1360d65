import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TargetFor } from '../../support/target.js';
import type { COPIED_PART_FACTS, COPY_FACTS, SOURCE_FACTS } from '../expectations/copy-facts.js';
import type { DELETE_FACTS } from '../expectations/delete-facts.js';
import { expectedOf } from '../expectations/expected.js';
import type { COMPLETED_FACTS, COMPLETION_FACTS, PART_FACTS, UPLOAD_FACTS } from '../expectations/multipart-facts.js';
import type { LIST_FACTS, PUT_FACTS, READ_FACTS } from '../expectations/object-facts.js';
import { COMPLETED_PROBES } from './completed.js';
import { COMPLETION_PROBES } from './completions.js';
import { COPIED_PART_PROBES } from './copied-parts.js';
import { COPY_PROBES } from './copies.js';
import { SOURCE_PROBES } from './copy-sources.js';
import { DELETE_PROBES } from './deletes.js';
import { LIST_PROBES } from './listings.js';
import { PART_PROBES } from './parts.js';
import { PUT_PROBES } from './puts.js';
import { READ_PROBES } from './reads.js';
import type { Probe } from './target.js';
import { UPLOAD_PROBES } from './uploads.js';

type RawFact =
  | keyof typeof PUT_FACTS
  | keyof typeof READ_FACTS
  | keyof typeof LIST_FACTS
  | keyof typeof PART_FACTS
  | keyof typeof COMPLETION_FACTS
  | keyof typeof COMPLETED_FACTS
  | keyof typeof UPLOAD_FACTS
  | keyof typeof COPY_FACTS
  | keyof typeof SOURCE_FACTS
  | keyof typeof COPIED_PART_FACTS
  | keyof typeof DELETE_FACTS;

const PROBES: Readonly<Record<RawFact, Probe>> = {
  ...PUT_PROBES,
  ...READ_PROBES,
  ...LIST_PROBES,
  ...PART_PROBES,
  ...COMPLETION_PROBES,
  ...COMPLETED_PROBES,
  ...UPLOAD_PROBES,
  ...COPY_PROBES,
  ...SOURCE_PROBES,
  ...COPIED_PART_PROBES,
  ...DELETE_PROBES,
};

/** Holds a server to every fact about S3 that a raw request shows, or to the difference that is known of it. */
export function rawSuite(server: string, targetFor: TargetFor): void {
  describe(`raw requests to ${server}`, () => {
    for (const fact of Object.keys(PROBES) as RawFact[]) {
      const expected = expectedOf(server, fact);
      it(`${fact}: ${expected.join(' or ')}`, async (t) => {
        const seen = await PROBES[fact](await targetFor(t));
        if (!expected.includes(seen)) assert.equal(seen, expected[0]);
      });
    }
  });
}
