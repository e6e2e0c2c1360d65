/** One client of the benchmark: a whole program that puts a folder. */
export interface Client {
  readonly name: string;
  /** What must be known to read its rows. */
  readonly note: string;
  /** Why it cannot run here; undefined when it can. */
  missing(): string | undefined;
  /** The command for a job; undefined where the client has no such thing. */
  command(job: Job): Command | undefined;
}

export interface Job {
  /** `put` sends everything, asking nothing; `update` sends what differs. */
  readonly kind: 'put' | 'update';
  readonly folder: string;
  /** The bucket that the same files are copied from, instead of putting the folder. */
  readonly from?: string;
  readonly bucket: string;
  readonly url: string;
  /** Requests in flight. */
  readonly concurrency: number;
  /** Whether the sink gives ETags, so that answers can be compared. */
  readonly compare: boolean;
  /** Files are so large that they go up in parts. */
  readonly inParts: boolean;
  /** Ours shall check bodies by MD5. */
  readonly md5: boolean;
  /** Folder for files of the client's own. */
  readonly scratch: string;
  /** Environment of every client: credentials, region, trust. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
