/** A server that accepts puts and counts its requests. */
export interface Sink {
  readonly url: string;
  /** File with the certificate to trust; only with TLS. */
  readonly certificate?: string | undefined;
  /** Its responses have ETags. */
  readonly etags: boolean;
  /** Requests since the last call. */
  requests(): Promise<Requests>;
}

export interface Requests {
  /** Requests by verb; `LIST` is counted apart from `GET`. */
  readonly byVerb: Readonly<Record<string, number>>;
  /** Requests with another status than 2xx, by verb and status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Requests whose signature does not cover the payload, if the sink can see that. */
  readonly unsigned: number;
  /** Puts without a checksum that the server could compare, if the sink can see that. */
  readonly unchecked: number;
  /** Bytes of bodies, if the sink counts them. */
  readonly bytes?: number;
}

interface SeenRequest {
  readonly verb: string;
  readonly status: string;
  readonly unsigned?: boolean;
  readonly unchecked?: boolean;
}

/** Counts requests. */
export function countRequests(requests: Iterable<SeenRequest>): Requests {
  const byVerb: Record<string, number> = {};
  const refused: Record<string, number> = {};
  const add = (counts: Record<string, number>, name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  let unsignedCount = 0;
  let uncheckedCount = 0;
  for (const { verb, status, unsigned, unchecked } of requests) {
    add(byVerb, verb);
    if (unsigned === true) unsignedCount += 1;
    if (unchecked === true) uncheckedCount += 1;
    if (!status.startsWith('2')) add(refused, `${verb} ${status}`);
  }
  return { byVerb, refused, unsigned: unsignedCount, unchecked: uncheckedCount };
}
