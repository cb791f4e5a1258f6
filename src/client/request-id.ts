/**
 * What names one CI run, so that repeating a command in it repeats nothing; undefined outside of one. Read by the
 * names of variables.
 */
export function readRequestId(value: (name: string) => string | undefined): string | undefined {
  const own = value("SLUICE_REQUEST_ID");
  if (own !== undefined) return own;
  const github = value("GITHUB_RUN_ID");
  if (github !== undefined) return `github-${github}-${value("GITHUB_RUN_ATTEMPT") ?? "1"}`;
  // A job that is tried again is a new attempt, though its pipeline is the same.
  const gitlab = value("CI_JOB_ID") ?? value("CI_PIPELINE_ID");
  if (gitlab !== undefined) return `gitlab-${gitlab}`;
  const build = value("BUILD_ID");
  return build === undefined ? undefined : `build-${build}`;
}
