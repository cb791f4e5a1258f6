"""Expected values for test/statistics/decision/decision-values.test.ts, from SciPy and statsmodels.

    python -m venv /tmp/reference && /tmp/reference/bin/pip install numpy scipy statsmodels
    /tmp/reference/bin/python scripts/reference-values/decision.py > test/fixtures/decision-values.json
"""

import json
import warnings

import numpy as np
import scipy
import scipy.stats as st
import statsmodels
from scipy.optimize import brentq, minimize_scalar
from scipy.special import betaln, logsumexp
from statsmodels.stats.proportion import test_proportions_2indep

warnings.simplefilter("ignore")
values = []


def add(function, given, expected, rtol=1e-9):
    values.append({"function": function, "input": given, "expected": expected, "rtol": rtol})


def at_difference(xt, nt, xc, nc, d):
    """The score with the likelihood maximised by search: statsmodels' closed form of it is off in the third digit."""
    def minus_log_likelihood(p):
        c = p - d
        return -(xt * np.log(p) + (nt - xt) * np.log1p(-p) + xc * np.log(c) + (nc - xc) * np.log1p(-c))

    found = minimize_scalar(minus_log_likelihood, bounds=(d + 1e-12, 1 - 1e-12), method="bounded", options={"xatol": 1e-14})
    p, c = found.x, found.x - d
    return float((xc / nc + d - xt / nt) / np.sqrt(p * (1 - p) / nt + c * (1 - c) / nc))


def farrington_manning():
    for xt, nt, xc, nc in [(12, 1000, 9, 1000), (90, 9000, 88, 9000), (3, 120, 11, 950), (40, 50, 41, 60), (1, 30, 2, 30)]:
        for form, value in [("difference", 0.005), ("difference", 0.05), ("ratio", 1.5), ("ratio", 3)]:
            if form == "difference":
                z = at_difference(xt, nt, xc, nc, value)
            else:
                z = -test_proportions_2indep(
                    xt, nt, xc, nc, value=value, compare="ratio", method="score", correction=False, alternative="smaller"
                ).statistic
            add(
                "farringtonManning",
                {"candidate": {"x": xt, "n": nt}, "control": {"x": xc, "n": nc}, "against": {"form": form, "value": value}},
                {"z": z, "p": float(st.norm.sf(z))},
                1e-5 if form == "difference" else 1e-8,
            )


def rate_above_limit():
    for x, n, limit in [(0, 0, 0.2), (3, 3, 0.2), (6, 6, 0.2), (30, 600, 0.1), (60, 600, 0.1), (17, 34, 0.2), (400, 9000, 0.05)]:
        # The mixture integrated over the rates above the limit, by Gauss-Legendre on 400 pieces, in logarithms.
        nodes, weights = np.polynomial.legendre.leggauss(20)
        pieces = np.linspace(0, 1, 401)[:-1, None]
        p = limit + (1 - limit) * (pieces + (nodes + 1) / 800).ravel()
        weights = np.tile(weights, 400) / 400
        with np.errstate(divide="ignore"):
            log_ratio = x * (np.log(p) - np.log(limit)) + (n - x) * (np.log1p(-p) - np.log1p(-limit))
        log_e = logsumexp(log_ratio, b=weights / 2)
        add("rateAboveLimit", {"x": x, "n": n, "limit": limit}, {"logE": float(log_e), "p": float(min(1, np.exp(-log_e)))}, 1e-8)


def even(a, b, k=100):
    return betaln(k / 2 + a, k / 2 + b) - betaln(k / 2, k / 2) + (a + b) * np.log(2)


