"""A whole neuron with frozen conductances behind a wavepacket, from JSON on stdin to JSON on stdout.

In: a list of {"state", "capacitance", "conductance", "input", "output", "hbar", "cutoff", "packet", "modes", "times",
"angle", "points", "levels"}; ports are [capacitance, impedance], packets [carrier, centre, width], modes [port, packet].

The circuit by its frequency response, without a step in time: how much of the packet is found in an outgoing mode, the
response of the voltage to it, the vacuum's variance. The state by QuTiP, in "levels" number states of the packet's mode
and as many of the one mode that stands for all other lines: a beam splitter's Hamiltonian on the two, the second traced
out; powers of the voltage's operator. Each case is computed with a third more levels again; "truncation" has the largest
change of each figure.
"""

import warnings

warnings.filterwarnings("ignore", "matplotlib not found")

import numpy as np
import qutip
from modes import answer_all, pure
from scipy.integrate import quad
from scipy.sparse.linalg import expm_multiply


class Circuit:
    """Responses to e^{-i w t}: admittances conjugate to the usual ones."""

    def __init__(self, case):
        self.case = case

    def port(self, which, w):
        capacitance, impedance = self.case[which]
        return -1j * w * capacitance / (1 - 1j * w * capacitance * impedance)

    def impedance(self, w):
        reactive = -1j * w * self.case["capacitance"] + self.port("input", w) + self.port("output", w)
        return 1 / (self.case["conductance"] + reactive)

    def voltage(self, w):
        """Of a wave of size 1 on the input port's line."""
        return 2 * self.port("input", w) * self.impedance(w)

    def leaving(self, which, w):
        """Wave that leaves through a port."""
        admittance, impedance = self.port(which, w), self.case[which][1]
        if which == "input":
            return 1 - impedance * admittance * (2 - self.voltage(w))
        return impedance * admittance * self.voltage(w) * np.sqrt(self.case["input"][1] / impedance)


def spectrum(packet, w):
    """int xi(t) e^{-i w0 t} e^{i w t} dt/sqrt(2 pi)."""
    carrier, centre, width = packet
    off = w - carrier
    return (2 * width**2 / np.pi) ** 0.25 * np.exp(-((width * off) ** 2) + 1j * off * centre)


def band(packet, n=4001):
    """Frequencies of a packet, evenly spaced, on which sums of analytic functions that vanish at the ends are exact."""
    w, step = np.linspace(packet[0] - 9 / packet[2], packet[0] + 9 / packet[2], n, retstep=True)
    return w[w > 0], step


def voltage(case, circuit, rho):
    """Variance, skewness and excess kurtosis at each time."""
    hbar, packet = case["hbar"], case["packet"]
    noise = hbar / np.pi * quad(lambda w: w * circuit.impedance(w).real, 0, case["cutoff"], epsabs=0, epsrel=1e-12, limit=400)[0]
    w, step = band(packet)
    factor = np.sqrt(hbar * packet[0] * case["input"][1] / 2)
    drive = factor / np.sqrt(2 * np.pi) * spectrum(packet, w) * circuit.voltage(w) * step
    a = qutip.destroy(rho.shape[0])
    rows = []
    for t in case["times"]:
        u = complex(np.sum(drive * np.exp(-1j * w * t)))
        x = u * a + np.conj(u) * a.dag()
        off = x - qutip.expect(x, rho)
        m2, m3, m4 = (qutip.expect(off**k, rho) for k in (2, 3, 4))
        # The vacuum of the packet's mode is among the lines'.
        variance = noise - abs(u) ** 2 + m2
        rows.append((variance, m3 / variance**1.5, (m4 - 3 * m2**2) / variance**2))
    return dict(zip(("variance", "skewness", "kurtosis"), map(list, zip(*rows))))


def outgoing(case, circuit, psi, mode):
    """Photons, cumulants of a quadrature and the Wigner function of an outgoing mode."""
    port, packet = mode
    w, step = band(packet)
    part = np.sum(np.conj(spectrum(packet, w)) * circuit.leaving(port, w) * spectrum(case["packet"], w)) * step
    levels = psi.shape[0]
    a, one = qutip.destroy(levels), qutip.qeye(levels)
    here, there = qutip.tensor(a, one), qutip.tensor(one, a)
    mixing = (here.dag() * there - here * there.dag()).to("csr").data_as("csr_matrix")
    mixed = expm_multiply(np.arccos(abs(part)) * mixing, qutip.tensor(psi, qutip.basis(levels, 0)).full())
    both = qutip.Qobj(mixed, dims=[[levels, levels], [1, 1]])
    turn = (1j * np.angle(part) * a.dag() * a).expm()
    rho = turn * both.ptrace(0) * turn.dag()
    turn = np.exp(-1j * case["angle"])
    x = (a * turn + a.dag() * np.conj(turn)) / np.sqrt(2)
    k1 = qutip.expect(x, rho)
    m2, m3, m4 = (qutip.expect((x - k1) ** k, rho) for k in (2, 3, 4))
    return {
        "photons": qutip.expect(a.dag() * a, rho),
        "cumulants": [k1, m2, m3, m4 - 3 * m2**2],
        "wigner": [float(qutip.wigner(rho, [x], [p])[0, 0]) for x, p in case["points"]],
    }


def figures(case, levels):
    circuit, psi = Circuit(case), pure(case["state"], levels)
    found = voltage(case, circuit, psi * psi.dag())
    for k, mode in enumerate(case["modes"]):
        found |= {f"{name} of mode {k}": value for name, value in outgoing(case, circuit, psi, mode).items()}
    return found


if __name__ == "__main__":
    answer_all(figures)
