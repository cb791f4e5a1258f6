import { counted } from "../../domain/text/counted.ts";
import type { PropagatedDependant, Propagation, PropagationState } from "../../domain/shapes/propagating.ts";
import { EXIT } from "../../terminal/exit-codes.ts";
import type { Output } from "../../terminal/output.ts";
import { wrap, wrapAll } from "../../terminal/text-layout.ts";

const SAYS: Readonly<Record<PropagationState, string>> = {
  waiting: "waits for its turn",
  testing: "is being tested",
  rolling_out: "is being rolled out",
  unchanged: "needs nothing",
  made: "is made, and nothing could test it",
  passed: "has passed its gate",
  promoted: "is live",
  in_git: "is kept in a repository",
  impossible: "could not be made",
  insufficient: "has passed, with too little evidence",
  failed: "has failed",
  rolled_back: "was taken back",
  stopped: "was stopped",
};

/** One line of one dependant. */
export function stepLine({ prompt, version, state, reason }: PropagatedDependant): string {
  return `${version ?? prompt} ${SAYS[state]}${reason === "" ? "" : `: ${reason}`}`;
}

export function propagationLines(propagation: Propagation, output: Output): string[] {
  const { propagationId, version, label, rollout, endedAt, reason, dependants } = propagation;
  const where = label === null ? "" : ` that ${label} serves`;
  const head = `${version} to ${counted(dependants.length, "prompt")}${where}${rollout ? ", with rollouts" : ""} (${propagationId})`;
  const end =
    endedAt === null
      ? [`goes on by itself; see: sluice propagate status ${propagationId}`]
      : reason === ""
        ? []
        : [`ended early: ${reason}`];
  return [
    ...wrapAll(output.width, [head]),
    ...dependants.flatMap((one) => wrap(stepLine(one), output.width, "  ".repeat(one.level))),
    ...wrapAll(output.width, end),
  ];
}

const NOT_ENOUGH: ReadonlySet<PropagationState> = new Set(["insufficient"]);
const BAD: ReadonlySet<PropagationState> = new Set(["impossible", "failed", "rolled_back", "stopped"]);

/** 1 where something has not gone well, 3 where all that is missing is evidence. */
export function propagationExitCode({ dependants, reason }: Propagation): number {
  if (reason !== "" || dependants.some(({ state }) => BAD.has(state))) {
    const first = dependants.find(({ state }) => state !== "stopped" && BAD.has(state));
    const isEvidenceAlone = !first && reason === "" && dependants.some(({ state }) => NOT_ENOUGH.has(state));
    return isEvidenceAlone ? EXIT.notEnough : EXIT.no;
  }
  return dependants.some(({ state }) => NOT_ENOUGH.has(state)) ? EXIT.notEnough : EXIT.yes;
}
