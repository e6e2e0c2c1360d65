import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Build, buildOf } from '../../../../src/report/page/build.js';

const CASES: readonly (readonly [string, Readonly<Record<string, string>>, Build])[] = [
  ['nothing', { PATH: '/bin', GITHUB_SHA: '' }, {}],
  [
    'GitHub Actions',
    {
      ...{ GITHUB_SHA: 'abc', GITHUB_REPOSITORY: 'o/site', GITHUB_SERVER_URL: 'https://github.example' },
      ...{ GITHUB_REF_NAME: 'main', GITHUB_RUN_ID: '7' },
    },
    {
      commit: 'abc',
      commitUrl: 'https://github.example/o/site/commit/abc',
      repository: 'o/site',
      repositoryUrl: 'https://github.example/o/site',
      ref: 'main',
      runUrl: 'https://github.example/o/site/actions/runs/7',
    },
  ],
  ['a commit alone', { GITHUB_SHA: 'abc' }, { commit: 'abc' }],
  [
    'GitLab',
    {
      CI_COMMIT_SHA: 'abc',
      CI_PROJECT_URL: 'https://gitlab.example/g/p',
      CI_PROJECT_PATH: 'g/p',
      CI_JOB_URL: 'https://j',
    },
    {
      commit: 'abc',
      commitUrl: 'https://gitlab.example/g/p/-/commit/abc',
      repository: 'g/p',
      repositoryUrl: 'https://gitlab.example/g/p',
      runUrl: 'https://j',
    },
  ],
  ['CircleCI', { CIRCLE_SHA1: 'abc', CIRCLE_BRANCH: 'main' }, { commit: 'abc', ref: 'main' }],
  ['Jenkins', { GIT_COMMIT: 'abc', BUILD_URL: 'https://j/1' }, { commit: 'abc', runUrl: 'https://j/1' }],
];

for (const [name, env, build] of CASES)
  test(`the environment of ${name} says what it can of the commit`, () => {
    assert.deepEqual(buildOf(env), build);
  });
