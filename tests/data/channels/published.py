"""Published neurons by an independent solver: scipy's DOP853 with tolerances of 1e-11, rates as each paper writes them.

    python published.py > published.json

Every neuron starts at a voltage with its gates steady there and is fed a constant current. Kept are the times of upward
crossings of 0 mV, in ms, and the voltage at some times.
"""

import json

import numpy as np
from scipy.integrate import solve_ivp

exp, tanh, cosh = np.exp, np.tanh, np.cosh


def ratio(x, y):
    """x/(exp(x/y) - 1), as the papers write it."""
    return y - x / 2 if abs(x / y) < 1e-7 else x / np.expm1(x / y)


def gate(opening, closing):
    return lambda v: (opening(v), closing(v))


def relaxing(steady, tau):
    return lambda v: (steady(v) / tau(v), (1 - steady(v)) / tau(v))


class Instant:
    def __init__(self, steady):
        self.steady = steady


# A channel: conductance, reversal, list of (power, gate).
def squid(q):
    n = gate(lambda v: q * 0.01 * ratio(-(v + 55), 10), lambda v: q * 0.125 * exp(-(v + 65) / 80))
    m = gate(lambda v: q * 0.1 * ratio(-(v + 40), 10), lambda v: q * 4 * exp(-(v + 65) / 18))
    h = gate(lambda v: q * 0.07 * exp(-(v + 65) / 20), lambda v: q / (1 + exp(-(v + 35) / 10)))
    return [(36, -77, [(4, n)]), (120, 50, [(3, m), (1, h)]), (0.3, -54.387, [])]


def connor_stevens():
    m = gate(lambda v: 0.38 * (v + 29.7) / (1 - exp(-0.1 * (v + 29.7))), lambda v: 15.2 * exp(-0.0556 * (v + 54.7)))
    h = gate(lambda v: 0.266 * exp(-0.05 * (v + 48)), lambda v: 3.8 / (1 + exp(-0.1 * (v + 18))))
    n = gate(lambda v: 0.02 * (v + 45.7) / (1 - exp(-0.1 * (v + 45.7))), lambda v: 0.25 * exp(-0.0125 * (v + 55.7)))
    a = relaxing(
        lambda v: (0.0761 * exp(0.0314 * (v + 94.22)) / (1 + exp(0.0346 * (v + 1.17)))) ** (1 / 3),
        lambda v: 0.3632 + 1.158 / (1 + exp(0.0497 * (v + 55.96))),
    )
    b = relaxing(
        lambda v: (1 / (1 + exp(0.0688 * (v + 53.3)))) ** 4,
        lambda v: 1.24 + 2.678 / (1 + exp(0.0624 * (v + 50))),
    )
    return [(120, 55, [(3, m), (1, h)]), (20, -72, [(4, n)]), (47.7, -75, [(3, a), (1, b)]), (0.3, -17, [])]


def morris_lecar():
    m = Instant(lambda v: 0.5 * (1 + tanh((v + 1.2) / 18)))
    w = relaxing(lambda v: 0.5 * (1 + tanh((v - 2) / 30)), lambda v: 1 / (0.04 * cosh((v - 2) / 60)))
    return [(4.4, 120, [(1, m)]), (8, -84, [(1, w)]), (2, -60, [])]


def wang_buzsaki():
    am = lambda v: 0.1 * ratio(-(v + 35), 10)
    m = Instant(lambda v: am(v) / (am(v) + 4 * exp(-(v + 60) / 18)))
    h = gate(lambda v: 5 * 0.07 * exp(-(v + 58) / 20), lambda v: 5 / (1 + exp(-0.1 * (v + 28))))
    n = gate(lambda v: 5 * 0.01 * ratio(-(v + 34), 10), lambda v: 5 * 0.125 * exp(-(v + 44) / 80))
    return [(35, 55, [(3, m), (1, h)]), (9, -90, [(4, n)]), (0.1, -65, [])]


