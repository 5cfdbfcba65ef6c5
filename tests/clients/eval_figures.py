"""Computes the figures of evaluations with NumPy and SciPy, from results on standard input; prints them as JSON.

Input: {"scores": [{"task_id", "trials", "passed"}], "pairs": [[a, b], …]} with shares of passed trials of two runs a task."""

import json
import sys

import numpy
from scipy import stats
from scipy.special import comb

given = json.load(sys.stdin)
n = numpy.array([s["trials"] for s in given["scores"]])
c = numpy.array([s["passed"] for s in given["scores"]])
found = {"pass": []}


def interval(values):
    result = stats.bootstrap((values,), numpy.mean, n_resamples=10_000, method="percentile", rng=numpy.random.default_rng(1))
    return [result.confidence_interval.low, result.confidence_interval.high]


for k in range(1, n.max() + 1):
    kept = n >= k
    at = 1 - comb(n[kept] - c[kept], k) / comb(n[kept], k)
    hat = comb(c[kept], k) / comb(n[kept], k)
    found["pass"].append({"k": k, "at": at.mean(), "hat": hat.mean(), "at_interval": interval(at), "hat_interval": interval(hat)})

a, b = numpy.array(given["pairs"]).T
test = stats.permutation_test((b - a,), numpy.mean, permutation_type="samples", n_resamples=10_000, rng=numpy.random.default_rng(1))
found["difference"], found["interval"], found["p"] = (b - a).mean(), interval(b - a), test.pvalue
print(json.dumps(found))
