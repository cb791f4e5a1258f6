"""Writes test/fixtures/tango.json: score bounds of the difference of paired proportions (Tango, 1998).

Needs SciPy. The values are found another way than src/statistics/inference/paired-proportions.ts finds them: the likelihood of
the pairs is maximised numerically under each assumed difference, and the bound is a root of the score. The p is
SciPy's exact binomial test. Fractions are counts of repeated cases.

    python3 scripts/references/tango.py > test/fixtures/tango.json
"""

import json
import math

from scipy import stats
from scipy.optimize import brentq, minimize_scalar

COUNTS = [
    (20, 0, 0), (52, 0, 0), (24, 0, 0), (25, 0, 0), (1, 0, 0), (1, 1, 0), (2, 0, 1), (5, 5, 0), (5, 0, 5),
    (20, 1, 0), (20, 0, 1), (20, 2, 1), (44, 4, 9), (44, 9, 4), (60, 3, 3), (100, 5, 0), (100, 0, 5),
    (100, 7, 2), (100, 12, 8), (300, 15, 3), (1000, 30, 30), (1000, 1, 0), (40, 20, 20),
    (20, 1 / 3, 0), (20, 4 / 3, 2 / 3), (100, 5 / 3, 7 / 3), (60, 10 / 3, 1 / 3),
]
ALPHAS = [0.05, 0.025]


def likelihood(cases, worse, better, difference, share):
    """Of the pairs, with `share` the probability of a better one and share + difference of a worse one."""
    both = 1 - 2 * share - difference
    terms = ((worse, share + difference), (better, share), (cases - worse - better, both))
    total = 0.0
    for count, probability in terms:
        if count == 0:
            continue
        if probability <= 0:
            return -math.inf
        total += count * math.log(probability)
    return total


def likeliest(cases, worse, better, difference):
    low, high = max(0.0, -difference), (1 - difference) / 2
    if high - low < 1e-15:
        return low
    found = minimize_scalar(
        lambda share: -likelihood(cases, worse, better, difference, share),
        bounds=(low, high), method="bounded", options={"xatol": 1e-14, "maxiter": 2000},
    )
    candidates = [found.x, low, high]
    return max(candidates, key=lambda share: likelihood(cases, worse, better, difference, share))


def score(cases, worse, better, difference):
    share = likeliest(cases, worse, better, difference)
    variance = cases * (2 * share + difference * (1 - difference))
    return (worse - better - cases * difference) / math.sqrt(max(variance, 1e-300))


def bounds(cases, worse, better, alpha):
    z = stats.norm.isf(alpha)
    observed = (worse - better) / cases
    edge = 1 - 1e-12
    lower = -1.0 if observed <= -1 else brentq(lambda d: score(cases, worse, better, d) - z, -edge, observed, xtol=1e-13)
    upper = 1.0 if observed >= 1 else brentq(lambda d: score(cases, worse, better, d) + z, observed, edge, xtol=1e-13)
    return lower, upper


def p_worse(worse, better):
    if worse == 0:
        return 1.0
    if float(worse).is_integer() and float(better).is_integer():
        return stats.binomtest(int(worse), int(worse + better), 0.5, alternative="greater").pvalue
    return float(stats.beta.cdf(0.5, worse, better + 1))


def main():
    rows = []
    for cases, worse, better in COUNTS:
        for alpha in ALPHAS:
            lower, upper = bounds(cases, worse, better, alpha)
            rows.append({
                "cases": cases, "worse": worse, "better": better, "alpha": alpha,
                "lower": lower, "upper": upper, "p": p_worse(worse, better),
            })
    print(json.dumps({"source": "scripts/references/tango.py", "rows": rows}, indent=1))


main()
