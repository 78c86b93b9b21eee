"""Figures of the shipped experiments with noise by SciPy, from JSON on stdin to JSON on stdout.

In: a list of {"kind", ..}, of neurons of the squid axon's channels. "rest" is the variance of a neuron that rests, "kicked"
the jitter of the spike of one that is kicked, "loop" the area of potassium's I-V loop under a sine, "packet" the parts of
a weak wavepacket's quanta that go on and come back.

The equations are written out here once more: the mean by an integrator with error control, fluctuations by the tangent of
the mean's own equations, a mode at a time, and at rest by one linear system or in closed form.
"""

import json
import sys

import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

POTASSIUM, SODIUM, CHLORIDE = 36.0, 120.0, 0.3
E_K, E_NA = -77.0, 50.0


def linoid(x):
    return x / -np.expm1(-x)


def opening(v):
    return np.array([0.1 * linoid((v + 55) / 10), linoid((v + 40) / 10), 0.07 * np.exp(-(v + 65) / 20)])


def closing(v):
    return np.array([0.125 * np.exp(-(v + 65) / 80), 4 * np.exp(-(v + 65) / 18), 1 / (1 + np.exp(-(v + 35) / 10))])


def slope(rates, v, by=1e-4):
    return (rates(v + by) - rates(v - by)) / (2 * by)


class Neuron:
    """State: V, n, m, h, the voltage on each port's capacitor, and the record of a sense line."""

    def __init__(self, case):
        self.e_cl = case.get("chloride", -54.387)
        self.ports = [tuple(case[name]) for name in ("output", "input") if name in case]
        self.sense = tuple(case["sense"]) if "sense" in case else None
        self.responds = case.get("responds", True)
        self.bare = brentq(self.channels_at, -80, -50, xtol=1e-13)
        self.n = 4 + len(self.ports) + (self.sense is not None)

    def channels_at(self, v):
        a, b = opening(v), closing(v)
        return sum(self.conductances(a / (a + b)) * self.across(v))

    def conductances(self, x):
        n, m, h = x
        return np.array([POTASSIUM * n**4, SODIUM * m**3 * h, CHLORIDE])

    def across(self, v):
        return v - np.array([E_K, E_NA, self.e_cl])

    def start(self):
        v = self.bare
        a, b = opening(v), closing(v)
        tail = [v] if self.sense else []
        return np.array([v, *(a / (a + b)), *[v] * len(self.ports), *tail])

    def mean(self, y, current):
        """C = 1, lines in vacuum."""
        v, x = y[0], y[1:4]
        followed = y[-1] if self.sense else v
        d = np.empty(self.n)
        d[0] = current - sum(self.conductances(x) * self.across(v))
        d[1:4] = opening(followed) * (1 - x) - closing(followed) * x
        for k, (capacitance, impedance) in enumerate(self.ports):
            through = (v - y[4 + k]) / impedance
            d[0] -= through
            d[4 + k] = through / capacitance
        if self.sense:
            impedance, time = self.sense
            d[0] -= (v - self.bare) / impedance
            d[-1] = (v - y[-1]) / time
        return d

    def tangent(self, y):
        v, (n, m, h) = y[0], y[1:4]
        followed = y[-1] if self.sense else v
        at = self.n - 1 if self.sense else 0
        j = np.zeros((self.n, self.n))
        j[0, 0] = -sum(self.conductances(y[1:4]))
        if self.responds:
            j[0, 1] = -4 * POTASSIUM * n**3 * (v - E_K)
            j[0, 2] = -3 * SODIUM * m**2 * h * (v - E_NA)
            j[0, 3] = -SODIUM * m**3 * (v - E_NA)
        j[1:4, at] = slope(opening, followed) * (1 - y[1:4]) - slope(closing, followed) * y[1:4]
        for k, rate in enumerate(opening(followed) + closing(followed)):
            j[1 + k, 1 + k] = -rate
        for k, (capacitance, impedance) in enumerate(self.ports):
            j[0, 0] -= 1 / impedance
            j[0, 4 + k] = 1 / impedance
            j[4 + k, 0] = 1 / (impedance * capacitance)
            j[4 + k, 4 + k] = -1 / (impedance * capacitance)
        if self.sense:
            impedance, time = self.sense
            j[0, 0] -= 1 / impedance
            j[-1, 0] = 1 / time
            j[-1, -1] = -1 / time
        return j

    def drives(self, y):
        """What a line of unit strength hbar w dw drives: a column for each."""
        columns = []
        for k, g in enumerate(self.conductances(y[1:4])):
            columns.append(np.eye(self.n)[0] * np.sqrt(g / np.pi))
        for k, (capacitance, impedance) in enumerate(self.ports):
            wave = np.sqrt(impedance / (4 * np.pi))
            column = np.zeros(self.n)
            column[0], column[4 + k] = 2 * wave / impedance, -2 * wave / (impedance * capacitance)
            columns.append(column)
        if self.sense:
            impedance, time = self.sense
            wave = np.sqrt(impedance / (4 * np.pi))
            line, idler = np.zeros(self.n), np.zeros(self.n)
            line[0], line[-1], idler[-1] = 2 * wave / impedance, -wave / time, wave / time
            columns += [line, idler]
        return np.array(columns).T

    def stationary(self, w, y):
        return -np.linalg.solve(1j * w * np.eye(self.n) + self.tangent(y), self.drives(y))

    def edges(self, cutoff):
        """Frequencies between which responses are smooth: around the resonance of rest, and close enough for what turns as
        e^{i w t} through a few ms."""
        eigenvalues = np.linalg.eigvals(self.tangent(self.start()))
        slowest = eigenvalues[np.argmax(eigenvalues.real)]
        near = abs(slowest.imag) + abs(slowest.real) * np.array([-100, -10, -2, 0, 2, 10, 100])
        return sorted({1.0, *np.arange(0.0, cutoff + 2.5, 5.0), *np.clip(near, 0.0, cutoff)})


