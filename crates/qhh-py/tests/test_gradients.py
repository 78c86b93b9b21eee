"""Derivatives of runs, against runs of other values and as fits and JAX use them."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pytest
import qhh
from conftest import needed

NETWORKS = Path(__file__).parents[3] / "networks"
PATHS = [
    "neurons.relay.channels.sodium.conductance",
    "waveguides.axon.delay",
    "waveguides.axon.transmission",
]


@pytest.fixture(scope="module")
def trio() -> qhh.Network:
    """Three neurons of the chain, of which the last stays below threshold."""
    chain = qhh.Network.load(NETWORKS / "chain.yaml")
    return chain.set({"neurons.relay.count": 3, "simulation.duration": "25 ms", "simulation.sleep": "off"})


def test_sensitivity_agrees_with_runs_of_other_values() -> None:
    net = qhh.Network.load(NETWORKS / "chain.yaml").set("simulation.sleep", "off")
    found = net.sensitivity("relay[2].first_spike")
    assert (found.of, found.unit) == ("relay[2].first_spike", "ms")
    assert found.value == pytest.approx(net.run().spikes["time"][2])
    row = next(row for row in found.entries if row["entry"] == "neurons.relay.membrane.capacitance")
    spikes = [net.set(row["entry"], f"{c} uF").run().spikes["time"][2] for c in (1 - 1e-5, 1 + 1e-5)]
    assert row["slope"] == pytest.approx((spikes[1] - spikes[0]) / 2e-5, rel=1e-4)
    assert row["value"] == 1 and row["unit"] == "uF"
    frame = found.to_pandas("neurons")
    own = frame[frame.parameter == "membrane.capacitance"]
    assert own.slope.sum() == pytest.approx(row["slope"], rel=1e-6)
    assert set(found.to_pandas("waveguides").columns) >= {"from", "to", "delay", "transmission"}
    assert "Which neurons" in found.report()
    with pytest.raises(qhh.InputError, match="no slope"):
        net.sensitivity("relay.spikes")


def test_a_conductance_a_delay_and_a_transmission_are_found_from_traces(trio: qhh.Network) -> None:
    optimize = needed("scipy.optimize")
    true, scale = np.array([120.0, 1.03, 0.6]), np.array([100.0, 1.0, 1.0])
    target = trio.set_numbers(dict(zip(PATHS, true, strict=True))).record("relay").voltages

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        recording = trio.set_numbers(dict(zip(PATHS, x * scale, strict=True))).record("relay")
        off = recording.voltages - target
        return 0.5 * (off**2).mean(), recording.gradient(off / off.size, PATHS) * scale

    start = np.array([115.0, 1.1, 0.7]) / scale
    bounds = [(0.5, 2), (0.5, 3), (0.1, 0.999)]
    options = {"ftol": 1e-16, "gtol": 1e-12}
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    assert found.x * scale == pytest.approx(true, rel=1e-6)
    assert found.nfev < 60


def test_the_page_about_gradients_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    needed("scipy.optimize")
    monkeypatch.chdir(NETWORKS.parent)
    blocks = re.findall(r"```python\n(.*?)```", (NETWORKS.parent / "docs" / "gradients.md").read_text(), re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        exec(compile(block, "docs/gradients.md", "exec"), {})


def test_tangents_and_gradients_are_transposes(trio: qhh.Network) -> None:
    recording = trio.record("relay")
    tangents = recording.tangents(PATHS)
    assert tangents.shape == (3, *recording.voltages.shape)
    slopes = 1 + 0.5 * np.sin(0.01 * np.arange(recording.voltages.size)).reshape(recording.voltages.shape)
    gradient = recording.gradient(slopes, PATHS)
    assert gradient == pytest.approx((tangents * slopes).sum(axis=(1, 2)), rel=1e-9)
    assert (tangents[1, 0] == 0).all(), "the first neuron hears no waveguide"
    with pytest.raises(qhh.InputError, match="no number at"):
        recording.tangents(["neurons.relay.colour"])


def test_a_recording_is_the_run(trio: qhh.Network) -> None:
    recording = trio.record("relay[0]", "relay[2]")
    assert recording.neurons == ["relay[0]", "relay[2]"]
    assert recording.voltages.shape == (2, 2501) == (2, recording.times.size)
    run = trio.set({"record.of": "relay", "record.every": "0.01 ms"}).run()
    assert np.array_equal(recording.voltages, run.voltage[[0, 2]])
    with pytest.raises(qhh.InputError, match="slopes do not fit"):
        recording.gradient(np.zeros((1, 3)), PATHS)
    with pytest.raises(qhh.InputError, match="no number at `neurons.relay.colour`"):
        recording.gradient(np.zeros((2, 2501)), ["neurons.relay.colour"])
    with pytest.raises(qhh.InputError, match="did you mean `waveguides.axon.delay`"):
        trio.set_numbers({"waveguides.axon.dealy": 2.0})
    with pytest.raises(qhh.InputError, match="relais"):
        trio.record("relais")


def test_jax_differentiates_a_network(trio: qhh.Network) -> None:
    jax = needed("jax")
    import qhh.jax

    jax.config.update("jax_enable_x64", True)
    run = qhh.jax.simulate(trio, PATHS, ["relay[2]"])
    true = np.array([120.0, 1.03, 0.6])

    def height(values: np.ndarray) -> float:
        return run(values)[0, 1500]

    gradient = np.asarray(jax.grad(height)(jax.numpy.array(true)))
    for place, value in enumerate(true):
        by = np.zeros(3)
        by[place] = 1e-6 * value
        difference = (height(true + by) - height(true - by)) / (2e-6 * value)
        assert gradient[place] == pytest.approx(float(difference), rel=1e-4)
    with pytest.raises(ValueError, match="no number at"):
        qhh.jax.simulate(trio, ["neurons.relay.colour"], ["relay"])
    assert doctest.testmod(qhh.jax).failed == 0


def test_pytorch_differentiates_a_network(trio: qhh.Network) -> None:
    torch = needed("torch")
    import qhh.torch

    short = trio.set({"simulation.duration": "6 ms", "simulation.step": "0.05 ms"})
    run = qhh.torch.simulate(short, PATHS, ["relay"])
    values = torch.tensor([120.0, 1.03, 0.6], dtype=torch.float64, requires_grad=True)
    assert np.array_equal(run(values).detach().numpy(), short.set_numbers(dict(zip(PATHS, values.tolist()))).record("relay").voltages)
    # Numbers of different size, each moved by a hundred-thousandth of it.
    scale = torch.tensor([100.0, 1.0, 1.0], dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda x: run(x * scale)[:, ::20], (values.detach() / scale).requires_grad_(), eps=1e-5, atol=1e-4, rtol=1e-4
    )
    half = run(values.detach().to(torch.float32))
    assert half.dtype == torch.float32
    with pytest.raises(ValueError, match="no number at"):
        qhh.torch.simulate(trio, ["neurons.relay.colour"], ["relay"])
    with pytest.raises(ValueError, match="not that of the paths"):
        run(values[:2])
    assert doctest.testmod(qhh.torch).failed == 0
