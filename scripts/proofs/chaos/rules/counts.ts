import type { History } from "../history.ts";

export function* foldedOnce({ counts, usage }: History): Iterable<string> {
  for (const { rolloutId, metric, arm, exposures, open, answered, foldedUnits, foldedValues } of counts) {
    if (foldedUnits !== exposures - open)
      yield `${rolloutId}, ${metric}, ${arm}: ${foldedUnits} units are folded of ${exposures}, ${open} of them open`;
    if (foldedValues > answered)
      yield `${rolloutId}, ${metric}, ${arm}: ${foldedValues} values of ${answered} outcomes`;
  }
  for (const { version, outcomes, counted } of usage)
    if (outcomes !== counted) yield `version ${version}: its usage counts ${counted} of ${outcomes} outcomes`;
}

/** A unit is counted in the arm that it was served. */
export function* inItsArm({ samples, exposures, pointers }: History): Iterable<string> {
  const modes = new Map(pointers.map(({ rolloutId, epoch, mode }) => [`${rolloutId} ${epoch}`, mode]));
  const served = new Map<string, string>();
  for (const { digest, arm, rolloutId, epoch } of samples)
    if (arm !== "unenrolled") served.set(`${digest} ${rolloutId} ${modes.get(`${rolloutId} ${epoch}`)}`, arm);
  for (const { rolloutId, digest, mode, arm } of exposures) {
    const known = served.get(`${digest} ${rolloutId} ${mode}`);
    if (known !== arm)
      yield `unit ${digest.slice(0, 12)} of ${rolloutId}, ${mode}, is counted as ${arm} and was ${known ?? "never"} served`;
  }
}

export function* kept({ lostOutcomes }: History): Iterable<string> {
  for (const id of lostOutcomes) yield `outcome ${id} was taken and is not there`;
}
