import type { SOURCE_FACTS } from '../expectations/copy-facts.js';
import { copy, sourceOf } from './copy-requests.js';
import { answered, encoded, type Probe, put } from './target.js';
import { HELLO, type Headers, one } from './upload-requests.js';

/** A copy of what was put under this key, its source written in a way of the test's own. */
function named(key: string, written: (bucket: string) => string = () => ''): Probe {
  return async (target) => {
    const source = await put(target, {}, { key });
    if (source.status !== 200) return `the put: ${answered(source)}`;
    const answer = await copy(target, {}, written(target.bucket) || sourceOf(target, key), 'copied');
    return answer.status === 200 ? `200, ${await target.text('copied')}` : answered(answer);
  };
}

/** A copy of `a`, where there is none, or of what the test says. */
function missing(written: (bucket: string) => string): Probe {
  return async (target) => answered(await copy(target, {}, written(target.bucket)));
}

/** A copy of `a` on a condition. */
function conditional(headers: Headers): Probe {
  return async (target) => {
    await put(target);
    const answer = await copy(target, headers);
    return answer.status === 200 ? '200' : `${answered(answer)}, ${one(answer, 'Condition')}`;
  };
}

const PAST = 'Sat, 01 Jan 2000 00:00:00 GMT';
const IF = 'x-amz-copy-source-if';

/** How the source of a copy is named, found, and held to conditions. */
export const SOURCE_PROBES: Readonly<Record<keyof typeof SOURCE_FACTS, Probe>> = {
  'a source without a slash in front': named('a', (bucket) => `${bucket}/a`),
  'a source key with a space': named('a b'),
  'a source key with a plus': named('a+b'),
  'a source key with a bare plus for its space': named('a b', (bucket) => `/${bucket}/a+b`),
  'a source key with a percent sign': named('a%25b'),
  'a source key with a hash': named('a#b'),
  'a source key with a question mark': named('a?b'),
  'a source key that ends like a version': named('a?versionId=1'),
  'a source key with ü': named('ü'),
  'a source key with 你好': named('你好'),
  'a source key with 😀': named('😀'),
  'a source key with every sign': named(' a+b%c#d&e?f;g=h\'i(j)k*l!m~n@o:p,q$r"s<t>u'),
  'a source whose slashes are encoded': named('a/b', (bucket) => encoded(`${bucket}/a/b`)),
  'a source key that is absent': missing((bucket) => `/${bucket}/a`),
  'a source bucket that is absent': missing(() => '/s3pp-nowhere/a'),
  'a source without a key': missing((bucket) => `/${bucket}`),
  'a source with a broken encoding': missing((bucket) => `/${bucket}/a%zz`),
  'a copy if the source is the same': conditional({ [`${IF}-match`]: `"${HELLO}"` }),
  'a copy if the source is another': conditional({ [`${IF}-match`]: `"${'0'.repeat(32)}"` }),
  'a copy unless the source is the same': conditional({ [`${IF}-none-match`]: `"${HELLO}"` }),
  'a copy if the source has not changed since': conditional({ [`${IF}-unmodified-since`]: PAST }),
  // Servers take no heed of a time that is yet to come, so it is one that is about now.
  'a copy if the source has changed since': async (target) => {
    await put(target);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const answer = await copy(target, { [`${IF}-modified-since`]: new Date().toUTCString() });
    return answer.status === 200 ? '200' : `${answered(answer)}, ${one(answer, 'Condition')}`;
  },
};
