import * as stats from "../../src/statistics/index.ts";

/** Numbers by key, as a vector's `expected` names them. */
export type Answers = Record<string, unknown>;

interface SdArm {
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
}

interface RatioArm {
  readonly n_units: number;
  readonly sum_s: number;
  readonly sum_c: number;
  readonly sum_ss: number;
  readonly sum_cc: number;
  readonly sum_sc: number;
}

interface PairedArm {
  readonly n: number;
  readonly sum_y: number;
  readonly sum_x: number;
  readonly sum_yy: number;
  readonly sum_xx: number;
  readonly sum_xy: number;
}

// The file is data from outside: each kind says below what it expects to find in it.
// oxlint-disable-next-line typescript/no-explicit-any
type Input = any;

const moments = (arm: SdArm) => stats.momentsOf(arm.n, arm.mean, arm.sd);
const arms = (input: Input) => ({ candidate: moments(input.candidate), control: moments(input.control) });

function value<T extends object>(result: stats.Result<T>): stats.Determined<T> {
  if (!result.ok) throw new Error(`undetermined: ${result.detail}`);
  return result;
}

/** Every kind of vector, and how the public functions answer it. */
export const KINDS: Readonly<Record<string, (input: Input) => Answers>> = {
  welch(input) {
    const r = value(stats.welch(arms(input), input.alpha));
    return {
      ...r,
      p_two_sided: r.pTwoSided,
      p_greater: r.pGreater,
      p_less: r.pLess,
      ci_low: r.low,
      ci_high: r.high,
    };
  },
  noninferiority(input) {
    const r = value(
      stats.nonInferiority({
        ...arms(input),
        margin: { kind: "absolute", value: input.margin },
        direction: input.lower_is_better ? "lower" : "higher",
        alpha: input.alpha,
      }),
    );
    return { ...r, p_noninferior: r.p, harm_upper_bound: r.upperBound, noninferior: r.nonInferior };
  },
  two_proportion(input) {
    const r = value(
      stats.twoProportion(
        {
          candidate: { x: input.x_candidate, n: input.n_candidate },
          control: { x: input.x_control, n: input.n_control },
        },
        input.alpha,
      ),
    );
    return {
      diff: r.diff,
      z_pooled: r.zPooled,
      p_pooled_two_sided: r.pPooled,
      z_unpooled: r.zUnpooled,
      p_unpooled_two_sided: r.pUnpooled,
      wald_low: r.waldLow,
      wald_high: r.waldHigh,
      newcombe_low: r.newcombeLow,
      newcombe_high: r.newcombeHigh,
    };
  },
  srm_chi2(input) {
    const r = value(stats.chiSquareSampleRatio(input));
    return { ...r, expected_counts: r.expectedCounts };
  },
  srm_evalue(input) {
    const r = value(stats.sampleRatioEvidence(input.strata, input.concentration));
    return { log_e: r.logE, p_anytime: r.p };
  },
  asymp_cs(input) {
    const r = value(stats.asymptoticSequence(sequence(input)));
    return { ...r, half_width: r.halfWidth, p_anytime: r.p };
  },
  asymp_cs_one_sided(input) {
    const r = value(stats.asymptoticSequenceOneSided(sequence(input)));
    return { ...r, lower_bound: r.lowerBound, p_anytime_greater: r.p };
  },
  obf_reflection(input) {
    const r = value(
      stats.groupSequentialBoundary({
        alpha: input.alpha_one_sided,
        information: input.information_fraction,
      }),
    );
    return { c: r.c, z_critical: r.critical, reject: input.z >= r.critical };
  },
  obf_reflection_power(input) {
    const r = value(stats.groupSequentialPower({ alpha: input.alpha_one_sided, power: input.power }));
    return { drift: r.drift, n_inflation: r.inflation };
  },
  mixture_binomial(input) {
    const r = value(
      stats.mixtureBinomial({
        a: input.a,
        b: input.b,
        eventsCandidate: input.events_candidate,
        eventsControl: input.events_control,
        candidateShare: input.candidate_share,
        toleratedRatio: input.tolerated_ratio ?? 1,
      }),
    );
    return { theta0: r.theta0, log_e: r.logE, p_anytime: r.p };
  },
  sample_size(input) {
    const r = value(
      stats.sampleSize({
        ...plannedVariances(input),
        ...input,
        controlPerCandidate: input.control_per_candidate ?? 1,
      }),
    );
    return { n_candidate_exact: r.exact, n_candidate: r.candidate, n_control: r.control };
  },
  ratio_delta(input) {
    const r = value(
      stats.ratioDelta({ candidate: ratioSums(input.candidate), control: ratioSums(input.control) }),
    );
    return {
      ...r,
      ratio_control: r.ratioControl,
      ratio_candidate: r.ratioCandidate,
      p_two_sided: r.p,
      rel_lift: r.relativeLift,
      rel_lift_se: r.relativeLiftSe,
    };
  },
  merge(input) {
    const shards = (input.shards as number[][]).map((shard) =>
      shard.reduce(stats.addValue, stats.NO_MOMENTS),
    );
    const merged = shards.reduce(stats.mergeMoments, stats.NO_MOMENTS);
    return { ...merged, sample_variance: stats.variance(merged) };
  },
  stage_stratified(input) {
    const r = value(stats.stratified(input.stages.map(arms)));
    return { ...r, p_two_sided: r.p, n_eff: r.nEff };
  },
  cuped(input) {
    const r = value(
      stats.cuped({ candidate: pairedSums(input.candidate), control: pairedSums(input.control) }),
    );
    return { ...r, variance_reduction: r.varianceReduction };
  },
  multiple_testing({ p_values: p }) {
    return { holm: stats.holm(p), bh: stats.benjaminiHochberg(p), bonferroni: stats.bonferroni(p) };
  },
  distribution({ fn, args }) {
    const answer = DISTRIBUTIONS[fn];
    if (!answer) throw new Error(`no distribution is called ${fn}`);
    return { value: answer(args[0], args[1], args[2]) };
  },
};

