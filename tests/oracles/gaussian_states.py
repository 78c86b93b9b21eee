"""Figures of Gaussian states by The Walrus (the purity by NumPy), from JSON on stdin to JSON on stdout.

In: a list of {"mean", "covariance", "other_mean", "other_covariance", "party"}; quadratures x1, p1, x2, p2, .., hbar = 1.
Out: a list of {"log_negativity", "symplectic_eigenvalues", "purity", "entropy", "fidelity"}; nats.
"""

import json
import sys

import numpy as np
from thewalrus.decompositions import symplectic_eigenvals
from thewalrus.quantum import fidelity, log_negativity, vonneumann_entropy


def ordered(case, name):
    """Mean and covariance with all x before all p, and hbar = 2."""
    mean = np.array(case[name + "mean"])
    covariance = np.array(case[name + "covariance"]).reshape(len(mean), len(mean))
    order = np.concatenate([np.arange(0, len(mean), 2), np.arange(1, len(mean), 2)])
    return np.sqrt(2) * mean[order], 2 * covariance[np.ix_(order, order)]


def figures(case):
    mean, covariance = ordered(case, "")
    other_mean, other_covariance = ordered(case, "other_")
    return {
        "log_negativity": float(log_negativity(covariance, modes_A=case["party"])),
        "symplectic_eigenvalues": sorted((symplectic_eigenvals(covariance) / 2).tolist()),
        "purity": float(1 / np.sqrt(np.linalg.det(covariance))),
        "entropy": float(vonneumann_entropy(covariance)),
        "fidelity": float(fidelity(mean, covariance, other_mean, other_covariance)),
    }


json.dump([figures(case) for case in json.load(sys.stdin)], sys.stdout)
