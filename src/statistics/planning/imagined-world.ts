import type { EnrolledArm } from "../../domain/rollout/assignment.ts";
import { overCap, UNANSWERED } from "../../domain/rollout/measurements.ts";
import { recordedMetrics } from "../../domain/policy/policy.ts";
import type { SegmentCell } from "../../domain/rollout/verdict.ts";
import type { AssessmentInput } from "../decision/assessment.ts";
import { roomLeft } from "../decision/enrolment-end.ts";
import { addCell, emptyCell, fold, NEVER, type MetricScenario, type Open } from "./imagined-units.ts";
import type { Sampler } from "./seeded-random.ts";
import type { ImaginedSegment, Simulation } from "./simulation.ts";

const ARMS: readonly EnrolledArm[] = ["candidate", "control"];

/** Units that are alike in what the candidate does to them: all of them, or those of a segment's value. */
type Group = Pick<ImaginedSegment, "share" | "changes"> & {
  readonly of?: { segment: string; value: string };
};

/** Units of one look: by arm and group, in the stage (which is the epoch) that they were exposed in. */
interface Enrolled {
  readonly stage: number;
  readonly units: readonly (readonly number[])[];
}

/** The units of an imagined canary, from their exposure until their window has closed and they are counted. */
export class ImaginedWorld {
  readonly #simulation: Simulation;
  readonly #draw: Sampler;
  readonly #recorded: readonly string[];
  /** Looks until the window of each recorded metric has closed. */
  readonly #lag: readonly number[];
  readonly #groups: readonly Group[];
  readonly #history: Enrolled[] = [];
  readonly #cells: Open[][][] = [];
  readonly #segments = new Map<string, SegmentCell & Open>();
  readonly #exposures: { epoch: number; candidate: number; control: number; stage: number }[] = [];

  constructor(simulation: Simulation, lookEveryMs: number, draw: Sampler) {
    const { canary, metrics, segments = [] } = simulation;
    this.#simulation = simulation;
    this.#draw = draw;
    this.#recorded = [...new Set([...recordedMetrics(canary), ...(metrics[UNANSWERED] ? [UNANSWERED] : [])])];
    this.#lag = this.#recorded.map((name) => Math.ceil((metrics[name]?.window_ms ?? 0) / lookEveryMs));
    this.#groups = groupsOf(segments);
  }

  /** So many units an arm show up, as long as the canary enrols any. */
  enrol(stage: number, coming: number): void {
    const { canary, split } = this.#simulation;
    const lastStage = stage === canary.stages.length - 1;
    const exposed = (this.#exposures[stage] ??= { epoch: stage, candidate: 0, control: 0, stage });
    const candidates = split === "chance" ? this.#draw.binomial(2 * coming, 0.5) : coming;
    const units = ARMS.map((arm) => {
      const inAll = this.#exposures.reduce((sum, epoch) => sum + epoch[arm], 0);
      const room = roomLeft(canary, { inAll, inLastStage: lastStage ? exposed[arm] : 0 }, lastStage);
      const n = Math.min(arm === "candidate" ? candidates : 2 * coming - candidates, room);
      exposed[arm] += n;
      return this.#grouped(n);
    });
    this.#history.push({ stage, units });
  }

  #grouped(n: number): readonly number[] {
    let [left, share] = [n, 1];
    return this.#groups.map((group, index) => {
      const last = index === this.#groups.length - 1;
      const units = last ? left : this.#draw.binomial(left, Math.min(1, group.share / share));
      left -= units;
      share -= group.share;
      return units;
    });
  }

  /** Counts the units whose window closes with this look, each metric's by its own. */
  closeWindows(): void {
    const { metrics, scenario } = this.#simulation;
    this.#recorded.forEach((name, m) => {
      const closing = this.#history[this.#history.length - 1 - this.#lag[m]!];
      const known = scenario[name] ?? (name === UNANSWERED ? NEVER : undefined);
      if (!closing || !known) return;
      const spec = metrics[name] ?? { kind: "mean", window_ms: 0 };
      const cells = (this.#cells[closing.stage] ??= []);
      const ofMetric = (place: number, metric: string) =>
        (cells[place] ??= ARMS.map((arm) => emptyCell(closing.stage, arm, metric)));
      const pair = ofMetric(m, name);
      const over = spec.cap === undefined ? undefined : ofMetric(this.#recorded.length + m, overCap(name));
      pair.forEach((cell, arm) => {
        const into = { cell, over: over?.[arm], spec };
        this.#groups.forEach((group, index) => {
          const units = closing.units[arm]![index]!;
          const change = group.changes?.[name];
          const theirs: MetricScenario = change ? { ...known, change } : known;
          if (!group.of) return fold(into, units, theirs, closing.stage, this.#draw);
          const apart = {
            cell: emptyCell(cell.epoch, cell.arm, name),
            over: into.over && emptyCell(cell.epoch, cell.arm, overCap(name)),
            spec,
          };
          fold(apart, units, theirs, closing.stage, this.#draw);
          for (const [all, some] of [[into.cell, apart.cell] as const, [into.over, apart.over] as const]) {
            if (!all || !some) continue;
            addCell(all, some);
            addCell(this.#ofSegment(group.of, some), some);
          }
        });
      });
    });
  }

  #ofSegment(of: { segment: string; value: string }, { epoch, arm, metric }: Open): Open {
    const key = `${epoch} ${arm} ${metric} ${of.value}`;
    let cell = this.#segments.get(key);
    if (!cell) this.#segments.set(key, (cell = { ...emptyCell(epoch, arm, metric), ...of }));
    return cell;
  }

  evidence(): Pick<AssessmentInput, "cells" | "segments" | "exposures"> {
    return {
      cells: this.#cells.flat(2).filter(Boolean),
      segments: [...this.#segments.values()],
      exposures: this.#exposures.filter(Boolean),
    };
  }
}

function groupsOf(segments: readonly ImaginedSegment[]): readonly Group[] {
  const segment = segments[0]?.segment;
  if (segment === undefined) return [{ share: 1 }];
  const told = segments.map(({ value, share, changes }): Group => ({
    share,
    ...(changes && { changes }),
    of: { segment, value },
  }));
  const rest = 1 - segments.reduce((sum, { share }) => sum + share, 0);
  return [...told, { share: Math.max(0, rest), of: { segment, value: "other" } }];
}
