import betaincOf from "@stdlib/math-base-special-betainc";
import gammaincOf from "@stdlib/math-base-special-gammainc";
import gammaln from "@stdlib/math-base-special-gammaln";
import normalCdfOf from "@stdlib/stats-base-dists-normal-cdf";
import normalQuantileOf from "@stdlib/stats-base-dists-normal-quantile";
import tCdfOf from "@stdlib/stats-base-dists-t-cdf";
import tQuantileOf from "@stdlib/stats-base-dists-t-quantile";

/**
 * The distributions that the tests use, with their tails computed as tails: `1 - cdf` loses every digit
 * of a small p. Functions of a distribution follow mathematics (a CDF at infinity is 1) and are the one
 * place where NaN in gives NaN out.
 */

const HALF_LN_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** P(Z <= x) for a standard normal Z. */
export function normalCdf(x: number): number {
  return normalCdfOf(x, 0, 1);
}

/** P(Z > x), exact far into the tail. */
export function normalTail(x: number): number {
  return normalCdfOf(-x, 0, 1);
}

/** The x with P(Z <= x) = p. */
export function normalQuantile(p: number): number {
  if (p > 1e-6 && p < 1 - 1e-6) return normalQuantileOf(p, 0, 1);
  if (p <= 0 || p >= 1) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN;
  return p < 0.5 ? lowQuantile(Math.log(p)) : -lowQuantile(Math.log1p(-p));
}

/** Far in the lower tail the library's quantile loses its digits: Newton's method on ln P(Z <= x) does not. */
function lowQuantile(lnP: number): number {
  let x = -Math.sqrt(-2 * lnP - Math.log(-4 * Math.PI * lnP));
  for (let i = 0; i < 50; i++) {
    const ln = lnNormalCdf(x);
    const step = (ln - lnP) / Math.exp(-0.5 * x * x - HALF_LN_TWO_PI - ln);
    x -= step;
    if (Math.abs(step) < 1e-15 * Math.abs(x)) break;
  }
  return x;
}

/** ln P(Z <= x), also where the probability itself underflows. */
export function lnNormalCdf(x: number): number {
  if (x > -30) return Math.log(normalCdf(x));
  const s = 1 / (x * x);
  return (
    -x * x * 0.5 - Math.log(-x) - HALF_LN_TWO_PI + Math.log1p(-s * (1 - 3 * s * (1 - 5 * s * (1 - 7 * s))))
  );
}

/** P(T <= x) for Student's t with df degrees of freedom, not necessarily whole. */
export function tCdf(x: number, df: number): number {
  return tCdfOf(x, df);
}

/** P(T > x): the lower tail at -x. */
export function tTail(x: number, df: number): number {
  return tCdfOf(-x, df);
}

/** The x with P(T <= x) = p. */
export function tQuantile(p: number, df: number): number {
  return tQuantileOf(p, df);
}

/**
 * The normal score with the same one-sided p-value as a t statistic, sign kept: `z = -Φ⁻¹(P(T > |t|))`.
 * Where that p underflows, Wallace's approximation (Biometrika 1959), which is then exact to 1e-3.
 */
export function tToZ(t: number, df: number): number {
  if (t === 0) return 0;
  const size = Math.abs(t);
  const p = tCdfOf(-size, df);
  const z =
    p > 1e-300
      ? -normalQuantile(p)
      : ((8 * df + 1) / (8 * df + 3)) * Math.sqrt(df * Math.log1p((size * size) / df));
  return t > 0 ? z : -z;
}

/** P(X > x) for chi-square with df degrees of freedom. */
export function chiSquareTail(x: number, df: number): number {
  return x <= 0 ? 1 : gammaTail(df / 2, x / 2);
}

/** P(X <= x) for chi-square with df degrees of freedom. */
export function chiSquareCdf(x: number, df: number): number {
  return x <= 0 ? 0 : gammaIncomplete(df / 2, x / 2);
}

