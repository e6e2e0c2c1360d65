/** What a build server says about a run in its environment. */
export interface Build {
  readonly commit?: string;
  /** Address of the commit's page. */
  readonly commitUrl?: string;
  /** Such as `owner/name`. */
  readonly repository?: string;
  readonly repositoryUrl?: string;
  /** Branch or tag. */
  readonly ref?: string;
  /** Address of the run's page. */
  readonly runUrl?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables of the build servers that have documented them. Empty on a machine without any: nothing asks git.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/variables
 * @see https://docs.gitlab.com/ci/variables/predefined_variables/
 * @see https://circleci.com/docs/reference/variables/
 * @see https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
 */
export function buildOf(env: Environment): Build {
  if (isSet(env.GITHUB_SHA)) {
    const { GITHUB_SHA: sha, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
    const server = isSet(env.GITHUB_SERVER_URL) ? env.GITHUB_SERVER_URL : 'https://github.com';
    const repositoryUrl = isSet(repository) ? `${server}/${repository}` : undefined;
    return known({
      commit: sha,
      commitUrl: repositoryUrl && `${repositoryUrl}/commit/${sha}`,
      repository,
      repositoryUrl,
      ref: env.GITHUB_REF_NAME,
      runUrl: repositoryUrl && isSet(run) ? `${repositoryUrl}/actions/runs/${run}` : undefined,
    });
  }
  if (isSet(env.CI_COMMIT_SHA)) {
    const { CI_COMMIT_SHA: commit, CI_PROJECT_URL: repositoryUrl } = env;
    return known({
      commit,
      commitUrl: isSet(repositoryUrl) ? `${repositoryUrl}/-/commit/${commit}` : undefined,
      repository: env.CI_PROJECT_PATH,
      repositoryUrl,
      ref: env.CI_COMMIT_REF_NAME,
      runUrl: env.CI_JOB_URL,
    });
  }
  if (isSet(env.CIRCLE_SHA1))
    return known({ commit: env.CIRCLE_SHA1, ref: env.CIRCLE_BRANCH ?? env.CIRCLE_TAG, runUrl: env.CIRCLE_BUILD_URL });
  return known({ commit: env.GIT_COMMIT, ref: env.GIT_BRANCH, runUrl: env.BUILD_URL });
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function known(build: { readonly [Name in keyof Build]: string | undefined }): Build {
  return Object.fromEntries(Object.entries(build).filter(([, text]) => isSet(text)));
}
