import { useEffect, useRef, useState } from "preact/hooks";
import type {
  ImaginedEnding,
  PlannedRules,
  PlannerRequest,
  TriedRules,
} from "../../planner/planner-messages.ts";
import { Planner } from "../../planner/planner.ts";

type PlanAsked = PlannerRequest & { readonly kind: "plan" };
type TryAsked = PlannerRequest & { readonly kind: "try" };

/** What is typed is complete after so long. */
const AFTER_MS = 300;

export interface PlanSeen {
  readonly planned: PlannedRules | undefined;
  /** What is wrong with the rules; what was planned before stays. */
  readonly problem: string | undefined;
  /** It is being computed for rules that are newer than what is seen. */
  readonly isBusy: boolean;
}

/** The plan of what is asked, made again a moment after that has changed. */
export function usePlan(asked: PlanAsked | undefined): PlanSeen {
  const [seen, setSeen] = useState<PlanSeen>({ planned: undefined, problem: undefined, isBusy: false });
  const planner = useRef<Planner | undefined>(undefined);
  useEffect(() => {
    const made = new Planner((answer) => {
      if ("problem" in answer) setSeen((before) => ({ ...before, problem: answer.problem, isBusy: false }));
      else if ("planned" in answer) {
        const { planned } = answer;
        setSeen({ planned, problem: undefined, isBusy: !planned.isWhole });
      }
    });
    planner.current = made;
    return () => made.stop();
  }, []);
  const text = asked === undefined ? undefined : JSON.stringify(asked);
  useEffect(() => {
    if (text === undefined) return undefined;
    setSeen((before) => ({ ...before, isBusy: true }));
    const timer = setTimeout(() => {
      // Whatever it is at, it does not look up before that is done.
      planner.current?.stop();
      planner.current?.ask(JSON.parse(text) as PlanAsked);
    }, AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return seen;
}

export interface TrySeen {
  readonly endings: readonly ImaginedEnding[];
  readonly tried: TriedRules | undefined;
  readonly problem: string | undefined;
  readonly isBusy: boolean;
  readonly run: (asked: TryAsked) => void;
  readonly stop: () => void;
}

const NOTHING = { endings: [], tried: undefined, problem: undefined, isBusy: false };

/** Rollouts that are imagined, as they end. */
export function useTry(): TrySeen {
  const [seen, setSeen] = useState<Omit<TrySeen, "run" | "stop">>(NOTHING);
  const planner = useRef<Planner | undefined>(undefined);
  useEffect(() => () => planner.current?.stop(), []);
  const stop = () => {
    planner.current?.stop();
    planner.current = undefined;
    setSeen((before) => ({ ...before, isBusy: false }));
  };
  const run = (asked: TryAsked) => {
    planner.current?.stop();
    setSeen({ ...NOTHING, isBusy: true });
    planner.current = new Planner((answer) => {
      if ("problem" in answer) setSeen((before) => ({ ...before, problem: answer.problem, isBusy: false }));
      else if ("tried" in answer) {
        const { tried } = answer;
        const isBusy = !tried.isWhole;
        setSeen((before) => ({ ...before, tried, isBusy, endings: [...before.endings, ...tried.endings] }));
      }
    });
    planner.current.ask(asked);
  };
  return { ...seen, run, stop };
}
