import { documentOf, type Named } from 'fake-s3/completion-document';
import type { COMPLETION_FACTS } from '../expectations/multipart-facts.js';
import { partsOf } from './parts.js';
import { answered, type Probe, put } from './target.js';
import { abort, complete, create, HELLO, type Headers, LARGE, md5, NO_UPLOAD, part } from './upload-requests.js';

const ONE: Named = [[1, HELLO]];

/** How completing an upload of `hello` as part 1 is answered. */
function small(named: Named | string, headers: Headers = {}): Probe {
  return async (target) => {
    const uploadId = await create(target);
    await part(target, uploadId, 1);
    return answered(await complete(target, uploadId, named, headers));
  };
}

/** How completing `parts` over `hello` is answered, and what is there then. */
function over(headers: Headers): Probe {
  return async (target) => {
    await put(target);
    const uploadId = await create(target);
    await part(target, uploadId, 1, 'parts');
    const answer = await complete(target, uploadId, [[1, md5('parts')]], headers);
    return `${answered(answer)}, ${await target.text('a')}`;
  };
}

/** What completing is answered. */
export const COMPLETION_PROBES: Readonly<Record<keyof typeof COMPLETION_FACTS, Probe>> = {
  'a small part before another': async (target) => {
    const uploadId = await create(target);
    for (const number of [1, 2]) await part(target, uploadId, number);
    return answered(await complete(target, uploadId, [...ONE, [2, HELLO]]));
  },
  'parts in the wrong order': async (target) => {
    const uploadId = await create(target);
    await part(target, uploadId, 1);
    await part(target, uploadId, 2, LARGE);
    return answered(await complete(target, uploadId, [[2, md5(LARGE)], ...ONE]));
  },
  'a part named twice': async (target) => {
    const uploadId = await create(target);
    await part(target, uploadId, 1, LARGE);
    const twice = [1, md5(LARGE)] as const;
    return answered(await complete(target, uploadId, [twice, twice]));
  },
  'a part that was never sent': small([[2, HELLO]]),
  'a part with another ETag': small([[1, md5('other')]]),
  'no parts named': small([]),
  'a list that is no XML': small('nonsense'),
  'ETags without quotes': small(documentOf(ONE).replaceAll('&quot;', '')),
  'a completion of no upload': async (target) => answered(await complete(target, NO_UPLOAD, ONE)),
  'a completion after the abort': async (target) => {
    const uploadId = await create(target);
    await part(target, uploadId, 1);
    await abort(target, uploadId);
    return answered(await complete(target, uploadId, ONE));
  },
  'a completion again': async (target) => {
    const uploadId = await create(target);
    await part(target, uploadId, 1);
    await complete(target, uploadId, ONE);
    return answered(await complete(target, uploadId, ONE));
  },
  'the right object size': small(ONE, { 'x-amz-mp-object-size': '5' }),
  'a wrong object size': small(ONE, { 'x-amz-mp-object-size': '6' }),
  'a completion with If-None-Match * of an absent key': small(ONE, { 'if-none-match': '*' }),
  'a completion with If-None-Match * of an existing key': over({ 'if-none-match': '*' }),
  'a completion with If-Match with the ETag': over({ 'if-match': `"${HELLO}"` }),
  'a completion with If-Match with another ETag': over({ 'if-match': `"${'0'.repeat(32)}"` }),
  'the parts after a completion that was refused': async (target) => {
    const uploadId = await create(target);
    await part(target, uploadId, 1);
    await complete(target, uploadId, [[1, md5('other')]]);
    return partsOf(target, uploadId);
  },
};
