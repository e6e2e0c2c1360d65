import type { ObjectHeaders } from '../../encode/object-headers.js';
import type { Rules } from '../../encode/rules.js';
import type { PartSizing } from '../../model/part-layout.js';
import type { ResolvedPutOptions } from '../../options/resolved.js';
import type { RemoteState } from '../../plan/decide.js';
import type { Planned } from '../../plan/listing/lookup.js';
import type { Outcome } from '../../report/types.js';
import type { Bucket } from '../../s3/bucket.js';
import type { DirectPuts } from '../../s3/direct-puts.js';
import type { Entry } from '../../source/types.js';
import type { Md5 } from '../body/hash.js';
import type { AroundParts } from '../multipart/types.js';
import type { PutDecision } from '../result.js';
import type { Form, FormContext } from './form.js';
import type { HeaderUpdate } from './header-update.js';

/** What a put needs beside the run: prepared options, headers and rules, and the destination. */
export interface PutContext {
  readonly options: ResolvedPutOptions;
  readonly headersFor: ObjectHeaders;
  readonly rules: Rules;
  readonly lowest?: FormContext['lowest'];
  /** Redirects among the entries, which are compared with their headers in every run. */
  readonly redirects: readonly unknown[];
  /** Undefined where a run sends no request at all. */
  readonly bucket: Bucket | undefined;
  /** Undefined where each put needs the layers of the bucket. */
  readonly direct?: DirectPuts | undefined;
  readonly md5: Md5;
  readonly sizing: PartSizing;
  /** Bytes that the server copies in one request. */
  readonly largestCopy: number;
  readonly aroundParts?: AroundParts | undefined;
}

/** A write that was decided on and is carried out later: what it needs, but no bytes. */
export interface PlannedWrite {
  readonly kind: 'entry';
  readonly key: string;
  readonly origin: string;
  readonly size: number | undefined;
  readonly entry: Entry;
  /** Made anew where it is absent. */
  readonly form?: Form | undefined;
  readonly decision: PutDecision;
  readonly remote: RemoteState;
  /** Its content is stored already, and only headers differ. */
  readonly update?: HeaderUpdate;
}

/** Settles one unit of a plan; undefined where nothing is settled yet. */
export type SettleUnit = (unit: Planned<Entry>) => Promise<Outcome | undefined>;

/** The work on the entries of one put. None of it throws, as for `settleObject`, except what an entry's `settled` callback throws. */
export interface PutWork {
  /** Decides about one entry, and puts it at once where that is the decision. */
  readonly settle: SettleUnit;
  /** The same, but gives headers that are to be set to `later`: what is put is put at once. */
  readonly settleBut: (later: (write: PlannedWrite) => void) => SettleUnit;
  /** Returns a function that only decides: it gives a write to `later`, which has no outcome yet. */
  readonly plan: (later: (write: PlannedWrite) => void) => SettleUnit;
  /** Carries a planned write out. */
  readonly write: (write: PlannedWrite) => Promise<Outcome | undefined>;
  /** Says what is known only when all is written. */
  readonly finish: () => void;
}
