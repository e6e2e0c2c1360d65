/** One client of the benchmark: a program that puts a folder. */
export interface Client {
  readonly name: string;
  /** Explains its rows. */
  readonly note: string;
  /** It runs where headers are compared; others would do something else there. */
  readonly comparesHeaders?: true;
  /** Our command line, of this checkout or of another build. */
  readonly ours?: true;
  /** It puts without a checksum, by default or because it has none. */
  readonly unchecked?: true;
  /** It puts nothing: a smallest process to compare with, only where one object is put. */
  readonly putsNothing?: true;
  /** A number of threads for our command line: it runs only where such rows are wanted. */
  readonly threads?: number;
  /** Why it cannot run here; undefined if it can. */
  missing(): string | undefined;
  /** The command for a job; undefined if the client does not support it. */
  command(job: Job): Command | undefined;
}

export interface Job {
  /** `put` sends everything without comparing; `update` sends what differs. */
  readonly kind: 'put' | 'update';
  readonly folder: string;
  /** Copy the same files from this bucket, instead of putting the folder. */
  readonly from?: string;
  readonly bucket: string;
  readonly url: string;
  /** Requests in flight. */
  readonly concurrency: number;
  /** The sink returns ETags, so that responses can be compared. */
  readonly compare: boolean;
  /** Files are large enough to be uploaded in parts. */
  readonly inParts: boolean;
  /** Delete what the folder lacks; ours also in the order of a site. */
  readonly site: boolean;
  /** Compare the headers of unchanged objects, too. */
  readonly headers: boolean;
  /** Ours uses MD5 as checksum. */
  readonly md5: boolean;
  /** Folder for the client's own files. */
  readonly scratch: string;
  /** Environment of every client: credentials, region, trusted certificate. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
