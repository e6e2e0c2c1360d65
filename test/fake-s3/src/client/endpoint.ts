/** The address of an S3 server, and credentials that it accepts. */
export interface Endpoint {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
