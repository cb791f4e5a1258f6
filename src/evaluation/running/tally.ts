import { addValue, NO_MOMENTS } from "../../statistics/moments.ts";
import { type CaseResult, isVersionArm, type VersionArm } from "../grading/case-result.ts";

/** Results of one case in one version, its repeats together. */
interface Slot {
  passed: number;
  failed: number;
  errors: number;
  /** The version could not even be asked: what it would have answered is not known. */
  unasked: boolean;
  /** The passes, a result that is averaged over several runs counting as the share of them. */
  share: number;
}

/** What errors and missing results are taken for when a rate is computed. */
export type Missing = "left out" | "best for the candidate" | "worst for the candidate";

/** Counts the versions' results as they come, in any order, each once. */
export class Tally {
  readonly cases: number;
  readonly repeats: number;
  #candidateFails = 0;
  readonly #slots: Record<VersionArm, Slot[]>;
  readonly #firstEqual: readonly number[];

  /** `firstEqual`: for each case the first that is the same, where any are. */
  constructor(cases: number, repeats: number, firstEqual: readonly number[] = []) {
    this.#firstEqual = firstEqual;
    this.cases = cases;
    this.repeats = repeats;
    const empty = () =>
      Array.from({ length: cases }, (): Slot => ({
        passed: 0,
        failed: 0,
        errors: 0,
        share: 0,
        unasked: false,
      }));
    this.#slots = { candidate: empty(), baseline: empty() };
  }

  add({
    arm,
    caseIndex,
    error,
    pass,
    broken,
    runs,
  }: Pick<CaseResult, "arm" | "caseIndex" | "error" | "pass" | "broken" | "runs">): void {
    if (!isVersionArm(arm)) return;
    const slot = this.#slots[arm][caseIndex]!;
    // A candidate has to render what it is asked. That a baseline cannot makes nobody better than it.
    if (arm === "baseline" && broken === "render") {
      slot.unasked = true;
      return;
    }
    if (error === null) slot.share += runs ? runs.passed / runs.of : Number(pass);
    if (error !== null) slot.errors += 1;
    else if (pass) slot.passed += 1;
    else slot.failed += 1;
    if (error === null && !pass && arm === "candidate") this.#candidateFails += 1;
  }

  /** The candidate's pass fractions summed over all cases, if everything that is not known to fail passed. */
  bestSum(): number {
    return this.cases - this.#candidateFails / this.repeats;
  }

  /**
   * A case counts once: failed when any repeat failed, an error when one errored and none failed, passed when
   * every repeat that should be there passed. `flaky` passed and failed.
   */
  counts(arm: VersionArm) {
    const counts = { passed: 0, failed: 0, errors: 0, flaky: 0 };
    for (const slot of this.#slots[arm]) {
      if (slot.failed > 0) counts.failed += 1;
      else if (slot.errors > 0) counts.errors += 1;
      else if (slot.passed === this.repeats) counts.passed += 1;
      if (slot.failed > 0 && slot.passed > 0) counts.flaky += 1;
    }
    return counts;
  }

  /** Cases that the baseline could not be asked. */
  get uncompared(): number {
    return this.#slots.baseline.filter(({ unasked }) => unasked).length;
  }

  /** Mean over cases of the fraction of repeats that passed; null when no case has a result. */
  passRate(arm: VersionArm): number | null {
    let moments = NO_MOMENTS;
    for (const slot of this.#slots[arm]) {
      const fraction = this.#fraction(slot, arm, "left out");
      if (fraction !== undefined) moments = addValue(moments, fraction);
    }
    return moments.n === 0 ? null : moments.mean;
  }

  /**
   * The evidence that `gateVerdict` asks for. Cases that are the same are one piece of evidence, the mean of them: asked
   * ten times over, a question shows no more of what users will ask. The pass rate is that of all cases.
   */
  evidence(hasBaseline: boolean, missing: Missing) {
    let rate = NO_MOMENTS;
    const measured = new Set<number>();
    const compared = new Map<number, { candidate: number; baseline: number; n: number }>();
    for (let index = 0; index < this.cases; index += 1) {
      const candidate = this.#fraction(this.#slots.candidate[index]!, "candidate", missing);
      if (candidate === undefined) continue;
      const first = this.#firstEqual[index] ?? index;
      rate = addValue(rate, candidate);
      measured.add(first);
      if (!hasBaseline) continue;
      const baseline = this.#fraction(this.#slots.baseline[index]!, "baseline", missing);
      if (baseline === undefined) continue;
      const sums = compared.get(first) ?? { candidate: 0, baseline: 0, n: 0 };
      compared.set(first, {
        candidate: sums.candidate + candidate,
        baseline: sums.baseline + baseline,
        n: sums.n + 1,
      });
    }
    const pairs = { cases: compared.size, worse: 0, better: 0 };
    for (const { candidate, baseline, n } of compared.values()) {
      pairs.worse += Math.max(0, baseline - candidate) / n;
      pairs.better += Math.max(0, candidate - baseline) / n;
    }
    return {
      cases: measured.size,
      passRate: rate.n === 0 ? Number.NaN : rate.mean,
      ...(hasBaseline && { pairs }),
    };
  }

  #fraction(slot: Slot, arm: VersionArm, missing: Missing): number | undefined {
    if (slot.unasked) return undefined;
    const known = slot.passed + slot.failed;
    if (missing === "left out") return known === 0 ? undefined : slot.share / known;
    const open = this.repeats - known;
    const bestForArm = (missing === "best for the candidate") === (arm === "candidate");
    return (slot.share + (bestForArm ? open : 0)) / this.repeats;
  }
}
