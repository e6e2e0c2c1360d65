/** Bytes that one object holds. */
export interface Reservation {
  /** Extends the reservation to `bytes` in total. Resolves immediately if that much is already held. */
  grow(bytes: number, signal: AbortSignal): Promise<void>;
  /** Returns what is held above `bytes`. */
  shrink(bytes: number): void;
  /** Returns everything; a second call does nothing. */
  release(): void;
}

interface Waiter {
  readonly bytes: number;
  readonly start: () => void;
  /** Bytes that the waiter already holds, and keeps while it waits. */
  readonly held: number;
}

/** Minimum step in bytes by which a reservation grows, so that a stream does not grow it for every piece. */
const GROWTH_STEP = 4 * 1024 * 1024;

/**
 * Bounds the bytes of all bodies in memory. Reservations are first come first served; one that is larger than the whole budget waits until it is the
 * only one. Growing has priority over new reservations, and only one reservation grows at a time, so that two half-read streams never wait for each
 * other.
 */
export class MemoryBudget {
  readonly #capacity: number;
  readonly #queue: Waiter[] = [];
  #used = 0;
  #grower: { readonly done: Promise<void> } | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get used(): number {
    return this.#used;
  }

  /** Reserves `bytes` if they are free and no reservation waits; else undefined. */
  reserveNow(bytes: number): Reservation | undefined {
    return this.takeNow(bytes) ? this.#reservation(bytes) : undefined;
  }

  /** Takes `bytes` if they are free and no reservation waits. The caller returns them by {@link giveBack}. */
  takeNow(bytes: number): boolean {
    if (this.#queue.length > 0 || !this.#fits({ bytes, held: 0 })) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
    this.#serve();
  }

  /** Reserves `bytes`, after waiting until they are free. Throws the signal's reason if it is aborted meanwhile. */
  async reserve(bytes: number, signal: AbortSignal): Promise<Reservation> {
    await this.#wait(bytes, 0, signal);
    return this.#reservation(bytes);
  }

  /** An empty reservation for a stream of unknown length. It is the only one that may grow until `settle` or `release` ends its turn. */
  async reserveGrowing(signal: AbortSignal): Promise<Reservation & { readonly settle: () => void }> {
    while (this.#grower !== undefined) await waitFor(this.#grower.done, signal);
    signal.throwIfAborted();
    let settle = () => {};
    const turn = {
      done: new Promise<void>((resolve) => {
        settle = () => {
          if (this.#grower === turn) this.#grower = undefined;
          resolve();
        };
      }),
    };
    this.#grower = turn;
    const reservation = this.#reservation(0);
    return {
      ...reservation,
      settle,
      release: () => {
        settle();
        reservation.release();
      },
    };
  }

  #reservation(bytes: number): Reservation {
    let held = bytes;
    return {
      grow: async (wanted, signal) => {
        if (wanted <= held) return;
        const more = Math.max(wanted, held + GROWTH_STEP) - held;
        await this.#wait(more, held, signal);
        held += more;
      },
      shrink: (wanted) => {
        if (wanted >= held) return;
        this.#used -= held - wanted;
        held = wanted;
        this.#serve();
      },
      release: () => {
        this.#used -= held;
        held = 0;
        this.#serve();
      },
    };
  }

  #fits({ bytes, held }: Pick<Waiter, 'bytes' | 'held'>): boolean {
    return this.#used + bytes <= this.#capacity || this.#used === held;
  }

  #wait(bytes: number, held: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const growing = held > 0 || bytes === 0;
    if ((growing || this.#queue.length === 0) && this.#fits({ bytes, held })) {
      this.#used += bytes;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(signal.reason);
        this.#serve();
      };
      const waiter: Waiter = {
        bytes,
        held,
        start: () => {
          signal.removeEventListener('abort', onAbort);
          this.#used += bytes;
          resolve();
        },
      };
      if (growing) this.#queue.unshift(waiter);
      else this.#queue.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #serve(): void {
    for (let first = this.#queue[0]; first !== undefined && this.#fits(first); first = this.#queue[0]) {
      this.#queue.shift();
      first.start();
    }
  }
}

/** Waits for `done`, which never rejects, or throws the signal's reason. Unlike `orAborted` of `abort.ts` it leaves no listener. */
function waitFor(done: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void done.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
