import { hash } from 'node:crypto';
import type { Answer } from '../http/answer.js';
import { S3Error } from '../http/error.js';
import { header } from '../http/request.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { S3Mode } from '../mode.js';
import type { BucketOperation } from '../operation.js';
import { findObject } from './find-object.js';

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html

function checkSupported({ annotations }: S3Mode): void {
  if (annotations === 'refused') throw new S3Error('NotImplemented', { ResourceType: 'annotation' });
}

export const listAnnotations: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    checkSupported(mode);
    const { annotations = new Map() } = findObject(bucket, mode, request.key, request.query.get('versionId'));
    const after = request.query.get('continuation-token');
    const names = [...annotations.keys()].sort().filter((name) => after === undefined || name > after);
    const page = names.slice(0, mode.pageSize);
    const next = page.length < names.length ? page.at(-1) : undefined;
    const entries = page.map((name) => {
      const size = element('Size', String(annotations.get(name)?.length));
      return `<AnnotationEntry>${element('AnnotationName', name)}${size}</AnnotationEntry>`;
    });
    const body = [
      `${XML_HEAD}<ListObjectAnnotationsOutput xmlns="${XML_NAMESPACE}">`,
      `<Annotations>${entries.join('')}</Annotations>`,
      next === undefined ? '' : element('NextContinuationToken', next),
      '</ListObjectAnnotationsOutput>',
    ];
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: body.join('') };
  },
};

export const getAnnotation: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    checkSupported(mode);
    const object = findObject(bucket, mode, request.key, request.query.get('versionId'));
    const body = object.annotations?.get(request.query.get('annotationName') ?? '');
    if (body === undefined) throw new S3Error('NoSuchAnnotation');
    return {
      status: 200,
      headers: { 'content-type': 'application/octet-stream', etag: `"${hash('md5', body)}"` },
      body,
    };
  },
};

export const putAnnotation: BucketOperation = {
  run({ request, mode, body, md5 }, bucket): Answer {
    checkSupported(mode);
    const object = findObject(bucket, mode, request.key, undefined);
    const wanted = header(request, 'x-amz-object-if-match');
    if (wanted !== undefined && wanted !== `"${object.etag}"`) throw new S3Error('PreconditionFailed');
    bucket.annotate(request.key, request.query.get('annotationName') ?? '', body);
    return { status: 200, headers: { etag: `"${md5}"` } };
  },
};
