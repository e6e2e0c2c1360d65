import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeError } from '../../../src/action/errors.js';
import { errorText } from '../../../src/cli/errors.js';
import { S3RequestError, SourceError } from '../../../src/errors.js';
import { systemHint } from '../../../src/report/system-errors.js';

const systemError = (code: string): Error =>
  Object.assign(new Error(`${code}: refused, open 'x'`), { code, syscall: 'open', errno: -1 });

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** What files, servers and the machine can cause. */
const CAUSED: readonly (readonly [unknown, RegExp])[] = [
  [systemError('EMFILE'), /ulimit -n 1024/],
  [systemError('ENOSPC'), /The disk is full/],
  [systemError('EACCES'), /lacks the permission/],
  [systemError('EROFS'), /read-only/],
  [systemError('EXDEV'), /The operating system refused this/],
  [thrownBy(() => readFileSync('/no/such/file')), /removed meanwhile/],
  [
    Object.assign(new Error("Cannot find module 'x'"), { code: 'ERR_MODULE_NOT_FOUND' }),
    /install s3-parallel-put again/,
  ],
  [thrownBy(() => 'x'.repeat(2 ** 30)), /too little memory/],
  [thrownBy(() => new ArrayBuffer(2 ** 53)), /too little memory/],
  [Object.assign(new Error('the token service is down'), { hint: 'Run the job again.' }), /Run the job again/],
  [new SourceError('EIO', 'dist/a cannot be read'), /dist\/a/],
  [new S3RequestError('no answer', { code: 'constructor', verb: 'PutObject', bucket: 'b' }), /no answer/],
];

test('what a file, a server or the machine causes is never called a bug, on any face', () => {
  for (const [error, hint] of CAUSED) {
    const step = describeError(error);
    for (const text of [errorText(error, { verbose: true }), `${step?.message} ${step?.hint}`]) {
      assert.match(text, hint);
      assert.doesNotMatch(text, /This is a bug|^ +at /m);
    }
  }
});

test('a mistake of this program is', () => {
  for (const error of [
    new TypeError('x is not a function'),
    new RangeError('Maximum call stack size exceeded'),
    'text',
  ]) {
    assert.equal(systemHint(error), undefined);
    assert.match(errorText(error, { verbose: false }), /This is a bug/);
    assert.match(describeError(error)?.hint ?? '', /This is a bug/);
  }
});