/** From here on the library's incomplete gamma function is right to three digits only. */
const LARGE_SHAPE = 50;

/** The regularised lower incomplete gamma function P(a, x). */
export function gammaIncomplete(a: number, x: number): number {
  if (!(a >= LARGE_SHAPE) || !(x > 0)) return gammaincOf(x, a, true, false);
  return x <= a ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

/** The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x), as a tail. */
export function gammaTail(a: number, x: number): number {
  if (!(a >= LARGE_SHAPE) || !(x > 0)) return gammaincOf(x, a, true, true);
  return x <= a ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

/** x^a e^-x / Γ(a + 1), by Stirling's series so that nothing large cancels. */
function gammaTerm(a: number, x: number): number {
  const part = (x - a) / a;
  return Math.exp(a * (Math.log1p(part) - part) - stirlingRemainder(a)) / Math.sqrt(2 * Math.PI * a);
}

/** P(a, x) for x <= a: the series DLMF 8.11.4. */
function gammaSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return gammaTerm(a, x) * sum;
}

/** Q(a, x) for x > a: the continued fraction DLMF 8.9.2, evaluated forwards (Lentz's method). */
function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < 100_000; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return gammaTerm(a, x) * a * value;
}

/** The regularised incomplete beta function I_x(a, b): the CDF of Beta(a, b) at x. */
export function betaIncomplete(a: number, b: number, x: number): number {
  return betaincOf(x, a, b, true, false);
}

/** 1 - I_x(a, b), as a tail. */
export function betaTail(a: number, b: number, x: number): number {
  return betaincOf(x, a, b, true, true);
}

/** ln(1 - I_x(a, b)), also where it underflows: in the far tail by the tail's continued fraction (DLMF 8.17.22). */
export function lnBetaTail(a: number, b: number, x: number): number {
  const tail = betaTail(a, b, x);
  if (tail > 0.5) return Math.log1p(-betaIncomplete(a, b, x));
  if (tail > 1e-100) return Math.log(tail);
  const y = 1 - x;
  let fraction = 1;
  for (let m = 200; m >= 1; m--) {
    const odd = (-(b + m - 1) * (a + b + m - 1) * y) / ((b + 2 * m - 2) * (b + 2 * m - 1));
    const even = (m * (a - m) * y) / ((b + 2 * m - 1) * (b + 2 * m));
    fraction = 1 + odd / (1 + even / fraction);
  }
  return b * Math.log(y) + a * Math.log(x) - Math.log(b) - lnBeta(a, b) - Math.log(fraction);
}

/** ln B(a, b), and its like for more arguments: the log normalising constant of a Dirichlet. */
export function lnBeta(...alpha: readonly number[]): number {
  return lnBetaAgainst(alpha, undefined);
}

/**
 * `ln B(α) - Σ α_j ln θ_j` without the cancellation of its two large parts: by Stirling's series each
 * cell contributes `α_j ln(α_j / (A θ_j))`, near 0 when the counts are as expected. Without θ, ln B(α).
 */
export function lnBetaAgainst(alpha: readonly number[], theta: readonly number[] | undefined): number {
  let total = 0;
  for (const a of alpha) total += a;
  let sum = (alpha.length - 1) * HALF_LN_TWO_PI + 0.5 * Math.log(total) - stirlingRemainder(total);
  for (let j = 0; j < alpha.length; j++) {
    const a = alpha[j]!;
    const expected = theta === undefined ? total : total * theta[j]!;
    sum += a * Math.log1p((a - expected) / expected) - 0.5 * Math.log(a) + stirlingRemainder(a);
  }
  return sum;
}

/** ln Γ(x) less its Stirling approximation `(x - ½) ln x - x + ½ ln 2π`. */
function stirlingRemainder(x: number): number {
  if (x < 12) return gammaln(x) - ((x - 0.5) * Math.log(x) - x + HALF_LN_TWO_PI);
  const s = 1 / (x * x);
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - (s * 691) / 360360))))) / x;
}