def traub_miles(vt=-63.0):
    m = gate(lambda v: 0.32 * ratio(13 - v + vt, 4), lambda v: 0.28 * ratio(v - vt - 40, 5))
    h = gate(lambda v: 0.128 * exp((17 - v + vt) / 18), lambda v: 4 / (1 + exp((40 - v + vt) / 5)))
    n = gate(lambda v: 0.032 * ratio(15 - v + vt, 5), lambda v: 0.5 * exp((10 - v + vt) / 40))
    return [(100, 50, [(3, m), (1, h)]), (30, -90, [(4, n)]), (0.05, -60, [])]


def m_current():
    p = relaxing(
        lambda v: 1 / (1 + exp(-(v + 35) / 10)),
        lambda v: 608 / (3.3 * exp((v + 35) / 20) + exp(-(v + 35) / 20)),
    )
    return (0.07, -90, [(1, p)])


def h_current():
    q = relaxing(
        lambda v: 1 / (1 + exp((v + 75) / 5.5)),
        lambda v: 1 / (exp(-14.59 - 0.086 * v) + exp(-1.87 + 0.0701 * v)),
    )
    return (0.05, -43, [(1, q)])


def calcium_l():
    q = gate(lambda v: 0.055 * ratio(-27 - v, 3.8), lambda v: 0.94 * exp((-75 - v) / 17))
    r = gate(lambda v: 0.000457 * exp((-13 - v) / 50), lambda v: 0.0065 / (exp((-15 - v) / 28) + 1))
    return (0.1, 120, [(2, q), (1, r)])


def run(channels, capacitance, current, start, duration):
    lagging = [g for _, _, gates in channels for _, g in gates if not isinstance(g, Instant)]

    def slope(_, y):
        v, x = y[0], iter(y[1:])
        into = current
        for conductance, reversal, gates in channels:
            g = conductance
            for power, one in gates:
                g *= (one.steady(v) if isinstance(one, Instant) else next(x)) ** power
            into -= g * (v - reversal)
        rates = [g(v) for g in lagging]
        return [into / capacitance] + [a * (1 - x) - b * x for (a, b), x in zip(rates, y[1:])]

    steady = [a / (a + b) for a, b in (g(start) for g in lagging)]

    def crosses(_, y):
        return y[0]

    crosses.direction = 1
    times = np.linspace(0, duration, 11)[1:]
    out = solve_ivp(
        slope, (0, duration), [start] + steady, method="DOP853", rtol=1e-11, atol=1e-12, events=crosses, t_eval=times
    )
    return {"spikes": list(out.t_events[0]), "times": list(times), "voltages": list(out.y[0])}


CASES = {
    "squid at 6.3": (squid(1), 1, 10, -65, 60),
    "squid at 14": (squid(3 ** ((14 - 6.3) / 10)), 1, 15, -65, 60),
    "connor-stevens": (connor_stevens(), 1, 9, -68, 200),
    "morris-lecar": (morris_lecar(), 20, 100, -20, 400),
    "wang-buzsaki": (wang_buzsaki(), 1, 2, -64, 60),
    "traub-miles": (traub_miles(), 1, 3, -65, 100),
    "m-current": (traub_miles() + [m_current()], 1, 4, -65, 300),
    "h-current": ([(0.1, -70, []), h_current()], 1, -1.5, -70, 600),
    "calcium-l": (traub_miles() + [calcium_l()], 1, 3, -65, 100),
}
RATES = {str(current): (wang_buzsaki(), 1, current, -64, 400) for current in (0.3, 0.6, 1, 3, 8)}

if __name__ == "__main__":
    cases = {name: run(*case) for name, case in CASES.items()}
    rates = {}
    for current, case in RATES.items():
        spikes = run(*case)["spikes"]
        rates[current] = 1e3 / (spikes[-1] - spikes[-2])
    print(json.dumps({"cases": cases, "wang-buzsaki rates in Hz by uA": rates}, indent=1))
