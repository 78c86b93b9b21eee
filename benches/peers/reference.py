"""Computes `reference.json`: the periods of the subsample by fourth-order Runge-Kutta at 2 us.

Only needed again if the pool changes: python3 benches/peers/reference.py
"""

import json

import numpy as np

import common
from common import C, E_CL, E_K, E_NA, G_CL, G_K, G_NA

STEP = 0.002  # ms


def slopes(y, current):
    v, n, m, h = y
    u, w, r = v + 55, v + 40, v + 65
    a_n, b_n = 0.01 * u / -np.expm1(-u / 10), 0.125 * np.exp(-r / 80)
    a_m, b_m = 0.1 * w / -np.expm1(-w / 10), 4 * np.exp(-r / 18)
    a_h, b_h = 0.07 * np.exp(-r / 20), 1 / (1 + np.exp(-(v + 35) / 10))
    ionic = G_K * n**2 * n**2 * (v - E_K) + G_NA * m * m * m * h * (v - E_NA) + G_CL * (v - E_CL)
    return np.array(
        [(current - ionic) / C, a_n * (1 - n) - b_n * n, a_m * (1 - m) - b_m * m, a_h * (1 - h) - b_h * h]
    )


def rest():
    """Voltage at which no current flows, by bisection."""
    low, high = -70.0, -60.0
    for _ in range(200):
        middle = (low + high) / 2
        n, m, h = common.steady_gates(middle)
        dv = slopes(np.array([middle, n, m, h]), 0.0)[0]
        low, high = (middle, high) if dv > 0 else (low, middle)
    return (low + high) / 2


def run(step=STEP):
    current = common.currents()[common.subsample()]
    v0 = rest()
    y = np.empty((4, len(current)))
    y[0] = v0
    y[1:] = np.array(common.steady_gates(v0))[:, None]
    spikes = [[] for _ in current]
    for i in range(round(common.DURATION / step)):
        k1 = slopes(y, current)
        k2 = slopes(y + step / 2 * k1, current)
        k3 = slopes(y + step / 2 * k2, current)
        k4 = slopes(y + step * k3, current)
        new = y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        for j in np.nonzero((y[0] < 0) & (new[0] >= 0))[0]:
            spikes[j].append((i + y[0, j] / (y[0, j] - new[0, j])) * step)
        y = new
    return v0, [common.period(s) for s in spikes]


def main():
    v0, periods = run()
    data = {
        "about": "Mean interval after the first two spikes within 200 ms, of every 73rd neuron of the pool; numpy, "
        "fourth-order Runge-Kutta at 2 us in double precision, upward crossings of 0 mV on straight lines "
        "(benches/peers/reference.py)",
        "rest_mV": v0,
        "neurons": common.subsample().tolist(),
        "currents_uA": [round(float(c), 9) for c in common.currents()[common.subsample()]],
        "periods_ms": [round(p, 8) for p in periods],
    }
    (common.HERE / "reference.json").write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
