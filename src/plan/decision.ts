/** What is known of a key before anything is sent. */
export type RemoteState =
  /** Nobody asked (mode `stupid`). */
  | { readonly state: 'unread' }
  /** `proven` by an ordered listing or a HEAD; `unproven` by a listing out of order, which may have hidden it. */
  | { readonly state: 'absent'; readonly proof: 'proven' | 'unproven' }
  | { readonly state: 'present'; readonly size: number; readonly etag: string | undefined }
  /** Neither LIST nor HEAD is allowed. */
  | { readonly state: 'unknown' };

/** What should happen to one candidate, and why. */
export type Decision =
  | {
      readonly action: 'put';
      readonly reason: string;
      readonly onlyIfAbsent?: 'proven' | 'unproven';
      /** The only ground is that the ETag differs, which proves nothing where ETags are not MD5s. */
      readonly byEtag?: true;
    }
  | { readonly action: 'skip'; readonly reason: string }
  /** One more fact is needed: the MD5 of the local bytes, to compare with `etag`. */
  | { readonly action: 'compare'; readonly etag: string };
