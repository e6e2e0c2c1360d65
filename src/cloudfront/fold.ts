/** A path, or the beginning of all paths that a wildcard covers. */
interface Entry {
  readonly text: string;
  readonly star: boolean;
  readonly changed: boolean;
}

/** All entries that begin with the same characters, which one wildcard can cover. */
interface Group {
  /** How many characters they share. */
  readonly length: number;
  /** The index of one of them. */
  readonly first: number;
  parent: Group | undefined;
  /** Paths that the invalidation has of this group now. */
  paths: number;
  /** Unchanged keys that its wildcard would cover, and that nothing covers yet. */
  extra: number;
  folded: boolean;
}

/**
 * At most `most` paths that cover all changed ones: those with the same beginning become one wildcard, first where it covers the fewest unchanged
 * keys, and of those where it saves the most paths. A wildcard ends with a whole character.
 * @param changed encoded paths; one that ends in `*` is a wildcard
 * @param unchanged encoded paths of other keys, as far as they are known
 */
export function foldPaths(changed: Iterable<string>, unchanged: Iterable<string>, most: number): readonly string[] {
  const entries = sortedEntries(changed, unchanged);
  let total = entries.reduce((count, entry) => count + (entry.changed ? 1 : 0), 0);
  if (total <= most) return entries.filter((entry) => entry.changed).map(textOf);

  const { groups, groupOf } = groupsOf(entries);
  const queue = new Queue();
  for (const group of groups) queue.push(group);
  while (total > most) {
    const group = queue.pop();
    if (group === undefined) break;
    const [saved, { extra }] = [group.paths - 1, group];
    total -= saved;
    group.folded = true;
    for (let above = group.parent; above !== undefined; above = above.parent) {
      above.paths -= saved;
      above.extra -= extra;
      if (above.length > 0) queue.push(above);
    }
  }

  const folded = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    if (!entry.changed) continue;
    const group = foldedAbove(groupOf[index]);
    folded.add(group === undefined ? textOf(entry) : `${(entries[group.first] ?? entry).text.slice(0, group.length)}*`);
  }
  return [...folded];
}

function textOf({ text, star }: Entry): string {
  return star ? `${text}*` : text;
}

/** The paths in order, each once, without those that a wildcard among them covers. */
function sortedEntries(changed: Iterable<string>, unchanged: Iterable<string>): readonly Entry[] {
  const entries: Entry[] = [];
  for (const path of changed) {
    const star = path.endsWith('*');
    entries.push({ text: star ? path.slice(0, -1) : path, star, changed: true });
  }
  for (const text of unchanged) entries.push({ text, star: false, changed: false });
  const rank = ({ star, changed }: Entry): number => (star ? 0 : changed ? 1 : 2);
  entries.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : rank(a) - rank(b)));
  let wildcard: string | undefined;
  let last: string | undefined;
  return entries.filter(({ text, star }) => {
    if (text === last || (wildcard !== undefined && text.startsWith(wildcard))) return false;
    if (star) wildcard = text;
    last = text;
    return true;
  });
}

/** The groups of sorted entries, and for each entry the smallest group that has it. */
function groupsOf(entries: readonly Entry[]): {
  readonly groups: readonly Group[];
  readonly groupOf: readonly Group[];
} {
  const groups: Group[] = [];
  const groupOf: Group[] = [];
  const make = (length: number, first: number): Group => {
    const group: Group = { length, first, parent: undefined, paths: 0, extra: 0, folded: false };
    if (length > 0) groups.push(group);
    return group;
  };
  let top = make(0, 0);
  const open: Group[] = [];
  const begin = (length: number, first: number): void => {
    open.push(top);
    top = make(length, first);
  };
  for (const [index, entry] of entries.entries()) {
    const shared = sharedLength(entry.text, entries[index + 1]?.text ?? '');
    if (shared > top.length) begin(shared, index);
    groupOf.push(top);
    if (entry.changed) top.paths += 1;
    else top.extra += 1;
    while (top.length > shared) {
      const closed = top;
      top = open.pop() ?? make(0, 0);
      if (top.length < shared) begin(shared, index);
      closed.parent = top;
      top.paths += closed.paths;
      top.extra += closed.extra;
    }
  }
  return { groups, groupOf };
}

/** How many characters two encoded paths share at their beginning, cut before a character of which they share only some bytes. */
function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  // Within `%E2`.
  if (a[length - 1] === '%') length -= 1;
  else if (a[length - 2] === '%') length -= 2;
  // A byte that continues a character belongs to those before it.
  while (isContinued(a, length) || isContinued(b, length)) length -= 3;
  return length;
}

function isContinued(path: string, at: number): boolean {
  return path[at] === '%' && /^[89AB]$/i.test(path[at + 1] ?? '');
}

/** The largest group with a wildcard that has this one. */
function foldedAbove(group: Group | undefined): Group | undefined {
  let found: Group | undefined;
  for (let above = group; above !== undefined; above = above.parent) if (above.folded) found = above;
  return found;
}

interface Queued {
  readonly group: Group;
  readonly extra: number;
  readonly saved: number;
}

/** Groups by what their wildcard would cost: a binary heap. A group whose cost has changed is pushed again, and its old entry is left out. */
class Queue {
  readonly #heap: Queued[] = [];

  push(group: Group): void {
    if (group.folded || group.paths < 2) return;
    const heap = this.#heap;
    let at = heap.push({ group, extra: group.extra, saved: group.paths - 1 }) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(at, above)) return;
      this.#swap(at, above);
      at = above;
    }
  }

  /** The group whose wildcard costs least; undefined where none saves a path. */
  pop(): Group | undefined {
    for (;;) {
      const queued = this.#take();
      if (queued === undefined) return undefined;
      const { group, extra, saved } = queued;
      const isCurrent = group.extra === extra && group.paths - 1 === saved;
      if (isCurrent && foldedAbove(group) === undefined) return group;
    }
  }

  #take(): Queued | undefined {
    const heap = this.#heap;
    this.#swap(0, heap.length - 1);
    const first = heap.pop();
    let at = 0;
    for (;;) {
      const below = 2 * at + 1;
      if (below >= heap.length) return first;
      const least = below + 1 < heap.length && this.#isBefore(below + 1, below) ? below + 1 : below;
      if (!this.#isBefore(least, at)) return first;
      this.#swap(least, at);
      at = least;
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [a, b] = [this.#heap[left], this.#heap[right]];
    if (a === undefined || b === undefined) return false;
    if (a.extra !== b.extra) return a.extra < b.extra;
    if (a.saved !== b.saved) return a.saved > b.saved;
    // The longest beginning says most, where several cover the same.
    return a.group.length > b.group.length;
  }

  #swap(left: number, right: number): void {
    const heap = this.#heap;
    const [a, b] = [heap[left], heap[right]];
    if (a === undefined || b === undefined) return;
    heap[left] = b;
    heap[right] = a;
  }
}
