"""The pool that every tool steps, and how a run of it is judged."""

import json
import resource
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent

COUNT = 10_000
LOWEST, HIGHEST = 6.3, 20.0  # uA/cm2
EVERY = 73  # neurons 0, 73, 146 .. are compared with the reference: 137 of them
DURATION = 200.0  # ms
SKIPPED = 2  # spikes before the periods count: the first ones still feel the start

# mS/cm2, mV and uF/cm2.
C = 1.0
G_K, E_K = 36.0, -77.0
G_NA, E_NA = 120.0, 50.0
G_CL, E_CL = 0.3, -54.387
REST = -64.99637933


def currents(count=COUNT):
    """Of the pool's neurons, in uA/cm2."""
    return np.linspace(LOWEST, HIGHEST, count)


def subsample():
    """Neurons whose periods are compared."""
    return np.arange(0, COUNT, EVERY)


def steady_gates(v):
    """n, m and h that stand still at the voltage v."""
    with np.errstate(divide="ignore", invalid="ignore"):
        a_n = 0.01 * (v + 55) / (1 - np.exp(-(v + 55) / 10))
        a_m = 0.1 * (v + 40) / (1 - np.exp(-(v + 40) / 10))
    b_n, b_m = 0.125 * np.exp(-(v + 65) / 80), 4 * np.exp(-(v + 65) / 18)
    a_h, b_h = 0.07 * np.exp(-(v + 65) / 20), 1 / (1 + np.exp(-(v + 35) / 10))
    return a_n / (a_n + b_n), a_m / (a_m + b_m), a_h / (a_h + b_h)


def crossings(times, voltages):
    """Times at which each column of `voltages` rises through 0 mV, on straight lines between the samples."""
    v = np.asarray(voltages, dtype=float)
    spikes = [[] for _ in range(v.shape[1])]
    rows, columns = np.nonzero((v[:-1] < 0) & (v[1:] >= 0))
    t = np.asarray(times, dtype=float)
    part = -v[rows, columns] / (v[rows + 1, columns] - v[rows, columns])
    for column, when in zip(columns, t[rows] + part * (t[rows + 1] - t[rows])):
        spikes[column].append(float(when))
    return spikes


def period(spikes):
    """Mean interval after the first spikes; NaN if there is none."""
    late = spikes[SKIPPED:]
    return (late[-1] - late[0]) / (len(late) - 1) if len(late) > 1 else float("nan")


def judge(spikes, reference):
    """Mean period error in percent over the subsample. A neuron that falls silent counts as wrong by 100 %."""
    periods = np.array([period(s) for s in spikes])
    wrong = np.abs(periods / np.array(reference) - 1) * 100
    silent = int(np.isnan(wrong).sum())
    return {
        "period_error_percent": float(np.where(np.isnan(wrong), 100.0, wrong).mean()),
        "largest_error_percent": float(np.where(np.isnan(wrong), 100.0, wrong).max()),
        "silent": silent,
    }


def reference_periods():
    """Of the subsample, as `reference.py` computed them."""
    data = json.loads((HERE / "reference.json").read_text())
    assert data["neurons"] == subsample().tolist(), "reference.json is of another subsample"
    return data["periods_ms"]


def cpu_seconds():
    """Of this process so far, in user mode and in the kernel."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Clock:
    """Processor and wall time of a `with` block."""

    def __enter__(self):
        self.wall, self.cpu = time.perf_counter(), cpu_seconds()
        return self

    def __exit__(self, *_):
        self.cpu, self.wall = cpu_seconds() - self.cpu, time.perf_counter() - self.wall
