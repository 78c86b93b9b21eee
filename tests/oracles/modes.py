"""States of one mode through loss, squeezing, loss and displacement by QuTiP, from JSON on stdin to JSON on stdout.

In: a list of {"state", "first_loss", "r", "phase", "second_loss", "displacement", "angle", "points", "lambdas", "levels"}.
Everything is done to density matrices of "levels" number states, without any formula for linear maps: Kraus operators
of loss, matrix exponentials of squeezing and displacement. Each case is computed with a third more levels again;
"truncation" has the largest change of each figure.
"""

import json
import sys
import warnings

warnings.filterwarnings("ignore", "matplotlib not found")

import numpy as np
import qutip


def pure(state, levels):
    """The state's vector, or its matrix if it is thermal."""
    kind = state["kind"]
    if kind == "fock":
        return qutip.basis(levels, state["n"])
    if kind == "cat":
        alpha = complex(*state["amplitude"])
        sign = 1 if state["even"] else -1
        return (qutip.coherent(levels, alpha, method="analytic")
                + sign * qutip.coherent(levels, -alpha, method="analytic")).unit()
    if kind == "squeezed":
        squeeze = qutip.squeeze(levels, state["r"] * np.exp(1j * state["phase"]))
        return qutip.displace(levels, complex(*state["displacement"])) * squeeze * qutip.basis(levels, 0)
    if kind == "superposition":
        return sum(complex(*c) * qutip.basis(levels, n) for n, c in state["terms"]).unit()
    if kind == "thermal":
        return qutip.thermal_dm(levels, state["photons"], method="analytic")
    raise ValueError(kind)


def loss(rho, eta):
    """Kraus operators sqrt((1 - eta)^k/k!) eta^(n/2) a^k."""
    levels = rho.shape[0]
    a = qutip.destroy(levels)
    fade = qutip.qdiags([np.sqrt(eta) ** np.arange(levels)], [0])
    out, kraus = 0, qutip.qeye(levels)
    for k in range(levels):
        if k > 0:
            kraus = kraus * a * np.sqrt((1 - eta) / k)
        term = fade * kraus
        lost = term * rho * term.dag()
        out = out + lost
        if lost.tr() < 1e-20 and k > 0:
            break
    return out


def figures(case, levels):
    psi = pure(case["state"], levels)
    rho_in = psi if psi.isoper else psi * psi.dag()
    rho = loss(rho_in, case["first_loss"])
    squeeze = qutip.squeeze(levels, case["r"] * np.exp(1j * case["phase"]))
    rho = loss(squeeze * rho * squeeze.dag(), case["second_loss"])
    move = qutip.displace(levels, complex(*case["displacement"]))
    rho = move * rho * move.dag()
    a = qutip.destroy(levels)
    mean = qutip.expect(a, rho)
    turn = np.exp(-1j * case["angle"])
    x = (a * turn + a.dag() * np.conj(turn)) / np.sqrt(2)
    k1 = qutip.expect(x, rho)
    off = x - k1
    m2, m3, m4 = (qutip.expect(off**k, rho) for k in (2, 3, 4))
    xs, ps = zip(*case["points"])
    chis = [(rho * qutip.displace(levels, complex(*l))).tr() for l in case["lambdas"]]
    return {
        "mean": [mean.real, mean.imag],
        "photons": qutip.expect(a.dag() * a, rho),
        "cumulants": [k1, m2, m3, m4 - 3 * m2**2],
        "purity": (rho * rho).tr().real,
        "fidelity": (rho * rho_in).tr().real if not psi.isoper else qutip.fidelity(rho, rho_in) ** 2,
        "wigner": [float(qutip.wigner(rho, [x], [p])[0, 0]) for x, p in zip(xs, ps)],
        "characteristic": [[chi.real, chi.imag] for chi in chis],
    }


def flat(value):
    if isinstance(value, list):
        return [number for one in value for number in flat(one)]
    return [value]


def answer(case, figures):
    """The figures with more levels of photons, and how far they are from those with fewer."""
    first, second = (figures(case, int(factor * case["levels"])) for factor in (1, 4 / 3))
    change = lambda name: max(abs(a - b) for a, b in zip(flat(first[name]), flat(second[name])))
    second["truncation"] = {name: change(name) for name in first}
    return second


def answer_all(figures):
    json.dump([answer(case, figures) for case in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    answer_all(figures)
