/** The next record of one source, and where the others come from. */
interface Head<T> {
  value: T;
  readonly rest: Iterator<T, unknown>;
}

/** Merges sources, each of which is in order. Equal records come in the order of nothing in particular. */
export function* mergeSorted<T>(sources: readonly Iterable<T>[], compare: (a: T, b: T) => number): Generator<T, void> {
  const heads: Head<T>[] = [];
  for (const source of sources) {
    const rest = source[Symbol.iterator]();
    const { done, value } = rest.next();
    if (done !== true) heads.push({ value, rest });
  }
  // A sorted list is a heap.
  heads.sort((a, b) => compare(a.value, b.value));
  for (let least = heads[0]; least !== undefined; least = heads[0]) {
    yield least.value;
    const { done, value } = least.rest.next();
    if (done !== true) least.value = value;
    else {
      const last = heads.pop();
      if (last === undefined || heads.length === 0) return;
      heads[0] = last;
    }
    sink(heads, (a, b) => compare(a.value, b.value));
  }
}

/** Moves the first one down to its place in the heap. */
function sink<T>(heap: T[], compare: (a: T, b: T) => number): void {
  for (let at = 0; ; ) {
    let child = 2 * at + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left === undefined) return;
    if (right !== undefined && compare(right, left) < 0) child += 1;
    const [parent, least] = [heap[at] as T, heap[child] as T];
    if (compare(parent, least) <= 0) return;
    heap[at] = least;
    heap[child] = parent;
    at = child;
  }
}
