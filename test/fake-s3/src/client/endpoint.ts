/** Where an S3 server answers, and whose requests it takes. */
export interface Endpoint {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
