"""Expected values for test/statistics/inference/median-unbiased.test.ts, from SciPy.

    python -m venv /tmp/reference && /tmp/reference/bin/pip install scipy
    /tmp/reference/bin/python scripts/reference-values/median-unbiased.py > test/fixtures/median-unbiased-values.json
"""

import json

from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import invgauss, norm


def crossed_by(drift, c, t):
    """First passage of a Brownian motion with drift over c, by its inverse Gaussian law."""
    return invgauss.cdf(t, mu=1 / (c * drift), scale=c * c)


def density(s, drift, c):
    return c / s**1.5 * norm.pdf((c - drift * s) / s**0.5)


values = []
for alpha in (0.025, 0.05, 0.0038):
    c = norm.isf(alpha / 2)
    for t in (0.1, 0.35, 0.8, 1.0):
        drift = brentq(lambda th: crossed_by(th, c, t) - 0.5, 1e-6, 200, xtol=1e-13)
        # The same by integrating the density of the passage: the law is the right one.
        assert abs(quad(density, 0, t, args=(drift, c), limit=500)[0] - 0.5) < 1e-7
        se = 0.013
        values.append({"alpha": alpha, "information": t, "se": se, "drift": drift, "effect": drift * t**0.5 * se})
print(json.dumps({"values": values}, indent=1))
