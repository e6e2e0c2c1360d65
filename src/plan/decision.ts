/** What is known of a key before anything is sent. */
export type RemoteState =
  /** Nobody asked (mode `stupid`). */
  | { readonly state: 'unread' }
  /** `proven` by an ordered listing or a HEAD; `unproven` by a listing out of order, which may have hidden it. */
  | { readonly state: 'absent'; readonly proof: 'proven' | 'unproven' }
  | {
      readonly state: 'present';
      readonly size: number;
      readonly etag: string | undefined;
      /** The listing names a checksum of the whole object, whose value a HEAD tells. */
      readonly wholeChecksum?: boolean | undefined;
      /** Whether a KMS key encrypts it, where a HEAD has told it. */
      readonly kms?: boolean | undefined;
      /** User metadata, where a HEAD has told it. */
      readonly metadata?: Readonly<Record<string, string>> | undefined;
    }
  /** Neither LIST nor HEAD is allowed. */
  | { readonly state: 'unknown' };

/** What should happen to one candidate, and why. */
export type Decision =
  | {
      readonly action: 'put';
      readonly reason: string;
      readonly onlyIfAbsent?: 'proven' | 'unproven' | 'unreadable';
    }
  | { readonly action: 'skip'; readonly reason: string }
  /** Sizes are equal: the contents have to be compared. */
  | { readonly action: 'compare' };
