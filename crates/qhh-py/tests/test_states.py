"""States of outgoing modes against QuTiP."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qhh
from conftest import needed

NETWORKS = Path(__file__).parents[3] / "networks"
LEVELS = 60


def sent(qutip: Any, name: str) -> Any:
    """Density matrix of a source's state."""
    if name == "cat":
        vector = qutip.coherent(LEVELS, 2, method="analytic") + qutip.coherent(LEVELS, -2, method="analytic")
    elif name == "fock":
        vector = qutip.basis(LEVELS, 3)
    else:
        # Two terms of the wave function of a cubic phase state, and a mean.
        vector = qutip.basis(LEVELS, 0) + 0.7 * qutip.basis(LEVELS, 1) + 0.6j * qutip.basis(LEVELS, 3)
    return qutip.ket2dm(vector.unit())


def lost(qutip: Any, rho: Any, eta: float) -> Any:
    """What a beam splitter lets through, by Kraus operators."""
    a, kraus, found = qutip.destroy(LEVELS), qutip.qeye(LEVELS), 0
    fade = qutip.qdiags([np.sqrt(eta) ** np.arange(LEVELS)], [0])
    for k in range(LEVELS):
        kraus = kraus * a * np.sqrt((1 - eta) / k) if k else kraus
        found = found + fade * kraus * rho * (fade * kraus).dag()
    return found


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("cat", "{cat: {amplitude: 2, parity: even}}"),
        ("fock", "{fock: {n: 3}}"),
        (
            "cubic",
            "{superposition: [{n: 0, amplitude: 1}, {n: 1, amplitude: 0.7}, "
            "{n: 3, amplitude: 0.6, phase: 1.5707963267948966}]}",
        ),
    ],
)
def test_wigner_functions_after_a_loss_are_those_of_qutip(tmp_path: Path, name: str, state: str) -> None:
    qutip = needed("qutip")
    net = qhh.Network.load(NETWORKS / "cat_neuron.yaml", {"sources.cat.state": state})
    # Another impedance reflects less of the source.
    for impedance in ("3 kOhm", "0.3 kOhm"):
        result = net.set("neurons.cell.input.impedance", impedance).run()
        (through,) = result.states.sources
        random = np.random.default_rng(4)
        for place, (mode, found) in enumerate(result.states.items()):
            mu, nu = complex(*through["mu"][place]), complex(*through["nu"][place])
            assert abs(nu) < 3e-7 and 0.005 < abs(mu) ** 2 < 1, f"{mode} is no loss: {mu}, {nu}"
            turn = (1j * np.angle(mu) * qutip.num(LEVELS)).expm()
            rho = turn * lost(qutip, sent(qutip, name), abs(mu) ** 2) * turn.dag()
            x, p = np.sort(random.uniform(-4, 4, (2, 15)))
            # A mean wave moves the conductances, so it leaves a little elsewhere than fluctuations on top of it say.
            off = np.sqrt(2) * (found.mean - qutip.expect(qutip.destroy(LEVELS), rho))
            assert abs(off) < 0.01
            wanted = qutip.wigner(rho, x - off.real, p - off.imag).T
            np.testing.assert_allclose(found.wigner(x, p), wanted, rtol=0, atol=1e-6)
            assert not found.is_gaussian and np.abs(wanted).max() > 0.1
        result.save(tmp_path / impedance)
        again = qhh.Result.open(tmp_path / impedance).states["back"]
        assert np.array_equal(again.wigner(x, p), result.states["back"].wigner(x, p))
    assert found.wigner(0.5, 0.25).shape == (1, 1)
    with pytest.raises(ValueError, match="lists of points"):
        found.wigner(np.zeros((2, 2)), [0.0])


def test_states_are_pickled() -> None:
    states = qhh.Network.load(NETWORKS / "cat_neuron.yaml").run().states
    again = pickle.loads(pickle.dumps(states["back"]))
    assert again.wigner([0.1], [0.2]) == states["back"].wigner([0.1], [0.2])
    assert again.photons == states["back"].photons
