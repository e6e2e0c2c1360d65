/** The tag of an object that the source does not have any more: since when. */
export const STRAY_TAG = 's3pp-stray';

/**
 * S3's limit on the tags of an object.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
const MAX_TAGS = 10;
const DAY = 24 * 3_600_000;
/** The last time that a `Date` can be, in ms since 1970. */
const LAST = 8.64e15;

type Tags = Readonly<Record<string, string>>;

/** What becomes of an object that the source does not have, by its tags. */
export type Aging =
  | { readonly action: 'delete' }
  /** @param until UTC date, with a time where it is not midnight */
  | { readonly action: 'keep'; readonly until: string }
  /** It gets these tags, all of them, and stays. */
  | { readonly action: 'tag'; readonly until: string; readonly tags: Tags }
  /** It stays, because it has no room for a tag. */
  | { readonly action: 'full' };

/**
 * Decides about an object that the source does not have: one without the tag gets it, one that has had it long enough is deleted. A value of the tag
 * that is no date counts as none. Never decides by the age of the object, which says nothing about the time since a build last had it.
 * @param now ms since 1970
 * @param after ms
 */
export function agingOf(tags: Tags, now: number, after: number): Aging {
  const since = Object.hasOwn(tags, STRAY_TAG) ? timeOf(tags[STRAY_TAG] as string) : undefined;
  if (since !== undefined) {
    return now >= since + after ? { action: 'delete' } : { action: 'keep', until: dateText(since + after) };
  }
  const own = otherTags(tags);
  if (Object.keys(own).length >= MAX_TAGS) return { action: 'full' };
  const value = tagValue(now, after);
  return { action: 'tag', until: dateText(timeOf(value, now) + after), tags: { ...own, [STRAY_TAG]: value } };
}

/** The tags of an object that the source has again: all but that one. Undefined where it does not have it, so that they stay as they are. */
export function tagsWithout(tags: Tags): Tags | undefined {
  return Object.hasOwn(tags, STRAY_TAG) ? otherTags(tags) : undefined;
}

/** Those that users can set: S3 keeps the ones that AWS sets itself, and refuses to have them written. */
function otherTags(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => name !== STRAY_TAG && !/^aws:/i.test(name)));
}

/**
 * The date, so that all objects of one day have one value, which a filter of a lifecycle rule can name. For times that are no whole days, the second:
 * a date would make hours out of `10m`.
 */
function tagValue(now: number, after: number): string {
  // Rounded up, so that no object is deleted early.
  const time = new Date(Math.ceil(now / 1_000) * 1_000).toISOString();
  return after > 0 && after % DAY === 0 ? time.slice(0, 10) : `${time.slice(0, 19)}Z`;
}

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?$/;

/** When the time begins to count, in ms since 1970: a date alone says no hour, so it counts from its end. */
function timeOf(value: string): number | undefined;
function timeOf(value: string, orElse: number): number;
function timeOf(value: string, orElse?: number): number | undefined {
  const time = DATE.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) return orElse;
  return value.includes('T') ? time : time + DAY;
}

function dateText(ms: number): string {
  const text = new Date(Math.min(Math.ceil(ms / 1_000) * 1_000, LAST)).toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, -14) : text.replace('.000Z', 'Z');
}
