import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { quotaOf, quotasIn, usableCores } from '../../../../src/transfer/threads/cores.js';
import { makeTree } from '../../../support/tree.js';

test('a quota of a control group counts in whole cores, and at least one', () => {
  const of: readonly (readonly [text: string, cores: number | undefined])[] = [
    ['max 100000\n', undefined],
    ['', undefined],
    ['200000 100000\n', 2],
    ['150000 100000', 1],
    ['140000 100000', 1],
    ['20000 100000', 1],
    ['-1 100000', undefined],
  ];
  for (const [text, cores] of of) assert.equal(quotaOf(text), cores, text);
  assert.ok(usableCores() >= 1 && usableCores() <= 8);
});

const skip = process.platform !== 'linux' && 'only Linux has control groups';
const GROUPS = 'sys/fs/cgroup';
const quotas = (t: TestContext, files: Readonly<Record<string, string>>) => quotasIn(makeTree(t, files));

test('in a container the quota is that of the root', { skip }, (t) => {
  assert.deepEqual(quotas(t, { 'proc/self/cgroup': '0::/\n', [`${GROUPS}/cpu.max`]: '300000 100000\n' }), [3]);
  // As Docker without a name space of its own for groups shows it.
  const foreign = { 'proc/self/cgroup': '0::/docker/1f2e\n', [`${GROUPS}/cpu.max`]: '200000 100000\n' };
  assert.deepEqual(quotas(t, foreign), [2]);
});

test('the quotas of a service and of the slices around it count', { skip }, (t) => {
  const files = {
    'proc/self/cgroup': '0::/ci.slice/runner.service\n',
    [`${GROUPS}/ci.slice/runner.service/cpu.max`]: 'max 100000\n',
    [`${GROUPS}/ci.slice/cpu.max`]: '400000 100000\n',
    [`${GROUPS}/other.slice/cpu.max`]: '100000 100000\n',
  };
  assert.deepEqual(quotas(t, files), [4]);
});

test('the quotas of control groups of version 1 count', { skip }, (t) => {
  const files = {
    'proc/self/cgroup': '9:name=systemd:/\n4:memory:/docker/1f2e\n3:cpu,cpuacct:/docker/1f2e\n2:cpuset:/\n0::/\n',
    [`${GROUPS}/cpu/cpu.cfs_quota_us`]: '250000\n',
    [`${GROUPS}/cpu/cpu.cfs_period_us`]: '100000\n',
  };
  assert.deepEqual(quotas(t, files), [2]);
  assert.deepEqual(quotas(t, { ...files, [`${GROUPS}/cpu/cpu.cfs_quota_us`]: '-1\n' }), []);
});

test('where nothing says anything of control groups, there is no quota', { skip }, (t) => {
  assert.deepEqual(quotas(t, { 'proc/self/cgroup': '' }), []);
  assert.deepEqual(quotas(t, {}), []);
});
