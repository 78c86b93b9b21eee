"""NARMA-10 by an echo state network in numpy: the score ours must reach.

100 units, 2000 symbols, 100 of washout, 60 % training, the last 20 % test. Spectral radius (by numpy's eigenvalues), input
scale and leak are chosen from a grid on the last quarter of the training rows, each setting with the ridge strength that
suits it best; the readout's own strength by five contiguous folds of the training rows. Prints the mean and the deviation
of the NRMSE over ten seeds.
"""

from itertools import product

import numpy as np

RADII, INPUTS, LEAKS = [0.3, 0.6, 0.8, 0.95, 0.99, 1.1], [0.02, 0.1, 0.5, 2.0], [1.0, 0.6, 0.3]
ALPHAS = 10.0 ** np.arange(-6, 5)
TRAIN, TEST = np.arange(100, 1240), np.arange(1620, 2000)


def narma(seed):
    rng = np.random.default_rng(seed)
    u = rng.uniform(0, 0.5, 2000)
    y = np.zeros(2001)
    for t in range(2000):
        delayed = u[t - 9] if t >= 9 else 0
        y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * y[max(0, t - 9) : t + 1].sum() + 1.5 * delayed * u[t] + 0.1
    return u, y[1:]


def states(u, radius, scale, leak, seed, n=100):
    rng = np.random.default_rng(1000 + seed)
    w = np.zeros((n, n))
    for i in range(n):
        np.add.at(w[i], rng.integers(0, n, 10), rng.uniform(-1, 1, 10))
    w *= radius / abs(np.linalg.eigvals(w)).max()
    w_in, b = scale * rng.uniform(-1, 1, n), 0.2 * rng.uniform(-1, 1, n)
    x, all_states = np.zeros(n), np.empty((len(u), n))
    for t, value in enumerate(u):
        x = (1 - leak) * x + leak * np.tanh(w @ x + w_in * (4 * value - 1) + b)
        all_states[t] = x
    return all_states


def errors(x, y, fit, held):
    """Predictions of the rows `held`, less the truth, for every strength."""
    mean, std = x[fit].mean(0), x[fit].std(0)
    z, zh = (x[fit] - mean) / std, (x[held] - mean) / std
    values, vectors = np.linalg.eigh(z.T @ z)
    projected = vectors.T @ (z.T @ (y[fit] - y[fit].mean()))
    return [zh @ (vectors @ (projected / (np.maximum(values, 0) + a))) + y[fit].mean() - y[held] for a in ALPHAS]


def score(seed):
    u, y = narma(seed)
    fit, held = TRAIN[:855], TRAIN[855:]
    judge = lambda setting: min((e**2).mean() for e in errors(states(u, *setting, seed), y, fit, held))
    best = min(product(RADII, INPUTS, LEAKS), key=judge)
    x = states(u, *best, seed)
    total = np.zeros(len(ALPHAS))
    for fold in np.array_split(TRAIN, 5):
        rest = np.setdiff1d(TRAIN, fold)
        total += [(e**2).sum() for e in errors(x, y, rest, fold)]
    error = errors(x, y, TRAIN, TEST)[total.argmin()]
    return np.sqrt((error**2).mean()) / y[TEST].std(), best


found = [score(seed) for seed in range(10)]
scores = [nrmse for nrmse, _ in found]
print(np.mean(scores), np.std(scores), [setting for _, setting in found])
