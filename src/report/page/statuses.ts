import type { Status } from '../status.js';

/** What people read, in the order of the counts. */
export const STATUSES: Readonly<Record<Status, string>> = {
  failed: 'Failed',
  unknown: 'Unknown',
  new: 'New',
  changed: 'Changed',
  'not compared': 'Not compared',
  headers: 'Headers changed',
  deleted: 'Deleted',
  stray: 'Stray, kept',
  unchanged: 'Unchanged',
  skipped: 'Skipped',
};

export const ALL_STATUSES = Object.keys(STATUSES) as readonly Status[];

/** The class of the style sheet that has the colour. */
export function statusClass(status: Status): string {
  return `s-${status.replace(' ', '-')}`;
}