def rest(case):
    neuron = Neuron(case)
    y = neuron.start()
    density = lambda w: w * np.sum(np.abs(neuron.stationary(w, y)[0]) ** 2)
    edges = neuron.edges(case["cutoff"])
    parts = (quad(density, a, b, epsabs=1e-14, epsrel=1e-9, limit=200)[0] for a, b in zip(edges, edges[1:]))
    return case["hbar"] * sum(parts)


def pieces(case, end):
    """Stretches of time over which the current is steady."""
    amplitude, start, duration = case["pulse"]
    stops = [0.0, start, start + duration, end]
    return [(a, min(b, end), amplitude if k == 1 else 0.0) for k, (a, b) in enumerate(zip(stops, stops[1:])) if a < end]


def kicked(case):
    neuron = Neuron(case)
    y = neuron.start()
    crossing = lambda t, y, *_: y[0]
    crossing.terminal, crossing.direction = True, 1
    for a, b, current in pieces(case, 60.0):
        mean = lambda t, y, current=current: neuron.mean(y, current)
        done = solve_ivp(mean, (a, b), y, method="LSODA", rtol=1e-10, atol=1e-12, events=crossing)
        y = done.y[:, -1]
        if done.status == 1:
            break
    end, steep = done.t[-1], neuron.mean(y, current)[0]
    x, weight = np.polynomial.legendre.leggauss(12)
    edges = neuron.edges(case["cutoff"])
    stretches = [(0.5 * (a + b), 0.5 * (b - a)) for a, b in zip(edges, edges[1:])]
    w = np.concatenate([middle + half * x for middle, half in stretches])
    weights = np.concatenate([half * weight for _, half in stretches])
    y = neuron.start()
    u = np.array([neuron.stationary(one, y) for one in w])
    # The mean and all modes side by side: modes by the midpoint, exactly for constant coefficients.
    for a, b, current in pieces(case, end):
        steps = int(np.ceil((b - a) / 0.002))
        h = (b - a) / steps
        for _ in range(steps):
            f = lambda y: neuron.mean(y, current)
            k1 = f(y)
            k2 = f(y + h / 2 * k1)
            middle = y + h / 2 * k2
            k3 = f(middle)
            k4 = f(y + h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            j, d = neuron.tangent(middle), neuron.drives(middle)
            matrices = 1j * w[:, None, None] * np.eye(neuron.n) + j
            still = -np.linalg.solve(matrices, np.broadcast_to(d, (len(w), *d.shape)))
            values, vectors = np.linalg.eig(j)
            grown = np.exp(h * (values[None, :] + 1j * w[:, None]))
            u = still + (vectors[None] * grown[:, None, :]) @ (np.linalg.inv(vectors)[None] @ (u - still))
    variance = case["hbar"] * np.sum(weights * w * np.sum(np.abs(u[:, 0, :]) ** 2, axis=1))
    return {"time": end, "jitter": np.sqrt(variance) / steep}


def loop(case):
    neuron = Neuron(case)
    amplitude, omega, period = case["sine"]
    mean = lambda t, y: neuron.mean(y, amplitude * np.sin(omega * t))
    first, last = (2 * np.pi / omega * k for k in (period - 1, period))
    times = np.linspace(first, last, 4001)
    done = solve_ivp(mean, (0, last), neuron.start(), method="LSODA", rtol=1e-10, atol=1e-12, t_eval=times)
    across = done.y[0] - E_K
    current = POTASSIUM * done.y[1] ** 4 * across
    return abs(np.sum(0.5 * (current[1:] + current[:-1]) * np.diff(across)))


def packet(case):
    neuron = Neuron(case)
    y = neuron.start()
    carrier, width = case["packet"]
    w, step = np.linspace(carrier - 9 / width, carrier + 9 / width, 4001, retstep=True)
    spectrum = np.sqrt(2 / np.pi) * width * np.exp(-2 * (width * (w - carrier)) ** 2)
    (_, z_out), (_, z_in) = neuron.ports
    # A wave of size 1 on the input port's line is the fourth drive over its strength.
    u = np.array([neuron.stationary(one, y)[:, 4] for one in w]) / np.sqrt(z_in / (4 * np.pi))
    on = (u[:, 0] - u[:, 4]) * np.sqrt(z_in / z_out)
    back = 1 + (u[:, 0] - u[:, 5] - 2)
    return [abs(np.sum(spectrum * wave) * step) ** 2 for wave in (on, back)]


if __name__ == "__main__":
    kinds = {"rest": rest, "kicked": kicked, "loop": loop, "packet": packet}
    json.dump([kinds[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
