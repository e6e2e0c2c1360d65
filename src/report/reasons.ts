/**
 * Why an object was put or skipped, as outcomes and reports show it. Programs read these texts, so they never change. They are in `report/` because
 * plans use them, and reports and faces interpret them.
 */
export const REASONS = {
  /** The key is absent. */
  new: 'new',
  /** Mode `stupid` compares nothing. */
  forced: 'forced',
  /** Mode `add` never overwrites. */
  exists: 'exists',
  sameContent: 'same content',
  sameContentOnly: 'same content, headers not compared',
  sameSize: 'same size',
  /** The content is equal, and headers of this run are not. */
  headersDiffer: 'headers differ',
  /** The same, where setting them would lose an ACL that cannot be read. */
  headersDifferLeft: 'headers differ, not repaired',
  contentDiffers: 'content differs',
  /** The content is equal, and it is stored in another encoding, or in none. */
  encodingDiffers: 'encoding differs',
  sizeDiffers: 'size differs',
  /** Another writer changed the object between the listing and the put. */
  changed: 'content differs, changed during the run',
  /** A job of an earlier run has copied it, and this run has waited for that job. */
  copiedByJob: 'copied by the job',
  localSizeUnknown: 'local size unknown',
  /** Neither a listing nor a HEAD is allowed. */
  remoteUnreadable: 'remote unreadable',
  /** A conditional write found that the key exists meanwhile. */
  appeared: 'appeared during the run',
  /** A key that the source does not have. */
  stray: 'not in the source',
  /** Everything below a prefix is deleted. */
  belowPrefix: 'below the prefix',
  /** Another writer has changed an object that was to be deleted, so it stays. */
  changedBeforeDelete: 'changed during the run',
  /** A key that the source does not have, whose object has no room for the tag that it would be deleted by. */
  noRoomForTag: 'kept, no room for a tag',
  /** A link, where links are skipped by an option. */
  symlink: 'symlink (symlinks: skip)',
} as const;

const UNCHANGED: ReadonlySet<string> = new Set([
  REASONS.sameContent,
  REASONS.sameContentOnly,
  REASONS.sameSize,
  REASONS.headersDifferLeft,
]);

const OTHER_CONTENT: ReadonlySet<string> = new Set([REASONS.contentDiffers, REASONS.sizeDiffers, REASONS.changed]);

/** The reason for a put whose content could not be proved equal. */
export function unproven(why: string): string {
  return `content unproven, ${why}`;
}

const KEPT = 'kept until ';

/** The reason for a key that the source does not have and that is deleted later. @param date a UTC date, with a time where it is not midnight */
export function keptUntil(date: string): string {
  return KEPT + date;
}

/** Whether the source does not have the key, and the object stays for a while. */
export function isKept(reason: string): boolean {
  return reason.startsWith(KEPT) || reason === REASONS.noRoomForTag;
}

/** Whether the object is in the bucket already, as it would be put. */
export function isUnchanged(reason: string): boolean {
  return UNCHANGED.has(reason);
}

/** Whether the object is known to have had other content. */
export function isOtherContent(reason: string): boolean {
  return OTHER_CONTENT.has(reason);
}

/** Whether the key was absent. */
export function isNew(reason: string): boolean {
  return reason === REASONS.new;
}

/** Whether the object was sent although nothing was known about the bucket's. */
export function isUncompared(reason: string): boolean {
  return reason === REASONS.forced || reason === REASONS.remoteUnreadable;
}

/** Whether only the content is known to be equal, not the headers. */
export function isUnchangedButHeaders(reason: string): boolean {
  return reason === REASONS.sameContentOnly;
}

/** Whether an option of the user excluded the file, so that a warning would say nothing new. */
export function isLeftOut(reason: string): boolean {
  return reason === REASONS.symlink;
}

/** How many objects of a report are unchanged, from its counts by reason. */
export function countUnchanged(reasons: Readonly<Record<string, number>>): number {
  let count = 0;
  for (const [reason, objects] of Object.entries(reasons)) if (isUnchanged(reason)) count += objects;
  return count;
}

/** Why HEAD requests are made, as the report counts them in `heads`, where faces read the number. */
export const HEADS = {
  /** Headers of an object with the same content are compared. */
  headersCompared: 'headers compared',
  /** A page, a style sheet or a redirect refers to a key that the run does not put. */
  linked: 'referred to, and not in this run',
  /** Those of redirects, in a run that compares no other headers. */
  redirectsCompared: 'redirects compared',
} as const;

/** How the server itself copied an object; other ways are relays. */
export const COPIED_BY_SERVER = 'copied by the server';
