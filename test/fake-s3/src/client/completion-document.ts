/** What completes an upload: numbers with unquoted ETags, and more elements where a test wants them. */
export type Named = readonly (readonly [number: number | string, etag: string, more?: string])[];

export const documentOf = (named: Named): string => {
  const parts = named.map(
    ([number, etag, more = '']) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>&quot;${etag}&quot;</ETag>${more}</Part>`,
  );
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`;
};
