interface Event {
  readonly at: number;
  /** Of two at the same time the earlier made comes first. */
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time: events in their order, and a line whose bytes all transfers share. */
export class Timeline {
  now = 0;
  readonly #events = new Heap();
  /** Transfers by the bytes at which each is complete; all get the same share of the line. */
  readonly #transfers = new Heap();
  readonly #line: { readonly bytesPerSecond: number; readonly perConnection?: number };
  #share = 0;
  #made = 0;

  constructor(line: { readonly bytesPerSecond: number; readonly perConnection?: number } = { bytesPerSecond: 1e9 }) {
    this.#line = line;
  }

  after(ms: number, run: () => void): void {
    this.#events.push({ at: this.now + ms, order: this.#made++, run });
  }

  transfer(bytes: number, run: () => void): void {
    this.#transfers.push({ at: this.#share + bytes, order: this.#made++, run });
  }

  /** Runs the next event; false if there is none. */
  step(): boolean {
    const perMs = this.#perMs();
    const [event, transfer] = [this.#events.first, this.#transfers.first];
    const transferAt = transfer === undefined ? Infinity : this.now + Math.max(0, transfer.at - this.#share) / perMs;
    const eventAt = event?.at ?? Infinity;
    const at = Math.min(eventAt, transferAt);
    if (at === Infinity) return false;
    this.#share += (at - this.now) * perMs;
    this.now = at;
    (transferAt < eventAt ? this.#transfers : this.#events).pop()?.run();
    return true;
  }

  #perMs(): number {
    const { bytesPerSecond, perConnection = Infinity } = this.#line;
    return Math.min(perConnection, bytesPerSecond / Math.max(1, this.#transfers.size)) / 1_000;
  }
}

/** A binary heap, earliest first. */
class Heap {
  readonly #items: Event[] = [];

  get size(): number {
    return this.#items.length;
  }

  get first(): Event | undefined {
    return this.#items[0];
  }

  push(item: Event): void {
    let at = this.#items.length;
    this.#items.push(item);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = this.#items[up] as Event;
      if (!before(item, parent)) break;
      this.#items[at] = parent;
      at = up;
    }
    this.#items[at] = item;
  }

  pop(): Event | undefined {
    const top = this.#items[0];
    const item = this.#items.pop();
    if (item === undefined || this.#items.length === 0) return top;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= this.#items.length) break;
      const right = this.#items[down + 1];
      if (right !== undefined && before(right, this.#items[down] as Event)) down += 1;
      const child = this.#items[down] as Event;
      if (!before(child, item)) break;
      this.#items[at] = child;
      at = down;
    }
    this.#items[at] = item;
    return top;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}
