import { S3RequestError } from '../../errors.js';
import { hintFor } from '../../model/hints.js';
import { type Call, isNotS3, notS3Response } from '../errors.js';
import type { HttpResponse } from '../http/http-client.js';
import { textOf } from './body-text.js';
import { beginningOf, rootName } from './xml.js';

/** The error for a response with status 200 whose document cannot be used. */
export function unusableResponse(call: Call, what: string): S3RequestError {
  const name = call.key === undefined ? call.bucket : `${call.bucket}/${call.key}`;
  const code = 'TruncatedAnswer';
  const message = `${call.verb} s3://${name}: the response ${what}`;
  return new S3RequestError(message, {
    ...call,
    code,
    status: 200,
    hint: hintFor({ verb: call.verb, bucket: call.bucket, code, message }),
  });
}

/**
 * Reads the document of a response with status 200. What a document cannot mean is an error of the response, never one of this program.
 * @param read throws `SyntaxError` or `S3RequestError` if the document is not the expected one
 */
export function readDocument<T>(call: Call, response: HttpResponse, read: (xml: string) => T): T {
  let xml = '';
  try {
    xml = reading(call, () => textOf(response));
    if (rootName(xml) === 'Error') throw errorInBody(call, xml);
    return reading(call, () => read(xml));
  } catch (error) {
    const unusable = error instanceof S3RequestError && error.code === 'TruncatedAnswer';
    throw unusable && isNotS3(xml, { 'content-type': response.header('content-type') })
      ? notS3Response(call, xml)
      : error;
  }
}

/** Does what reads a response, and turns a `SyntaxError` into the error of an unusable response. */
export function reading<T>(call: Call, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof SyntaxError ? unusableResponse(call, `cannot be read: ${error.message}`) : error;
  }
}

/** The error in the body of a response with status 200. */
export function errorInBody(call: Call, text: string): S3RequestError {
  const name = call.key === undefined ? call.bucket : `${call.bucket}/${call.key}`;
  const code = beginningOf(text, 'Code', 100) ?? 'InternalError';
  const message = `${call.verb} s3://${name}: ${code} in a response with status 200`;
  return new S3RequestError(message, { ...call, code, status: 200 });
}