def coverage_evidence():
    for epochs in [
        [((1000, 1000), (1000, 1000))],
        [((1000, 950), (1000, 1000))],
        [((5000, 150), (5000, 260))],
        [((400, 380), (410, 405)), ((2000, 1890), (1990, 1961)), ((30, 0), (28, 0))],
    ]:
        present = sum(even(t[1], c[1]) for t, c in epochs)
        missing = sum(even(t[0] - t[1], c[0] - c[1]) for t, c in epochs)
        log_e = float(np.logaddexp(present, missing) - np.log(2))
        add(
            "coverageEvidence",
            [{"candidate": {"units": t[0], "n": t[1]}, "control": {"units": c[0], "n": c[1]}} for t, c in epochs],
            {"logE": log_e, "p": min(1.0, float(np.exp(-log_e))),
             "missingMore": sum((t[0] - t[1]) - (c[0] - c[1]) for t, c in epochs)},
            1e-8,
        )


def moments(x):
    return {"n": len(x), "mean": float(np.mean(x)), "m2": float(np.sum((x - np.mean(x)) ** 2))}


def geometric_means():
    rng = np.random.default_rng(5)
    for nt, nc, shift, sigma, margin in [(40, 50, 0.1, 1.0, 0.1), (900, 950, 0.0, 1.5, 0.1), (30, 30, -0.4, 0.3, 0.0)]:
        t, c = rng.lognormal(6 + shift, sigma, nt), rng.lognormal(6, sigma, nc)
        two = st.ttest_ind(np.log(t), np.log(c), equal_var=False)
        band = two.confidence_interval(0.95)
        less = st.ttest_ind(np.log(t) - np.log(1 + margin), np.log(c), equal_var=False, alternative="less")
        add(
            "geometricMeans",
            {"candidate": moments(np.log(t)), "control": moments(np.log(c)), "margin": margin},
            {"candidate": float(st.gmean(t)), "control": float(st.gmean(c)), "ratio": float(st.gmean(t) / st.gmean(c)),
             "low": float(np.exp(band.low)), "high": float(np.exp(band.high)), "p": float(less.pvalue)},
        )


def lee_bounds():
    rng = np.random.default_rng(6)
    # 0/1 answers: the bounds by trimming the sorted answers themselves.
    for nt, nc, units, pt, pc in [(80, 60, 1000, 0.75, 0.7), (300, 420, 9000, 0.9, 0.85), (50, 50, 400, 0.6, 0.5)]:
        t, c = np.sort(np.arange(nt) < pt * nt), np.sort(np.arange(nc) < pc * nc)
        more, other = (t, c) if nt >= nc else (c, t)
        cut = abs(nt - nc)
        low, high = more[: len(more) - cut].mean() - other.mean(), more[cut:].mean() - other.mean()
        if nt < nc:
            low, high = -high, -low
        q = 1 - min(nt, nc) / max(nt, nc)
        add(
            "leeBounds",
            {"candidate": {"units": units, "values": moments(t.astype(float))},
             "control": {"units": units, "values": moments(c.astype(float))}, "binary": True},
            {"answeredCandidate": nt / units, "answeredControl": nc / units, "trimmed": q, "low": float(low), "high": float(high)},
        )
    # Any other values: two points are the worst that can be trimmed, so the bound of the moments is reached.
    n, q = 100_000, 0.2
    two_points = np.where(np.arange(n) < q * n, 1.0, 5.0)
    other = rng.normal(4, 1, int(n * (1 - q)))
    add(
        "leeBounds",
        {"candidate": {"units": 10 * n, "values": moments(two_points)},
         "control": {"units": 10 * n, "values": moments(other)}, "binary": False},
        {"trimmed": q, "high": float(5 - other.mean())},
        1e-5,
    )


