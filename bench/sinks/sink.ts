/** Something that takes puts, and tells which requests it saw. */
export interface Sink {
  readonly url: string;
  /** File with the certificate to trust, over TLS. */
  readonly certificate?: string | undefined;
  /** Whether its answers have ETags. */
  readonly etags: boolean;
  /** Requests since the last call. */
  requests(): Promise<Requests>;
}

export interface Requests {
  /** How many by verb; `LIST` apart from `GET`. */
  readonly byVerb: Readonly<Record<string, number>>;
  /** How many were answered with another status than 2xx, by verb and status. */
  readonly refused: Readonly<Record<string, number>>;
  /** How many had a signature that leaves the payload out, where the sink can tell. */
  readonly unsigned: number;
  /** Bytes of bodies, where the sink counts them. */
  readonly bytes?: number;
}

interface Seen {
  readonly verb: string;
  readonly status: string;
  readonly unsigned?: boolean;
}

/** Folds verbs and statuses to counts. */
export function count(seen: Iterable<Seen>): Requests {
  const byVerb: Record<string, number> = {};
  const refused: Record<string, number> = {};
  const add = (counts: Record<string, number>, name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  let without = 0;
  for (const { verb, status, unsigned } of seen) {
    add(byVerb, verb);
    if (unsigned === true) without += 1;
    if (!status.startsWith('2')) add(refused, `${verb} ${status}`);
  }
  return { byVerb, refused, unsigned: without };
}
