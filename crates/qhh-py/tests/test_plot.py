"""Pictures: that what is drawn is what was computed."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pytest
import qhh
from conftest import needed

matplotlib = needed("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt
import qhh.plot

NETWORKS = Path(__file__).parents[3] / "networks"


@pytest.fixture(autouse=True)
def close() -> object:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def chain() -> qhh.Result:
    return qhh.Network.load(NETWORKS / "chain.yaml").run()


def test_docstrings_hold() -> None:
    found = doctest.testmod(qhh.plot)
    assert found.attempted >= 4 and found.failed == 0


def test_colours_are_those_of_the_pages() -> None:
    css = (NETWORKS.parent / "crates" / "qhh-report" / "src" / "template" / "colours.css").read_text()
    day = css[: css.index("@media")]
    of = dict(re.findall(r"--(\w+): (#[0-9a-f]{6}|var\(--c\d\));", day))
    assert qhh.plot.PALETTE == tuple(of[f"c{k}"] for k in range(1, 9))
    for name in ("potassium", "sodium", "chloride", "output", "input", "source", "sense"):
        assert qhh.plot.COLORS[name] == of[of[name][6:8]], name


def test_traces_and_maps_show_the_numbers(chain: qhh.Result) -> None:
    axes = qhh.plot.traces(chain, neurons=["relay[2]", "relay[0]"])
    names = chain.neurons()
    for line, name in zip(axes.get_lines(), ["relay[2]", "relay[0]"]):
        np.testing.assert_array_equal(line.get_ydata(), chain.voltage[names.index(name)])
    assert axes.get_ylabel() == "voltage in mV"
    plt.figure()
    shown = qhh.plot.space_time(chain)
    image = shown.images[0]
    np.testing.assert_array_equal(image.get_array(), chain.voltage)
    # The cell of the last neuron at the first sample is where its tick and time zero are.
    left, right, low, high = image.get_extent()
    assert left < chain.time[0] < left + (right - left) / len(chain.time) and low < 0 < 1 + low
    assert high - 0.5 == len(names) - 1
    with pytest.raises(ValueError, match="was not recorded"):
        qhh.plot.traces(chain, neurons=["relay[99]"])


def test_a_raster_has_a_mark_for_each_spike() -> None:
    net = qhh.Network.load(NETWORKS / "chain.yaml")
    lone = {"count": 2} | {key: net.to_dict()["neurons"]["relay"][key] for key in ("membrane", "channels")}
    step = {"into": "lone", "current": {"shape": "constant", "amplitude": "12 uA"}}
    result = net.set({"neurons.lone": lone, "sources.step": step}).run()
    axes = qhh.plot.raster(result)
    drawn = {(x, y) for line in axes.get_lines() for x, y in zip(line.get_xdata(), line.get_ydata())}
    assert drawn == {(spike["time"], spike["neuron"]) for spike in result.spikes} and drawn
    assert len(axes.get_legend().get_texts()) == len(result.populations) > 1


def test_noise_stacks_add_up_to_the_variance() -> None:
    result = qhh.Network.load(NETWORKS / "spike_noise.yaml", {"simulation.duration": "6 ms"}).run()
    neuron = result.variance_neurons[-1]
    axes = qhh.plot.noise(result, neuron)
    top = np.max([layer.get_paths()[0].vertices[:, 1].max() for layer in axes.collections])
    np.testing.assert_allclose(top, result.variance["total"][-1].max(), rtol=1e-9)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert {"potassium", "sodium"} <= set(labels)
    for label, layer in zip(labels, axes.collections):
        if label in qhh.plot.COLORS:
            assert matplotlib.colors.to_hex(layer.get_facecolor()[0]) == qhh.plot.COLORS[label]
    with pytest.raises(ValueError, match="was not recorded"):
        qhh.plot.noise(result, "nobody[0]")


def test_a_loop_takes_a_recorded_current(chain: qhh.Result) -> None:
    with pytest.raises(ValueError, match="i_Na was not recorded"):
        qhh.plot.loop(chain, "sodium")
    result = qhh.Network.load(NETWORKS / "chain.yaml", {"record.quantities": "[voltage, i_Na]"}).run()
    axes = qhh.plot.loop(result, "sodium", "relay[1]")
    line = axes.get_lines()[0]
    np.testing.assert_array_equal(line.get_xdata(), result["relay[1].voltage"])
    np.testing.assert_array_equal(line.get_ydata(), result["relay[1].i_Na"])


def test_wigner_functions_are_whole_and_keep_their_sign() -> None:
    cat = qhh.Network.load(NETWORKS / "cat_neuron.yaml").run()
    for state in cat.states.values():
        mesh = qhh.plot.wigner(state).collections[0]
        values = np.asarray(mesh.get_array())
        low, high = mesh.get_clim()
        assert low == -high and np.isclose(high, np.abs(values).max())
        if not state.is_gaussian:
            x, p, grid = state.wigner_grid
            np.testing.assert_array_equal(values.reshape(grid.T.shape), grid.T)
        plt.close("all")
    pair = qhh.Network.load(NETWORKS / "entangled_pair.yaml").run()
    state = next(iter(pair.states.values()))
    mesh = qhh.plot.wigner(state, points=201).collections[0]
    values = np.asarray(mesh.get_array()).reshape(201, 201)
    side = 8 * np.sqrt(np.linalg.eigvalsh(state.covariance)[-1]) / 200
    assert np.isclose(values.sum() * side**2, 1, atol=2e-3)


def test_sweeps_are_curves_and_maps(chain: qhh.Result) -> None:
    net = qhh.Network.load(NETWORKS / "chain.yaml", {"simulation.duration": "10 ms"})
    transmissions = [0.2, 0.6, 1.0]
    line = net.sweep({"waveguides.axon.transmission": transmissions}, ["relay[0].spikes"])
    axes = qhh.plot.sweep(line)
    curve = axes.containers[0].lines[0]
    np.testing.assert_allclose(curve.get_xdata(), transmissions)
    np.testing.assert_allclose(curve.get_ydata(), line.to_pandas()["relay[0].spikes"])
    plt.figure()
    vary = {"waveguides.axon.transmission": [0.2, 1.0], "sources.kick.current.amplitude": ["1 uA", "20 uA", "40 uA"]}
    both = net.sweep(vary, ["relay[0].spikes"])
    mesh = qhh.plot.sweep(both).collections[0]
    np.testing.assert_allclose(
        np.asarray(mesh.get_array()).reshape(3, 2), both.to_xarray()["relay[0].spikes"].to_numpy().T
    )
    with pytest.raises(ValueError, match="has no measure"):
        qhh.plot.sweep(line, "spikes")