def decision_edges():
    """One epoch of a goal (a mean, higher is better) and of errors, in the last stage; 2 metrics share the 5 % of harm."""
    level, margin, ratio, p0 = 0.05 / 2, 0.1, 1.5, 0.01
    for n, max_units, t_mean, c_mean, sd_t, sd_c, x_t, x_c in [
        (1200, 9000, 3.98, 4.0, 1.0, 1.1, 14, 11),
        (9000, 9000, 4.01, 4.0, 1.2, 1.2, 88, 97),
        (400, 2000, 3.6, 4.0, 0.9, 1.0, 40, 3),
        (35, 500, 4.2, 4.0, 1.0, 0.5, 3, 1),
    ]:
        se = np.sqrt(sd_t**2 / n + sd_c**2 / n)
        df = se**4 / ((sd_t**2 / n) ** 2 / (n - 1) + (sd_c**2 / n) ** 2 / (n - 1))
        score = lambda worse: st.norm.isf(st.t.sf(worse / se, df)) if worse > 0 else -st.norm.isf(st.t.sf(-worse / se, df))
        harm = c_mean - t_mean
        rho2 = (-2 * np.log(2 * level) + np.log(1 - 2 * np.log(2 * level))) / 1000
        r = 2 * n * rho2
        needed = np.sqrt((1 + 1 / r) * 2 * np.log(1 + np.sqrt(1 + r) / (2 * level)))
        boundary = st.norm.isf(0.025 / 2) / np.sqrt(n / max_units)

        def log_e(risk_ratio):
            theta = risk_ratio / (1 + risk_ratio)
            return (betaln(1 + x_t, 1 + x_c) + st.beta.logsf(theta, 1 + x_t, 1 + x_c) - betaln(1, 1) - np.log1p(-theta)
                    - x_t * np.log(theta) - x_c * np.log1p(-theta))

        # The largest risk ratio that the events are surely above.
        error_harm = brentq(lambda q: log_e(np.exp(q)) - np.log(1 / level), np.log(1e-8), np.log(1e3), xtol=1e-14)
        increase = min(0.005, 3.3 * np.sqrt(2 * p0 * (1 - p0) / max_units))
        by_difference = p0 * (ratio - 1) <= increase * np.sqrt(ratio)
        # The smallest increase (or ratio) that they are surely under.
        if by_difference:
            error_release = brentq(lambda d: at_difference(x_t, n, x_c, n, d) - boundary, 1e-7, 0.9)
        else:
            at_ratio = lambda q: -test_proportions_2indep(
                x_t, n, x_c, n, value=q, compare="ratio", method="score", correction=False, alternative="smaller").statistic
            error_release = brentq(lambda q: at_ratio(q) - boundary, 1, 1e3)
        cell = lambda arm, metric, mean, m2: {"epoch": 0, "arm": arm, "metric": metric, "units": n, "n": n, "mean": mean, "m2": m2}
        add(
            "decisionEdges",
            {
                "canary": {
                    "stages": [{"share": 5000, "dwell_ms": 0}], "interval_ms": 1, "min_units": 10, "max_units": max_units,
                    "max_duration_ms": 1e9, "fuses": [], "promote_by": "group_sequential", "on_inconclusive": "rollback", "lease_ms": 1,
                    "goal": {"metric": "rating", "direction": "higher", "claim": "non_inferior",
                             "margin": {"kind": "absolute", "value": margin}},
                    "guardrails": [{"metric": "error", "direction": "lower", "tolerated_ratio": ratio}],
                },
                "metrics": {"rating": {"kind": "mean", "window_ms": 0},
                            "error": {"kind": "rare", "window_ms": 0, "base_rate": {"rate": p0, "units": 30000, "events": 300}}},
                "cells": [cell("candidate", "rating", t_mean, sd_t**2 * (n - 1)), cell("control", "rating", c_mean, sd_c**2 * (n - 1)),
                          cell("candidate", "error", x_t / n, 0), cell("control", "error", x_c / n, 0)],
                "exposures": [{"epoch": 0, "candidate": n, "control": n, "stage": 0}], "stage": 0, "dwellMs": 1, "elapsedMs": 1,
                "frozen": False, "mode": "canary", "fuseStreaks": {}, "silenceMs": {},
            },
            {"ratingHarm": float((needed - score(harm)) * se),
             "ratingRelease": float(-margin + (-score(harm - margin) - boundary) * se),
             "errorHarm": float(np.exp(error_harm)), "errorRelease": float(error_release)},
            1e-5,
        )


farrington_manning()
decision_edges()
rate_above_limit()
coverage_evidence()
geometric_means()
lee_bounds()
versions = f"numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__}"
print(json.dumps({"generated_with": versions, "values": values}, indent=1))