type Distribution = (a: number, b: number, c: number) => number;

/** By SciPy's names and argument order. */
const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  t_cdf: (x, df) => stats.tCdf(x, df),
  t_sf: (x, df) => stats.tTail(x, df),
  t_ppf: (p, df) => stats.tQuantile(p, df),
  norm_cdf: (x) => stats.normalCdf(x),
  norm_sf: (x) => stats.normalTail(x),
  norm_ppf: (p) => stats.normalQuantile(p),
  norm_logcdf: (x) => stats.lnNormalCdf(x),
  chi2_sf: (x, df) => stats.chiSquareTail(x, df),
  chi2_cdf: (x, df) => stats.chiSquareCdf(x, df),
  betainc: (a, b, x) => stats.betaIncomplete(a, b, x),
  beta_cdf: (x, a, b) => stats.betaIncomplete(a, b, x),
  beta_sf: (x, a, b) => stats.betaTail(a, b, x),
  gammainc: (a, x) => stats.gammaIncomplete(a, x),
  gammaincc: (a, x) => stats.chiSquareTail(2 * x, 2 * a),
  betaln: (a, b) => stats.lnBeta(a, b),
};

function sequence(input: Input): stats.SequenceInput {
  return { diff: input.diff, se: input.se, nEff: input.n_eff, nStar: input.n_star, alpha: input.alpha };
}

function plannedVariances(input: Input) {
  const rate = (p: number) => p * (1 - p);
  if (input.metric === "mean" || input.metric === "noninferiority_mean") {
    const { sd, sd_candidate = sd, sd_control = sd, effect, margin } = input;
    return {
      varianceCandidate: sd_candidate ** 2,
      varianceControl: sd_control ** 2,
      effect: effect ?? margin,
    };
  }
  if (input.metric === "proportion" || input.metric === "noninferiority_proportion") {
    const { p_control, p_candidate = p_control, margin } = input;
    const fall = p_control - p_candidate;
    const effect = input.metric === "proportion" ? fall : margin - fall;
    return { varianceCandidate: rate(p_candidate), varianceControl: rate(p_control), effect };
  }
  throw new Error(`sample sizes are not known for ${input.metric}`);
}

function ratioSums(arm: RatioArm): stats.RatioSums {
  return { n: arm.n_units, s: arm.sum_s, c: arm.sum_c, ss: arm.sum_ss, cc: arm.sum_cc, sc: arm.sum_sc };
}

function pairedSums(arm: PairedArm): stats.PairedSums {
  return { n: arm.n, y: arm.sum_y, x: arm.sum_x, yy: arm.sum_yy, xx: arm.sum_xx, xy: arm.sum_xy };
}
