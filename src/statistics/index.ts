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
export { welch, type Arms, type Welch } from "./welch.ts";
export { twoProportion, type Proportion, type TwoProportion } from "./two-proportion.ts";
export { nonInferiority, type NonInferiority, type NonInferiorityInput } from "./non-inferiority.ts";
export {
  asymptoticSequence,
  asymptoticSequenceOneSided,
  type OneSidedSequence,
  type SequenceInput,
  type TwoSidedSequence,
} from "./asymptotic-sequence.ts";
export {
  crossingProbability,
  groupSequentialBoundary,
  groupSequentialPower,
  type Boundary,
  type GroupSequentialPower,
} from "./group-sequential.ts";
export { mixtureBinomial, type MixtureBinomial, type MixtureBinomialInput } from "./mixture-binomial.ts";
export {
  chiSquareSampleRatio,
  sampleRatioEvidence,
  type ArmCounts,
  type ChiSquare,
  type SampleRatioEvidence,
} from "./sample-ratio.ts";
export {
  farringtonManning,
  type FarringtonManning,
  type FarringtonManningInput,
} from "./farrington-manning.ts";
export { rateAboveLimit, type RateLimitEvidence, type RateLimitInput } from "./rate-limit.ts";
export { coverageEvidence, type CoverageCounts, type CoverageEvidence } from "./coverage-evidence.ts";
export { geometricMeans, type GeometricMeans, type GeometricMeansInput } from "./geometric-means.ts";
export { leeBounds, type Answers, type LeeBounds, type LeeBoundsInput } from "./lee-bounds.ts";
export { stratified, type Stratified } from "./stratified.ts";
export { addRatioSums, ratioDelta, relativeLift, type RatioDelta, type RatioSums } from "./ratio-delta.ts";
export { cuped, type Cuped, type PairedSums } from "./cuped.ts";
export { sampleSize, type SampleSize, type SampleSizeInput } from "./sample-size.ts";
export { benjaminiHochberg, bonferroni, holm } from "./multiple-testing.ts";
export {
  mcnemarExact,
  pairedComparison,
  passRateBounds,
  type McNemar,
  type PairedComparison,
} from "./paired.ts";
export {
  casesToExclude,
  excludableRegression,
  gatePassProbability,
  tangoBounds,
  type PairedCounts,
  type PairedProportions,
} from "./paired-proportions.ts";
export { gateHasFailed, gateVerdict, type GateEvidence, type GateLooks, type GateVerdict } from "./gate.ts";
export { assess, DECISION_CODE_VERSION, HARM_ALPHA, type AssessmentInput } from "./assessment.ts";
export { decisionEdges, type DecisionEdges, type Edge, type MetricEdges } from "./decision/edges.ts";
export { medianUnbiased, type MedianUnbiased, type MedianUnbiasedInput } from "./median-unbiased.ts";
export { decide, DECISION_CODE_VERSIONS } from "./decide.ts";
