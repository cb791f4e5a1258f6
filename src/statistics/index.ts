/**
 * `sluice/stats`: the statistics of a rollout as pure functions of sufficient statistics. `diff` is
 * candidate - control everywhere. What is not defined returns `{ ok: false, reason, detail }`: branch on
 * `ok`; no function returns NaN, Infinity or a p-value that it has no right to.
 */
export type { Determined, Result, Undetermined } from "./result.ts";
export * from "./distributions.ts";
export {
  addValue,
  mergeMoments,
  momentsOf,
  momentsOfCount,
  NO_MOMENTS,
  variance,
  type Moments,
} from "./moments.ts";
export { welch, type Arms, type Welch } from "./inference/welch.ts";
export { twoProportion, type Proportion, type TwoProportion } from "./inference/two-proportion.ts";
export {
  nonInferiority,
  type NonInferiority,
  type NonInferiorityInput,
} from "./inference/non-inferiority.ts";
export {
  asymptoticSequence,
  asymptoticSequenceOneSided,
  type OneSidedSequence,
  type SequenceInput,
  type TwoSidedSequence,
} from "./inference/asymptotic-sequence.ts";
export {
  crossingProbability,
  groupSequentialBoundary,
  groupSequentialPower,
  type Boundary,
  type GroupSequentialPower,
} from "./inference/group-sequential.ts";
export {
  mixtureBinomial,
  type MixtureBinomial,
  type MixtureBinomialInput,
} from "./inference/mixture-binomial.ts";
export {
  chiSquareSampleRatio,
  sampleRatioEvidence,
  type ArmCounts,
  type ChiSquare,
  type SampleRatioEvidence,
} from "./inference/sample-ratio.ts";
export {
  farringtonManning,
  type FarringtonManning,
  type FarringtonManningInput,
} from "./inference/farrington-manning.ts";
export { rateAboveLimit, type RateLimitEvidence, type RateLimitInput } from "./inference/rate-limit.ts";
export {
  coverageEvidence,
  type CoverageCounts,
  type CoverageEvidence,
} from "./decision/coverage-evidence.ts";
export {
  geometricMeans,
  type GeometricMeans,
  type GeometricMeansInput,
} from "./inference/geometric-means.ts";
export { leeBounds, type Answers, type LeeBounds, type LeeBoundsInput } from "./inference/lee-bounds.ts";
export { stratified, type Stratified } from "./inference/stratified.ts";
export {
  addRatioSums,
  ratioDelta,
  relativeLift,
  type RatioDelta,
  type RatioSums,
} from "./inference/ratio-delta.ts";
export { cuped, type Cuped, type PairedSums } from "./inference/cuped.ts";
export { sampleSize, type SampleSize, type SampleSizeInput } from "./planning/sample-size.ts";
export { benjaminiHochberg, bonferroni, holm } from "./inference/multiple-testing.ts";
export {
  mcnemarExact,
  pairedComparison,
  passRateBounds,
  type McNemar,
  type PairedComparison,
} from "./inference/paired.ts";
export {
  casesToExclude,
  excludableRegression,
  gatePassProbability,
  tangoBounds,
  type PairedCounts,
  type PairedProportions,
} from "./inference/paired-proportions.ts";
export { gateHasFailed, gateVerdict, type GateEvidence, type GateLooks, type GateVerdict } from "./gate.ts";
export { assess, DECISION_CODE_VERSION, HARM_ALPHA, type AssessmentInput } from "./decision/assessment.ts";
export { decisionEdges, type DecisionEdges, type Edge, type MetricEdges } from "./decision/edges/edges.ts";
export {
  medianUnbiased,
  type MedianUnbiased,
  type MedianUnbiasedInput,
} from "./inference/median-unbiased.ts";
export { decide, DECISION_CODE_VERSIONS } from "./decision/decide.ts";
