import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countUnchanged,
  isKept,
  isLeftOut,
  isNew,
  isUnchanged,
  isUnchangedButHeaders,
  keptUntil,
  REASONS,
  unproven,
} from '../../../src/report/reasons.js';

/** Programs read these texts: a change of one is a change of the JSON. */
const TEXTS: Readonly<Record<keyof typeof REASONS, readonly [text: string, unchanged: boolean]>> = {
  new: ['new', false],
  forced: ['forced', false],
  exists: ['exists', false],
  sameContent: ['same content', true],
  sameContentOnly: ['same content, headers not compared', true],
  sameSize: ['same size', true],
  headersDiffer: ['headers differ', false],
  headersDifferLeft: ['headers differ, not repaired', true],
  contentDiffers: ['content differs', false],
  encodingDiffers: ['encoding differs', false],
  sizeDiffers: ['size differs', false],
  changed: ['content differs, changed during the run', false],
  copiedByJob: ['copied by the job', false],
  localSizeUnknown: ['local size unknown', false],
  remoteUnreadable: ['remote unreadable', false],
  changedBeforeDelete: ['changed during the run', false],
  appeared: ['appeared during the run', false],
  stray: ['not in the source', false],
  belowPrefix: ['below the prefix', false],
  noRoomForTag: ['kept, no room for a tag', false],
  symlink: ['symlink (symlinks: skip)', false],
};

test('each reason keeps its text, and says whether the object is unchanged', () => {
  assert.deepEqual(REASONS, Object.fromEntries(Object.entries(TEXTS).map(([name, [text]]) => [name, text])));
  for (const [text, unchanged] of Object.values(TEXTS)) {
    assert.equal(isUnchanged(text), unchanged, text);
    assert.equal(isNew(text), text === 'new');
    assert.equal(isUnchangedButHeaders(text), text === 'same content, headers not compared');
    assert.equal(isLeftOut(text), text.startsWith('symlink'));
    assert.equal(isKept(text), text.startsWith('kept'));
  }
});

test('what is unproven says why, and is no unchanged object', () => {
  assert.equal(unproven('HEAD is denied'), 'content unproven, HEAD is denied');
  assert.equal(isUnchanged(unproven('its ETag is no digest')), false);
});

test('unchanged objects are counted over all their reasons', () => {
  assert.equal(
    countUnchanged({ 'same content': 2, 'same size': 3, new: 5, 'same content, headers not compared': 7 }),
    12,
  );
});

test('a key that is deleted later says when', () => {
  assert.equal(keptUntil('2026-12-06'), 'kept until 2026-12-06');
  assert.ok(isKept(keptUntil('2026-12-06')));
  assert.ok(!isUnchanged(keptUntil('2026-12-06')));
});
