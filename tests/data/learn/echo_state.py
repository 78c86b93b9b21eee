"""NARMA-10 by an echo state network in numpy and scikit-learn's Ridge: the score ours must reach.

100 units, spectral radius 0.95 by numpy's eigenvalues, input scale 0.1 on inputs brought to -1..1, 2000 symbols, 100 of
washout, 60 % training, last 20 % test. Prints mean and deviation of the NRMSE over ten seeds.
"""

import numpy as np
from sklearn.linear_model import Ridge

scores = []
for seed in range(10):
    rng = np.random.default_rng(seed)
    n, steps = 100, 2000
    u = rng.uniform(0, 0.5, steps)
    y = np.zeros(steps + 1)
    for t in range(steps):
        delayed = u[t - 9] if t >= 9 else 0
        y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * y[max(0, t - 9) : t + 1].sum() + 1.5 * delayed * u[t] + 0.1
    w = np.zeros((n, n))
    for i in range(n):
        w[i, rng.integers(0, n, 10)] = rng.uniform(-1, 1, 10)
    w *= 0.95 / abs(np.linalg.eigvals(w)).max()
    w_in, b = 0.1 * rng.uniform(-1, 1, n), 0.2 * rng.uniform(-1, 1, n)
    x, states = np.zeros(n), []
    for t in range(steps):
        x = np.tanh(w @ x + w_in * (4 * u[t] - 1) + b)
        states.append(x)
    states = np.array(states)
    train, test = slice(100, 1240), slice(1620, 2000)
    mean, std = states[train].mean(0), states[train].std(0)
    z = (states - mean) / std
    fit = Ridge(alpha=1e-3, solver="svd").fit(z[train], y[1:][train])
    error = fit.predict(z[test]) - y[1:][test]
    scores.append(np.sqrt((error**2).mean()) / y[1:][test].std())
print(np.mean(scores), np.std(scores))
