"""The package as its users see it, against the command line where that says the same."""

from __future__ import annotations

import doctest
import json
import pickle
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import qhh
from conftest import ended_by_ctrl_c, needed

NETWORKS = Path(__file__).parents[3] / "networks"


@pytest.fixture(scope="module")
def chain() -> qhh.Network:
    return qhh.Network.load(NETWORKS / "chain.yaml")


@pytest.fixture(scope="module")
def result(chain: qhh.Network) -> qhh.Result:
    return chain.run()


def test_docstrings_hold() -> None:
    runner, parser = doctest.DocTestRunner(), doctest.DocTestParser()
    tried = 0
    public = [qhh, *(getattr(qhh, name) for name in qhh.__all__)]
    for of in public:
        members = [getattr(of, name) for name in dir(of) if not name.startswith("_")] if isinstance(of, type) else []
        for one in [of, *members]:
            text = getattr(one, "__doc__", None)
            if isinstance(text, str) and ">>>" in text:
                runner.run(parser.get_doctest(text, {"qhh": qhh}, str(one), None, 0))
                tried += 1
    assert tried >= 3 and runner.summarize().failed == 0


def test_mistakes_have_a_place_and_a_remedy() -> None:
    with pytest.raises(qhh.LoadError) as error:
        qhh.Network.from_yaml("name: x\nsimulation: {duration: 5 mV}\nneurons: {}\n")
    first = error.value.mistakes[0]
    assert (first.line, first.path) == (2, "simulation.duration")
    assert "5 mV" in first.message
    again = pickle.loads(pickle.dumps(error.value))
    assert again.mistakes == error.value.mistakes
    with pytest.raises(ValueError, match="there is no format"):
        qhh.Network.load(NETWORKS / "chain.yaml").run(format="xls")


def test_values_are_set_in_checked_copies(chain: qhh.Network) -> None:
    longer = chain.set("neurons.relay.count", np.int64(9))
    assert (chain.n_neurons, longer.n_neurons) == (6, 9)
    both = chain.set({"neurons.relay.count": 9, "simulation.duration": "10 ms"})
    assert both.to_dict()["simulation"]["duration"] == "10 ms"
    assert both == longer.set("simulation.duration", "10 ms") and both != longer
    amplitudes = chain.set("sources.kick.current.amplitude", "20 uA")
    assert "20 uA" in amplitudes.yaml
    document = chain.to_dict()
    assert qhh.Network.from_dict(document) == qhh.Network.from_yaml(chain.yaml)
    with pytest.raises(qhh.LoadError):
        chain.set("neurons.relay.nothing", 1)
    assert pickle.loads(pickle.dumps(both)) == both


def test_traces_are_views_and_stacks(result: qhh.Result) -> None:
    names = result.neurons()
    assert result.voltage.shape == (len(names), len(result.time))
    view = result[f"{names[3]}.voltage"]
    assert not view.flags.writeable and not view.flags.owndata
    assert np.shares_memory(view, result[f"{names[3]}.voltage"])
    np.testing.assert_array_equal(view, result.voltage[3])
    assert "relay[3].voltage" in result and "relay[99].voltage" not in result
    with pytest.raises(KeyError, match="voltage"):
        result["nothing"]


def test_a_view_outlives_its_result() -> None:
    def made() -> np.ndarray:
        return qhh.Network.load(NETWORKS / "chain.yaml").run()["relay[2].voltage"]

    views = [made() for _ in range(5)]
    for view in views[1:]:
        np.testing.assert_array_equal(view, views[0])


def test_spikes_are_structured(result: qhh.Result) -> None:
    spikes = result.spikes
    assert list(spikes.dtype.names) == ["neuron", "population", "index", "time"]
    assert np.all(np.diff(spikes["time"]) >= 0)
    table = result.table("spikes")
    np.testing.assert_array_equal(spikes["time"], table["t"] if "t" in table else table["time"])
    assert [result.neuron_name(int(n)) for n in spikes["neuron"]] == list(table["neuron"])


def test_the_folder_is_the_command_lines(tmp_path: Path) -> None:
    """Every file but for what the run cost, whichever way it is written."""
    name, settings = "entangled_pair", {"simulation.duration": "31 ms"}
    net = qhh.Network.load(NETWORKS / f"{name}.yaml", settings)
    run = net.run(out=tmp_path / "direct")
    run.save(tmp_path / "saved")
    arguments = [f"--set={path}={value}" for path, value in settings.items()]
    program = [sys.executable, "-c", "from qhh._command import main; main()"]
    subprocess.run(
        [*program, "run", str(NETWORKS / f"{name}.yaml"), *arguments, "--out", str(tmp_path / "command")],
        check=True,
        capture_output=True,
    )
    files = sorted(path.name for path in (tmp_path / "command").iterdir())
    for folder in ("direct", "saved"):
        assert sorted(path.name for path in (tmp_path / folder).iterdir()) == files
        for file in files:
            if file in ("summary.json", "SHA256SUMS", "report.html"):
                continue
            assert (tmp_path / folder / file).read_bytes() == (tmp_path / "command" / file).read_bytes(), file
        summaries = [json.loads((tmp_path / of / "summary.json").read_text()) for of in (folder, "command")]
        for summary in summaries:
            summary.pop("cost")
        assert summaries[0] == summaries[1]
    assert qhh.verify(tmp_path / "direct") == []
    (tmp_path / "direct" / "traces.csv").write_text("t\n0\n")
    assert any("traces.csv" in problem for problem in qhh.verify(tmp_path / "direct"))
    opened = qhh.Result.open(tmp_path / "saved")
    np.testing.assert_array_equal(opened.voltage, run.voltage)


def test_results_are_pickled(result: qhh.Result) -> None:
    again = pickle.loads(pickle.dumps(result))
    np.testing.assert_array_equal(again.voltage, result.voltage)
    np.testing.assert_array_equal(again.spikes, result.spikes)
    assert again.summary["outcome"] == result.summary["outcome"]


def test_threads_do_not_change_the_numbers(chain: qhh.Network, result: qhh.Result) -> None:
    np.testing.assert_array_equal(chain.run(threads=2).voltage, result.voltage)


@pytest.fixture(scope="module")
def long() -> qhh.Network:
    return qhh.Network.load(
        NETWORKS / "chain.yaml", {"neurons.relay.count": 20000, "simulation.duration": "20 s", "record.of": "relay[0]"}
    )


def test_ctrl_c_ends_a_run_soon(long: qhh.Network) -> None:
    with ended_by_ctrl_c(1.0):
        long.run()


def test_other_threads_go_on_meanwhile(long: qhh.Network) -> None:
    counted, stop = [0], threading.Event()

    def count() -> None:
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0.001)

    other = threading.Thread(target=count)
    other.start()
    seen = []

    class Enough(Exception):
        pass

    def progress(name: str, stage: str, done: int, total: int, at: float, notes: list[str]) -> None:
        seen.append((name, stage, done, total))
        if len(seen) == 10:
            raise Enough

    with pytest.raises(Enough):
        long.run(progress=progress)
    stop.set()
    other.join()
    # Ten calls 50 ms apart.
    assert counted[0] > 100
    assert seen[0][0] == "chain" and all(done <= total for *_, done, total in seen)


def test_variances_add_up() -> None:
    noisy = qhh.Network.load(NETWORKS / "spike_noise.yaml").run()
    lines = noisy.variance
    total = lines.pop("total")
    assert total.shape == (len(noisy.variance_neurons), len(noisy.time)) and len(lines) >= 4
    np.testing.assert_allclose(sum(lines.values()), total, rtol=1e-12)
    np.testing.assert_allclose(noisy["axon[0].variance"] if "axon[0].variance" in noisy else total[0], total[0], rtol=1e-9)


def test_states_are_those_of_their_grid() -> None:
    states = qhh.Network.load(NETWORKS / "entangled_pair.yaml").run().states
    names = list(states)
    for state in states.values():
        assert state.is_gaussian
        x, p, values = state.wigner_grid
        # The grid is written in single precision.
        np.testing.assert_allclose(state.wigner(x, p), values, atol=2e-7)
        assert abs(values.sum() * (x[1] - x[0]) * (p[1] - p[0]) - 1) < 1e-3
    # From the covariance: the least symplectic eigenvalue of the partial transpose.
    flip = np.diag([1.0, 1.0, 1.0, -1.0])
    form = np.kron(np.eye(2), [[0.0, 1.0], [-1.0, 0.0]])
    found = 0.0
    for j, k in ((j, k) for j in range(len(names)) for k in range(j)):
        negativity = states.log_negativity(names[j], names[k])
        if negativity is None:
            continue
        rows = [2 * j, 2 * j + 1, 2 * k, 2 * k + 1]
        pair = states.covariance[np.ix_(rows, rows)]
        eigenvalues = np.abs(np.linalg.eigvals(1j * form @ flip @ pair @ flip))
        assert negativity == pytest.approx(max(0.0, -np.log(2.0 * eigenvalues.min())), abs=1e-6)
        found = max(found, negativity)
    assert found > 0.5
    cat = qhh.Network.load(NETWORKS / "cat_neuron.yaml").run().states
    strange = [state for state in cat.values() if not state.is_gaussian]
    assert strange and strange[0].wigner_grid[2].min() < 0
    x, p, values = strange[0].wigner_grid
    np.testing.assert_allclose(strange[0].wigner(x, p), values, atol=2e-7)


def test_sweeps_become_frames(tmp_path: Path) -> None:
    needed("xarray")
    net = qhh.Network.load(NETWORKS / "chain.yaml")
    sweep = net.sweep(
        {"waveguides.axon.transmission": [0.02, 1.0], "neurons.relay.count": "5,6"},
        ["relay[4].spikes", "relay[4].first_spike"],
        out=tmp_path / "sweep",
    )
    frame, dataset = sweep.to_pandas(), sweep.to_xarray()
    assert len(sweep) == len(frame) == 4 and set(frame["status"]) == {"done"}
    found = dataset["relay[4].spikes"].sel({"waveguides.axon.transmission": 1.0, "neurons.relay.count": 6})
    assert found == 1 and dataset["relay[4].first_spike"].attrs["units"] == "ms"
    assert np.isnan(dataset["relay[4].first_spike"].sel({"waveguides.axon.transmission": 0.02})).all()
    again = qhh.resume(tmp_path / "sweep")
    assert isinstance(again, qhh.SweepResult) and again.to_pandas().equals(frame)


def test_axes_of_sweeps_have_the_units_of_the_network() -> None:
    needed("xarray")
    net = qhh.Network.load(NETWORKS / "chain.yaml")
    path = "waveguides.axon.delay"
    datasets = [net.sweep({path: typed}, ["spikes"]).to_xarray() for typed in ("0.5 ms,1 ms", "500 us,1000 us", "0.5,1e-3 s")]
    for dataset in datasets:
        assert list(dataset[path].values) == [0.5, 1.0] and dataset[path].attrs["units"] == "ms"
        assert dataset.equals(datasets[0])


def test_datasets_go_to_netcdf_and_back(tmp_path: Path, result: qhh.Result) -> None:
    xarray = needed("xarray")
    needed("h5netcdf")
    dataset = result.to_xarray()
    dataset.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    with xarray.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as again:
        xarray.testing.assert_identical(again.load(), dataset)
    assert dataset["voltage"].attrs["units"] == "mV"
    np.testing.assert_array_equal(dataset["voltage"], result.voltage)


def test_datasets_go_to_zarr_and_back(tmp_path: Path, result: qhh.Result) -> None:
    needed("zarr")
    xarray = needed("xarray")
    dataset = result.to_xarray()
    dataset.to_zarr(tmp_path / "run.zarr")
    with xarray.open_zarr(tmp_path / "run.zarr") as again:
        np.testing.assert_array_equal(again["voltage"], dataset["voltage"])
        np.testing.assert_array_equal(again["spike_time"], dataset["spike_time"])
        assert again.attrs["network"] == result.network_yaml and list(again["neuron"].values) == result.neurons()


def test_the_page_about_python_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for package in ("pandas", "xarray", "sklearn"):
        needed(package)
    # Where it leaves pictures and results behind.
    (tmp_path / "networks").symlink_to(NETWORKS, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (NETWORKS.parent / "docs" / "python.md").read_text(), re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), {})


def test_networks_go_to_other_programs(tmp_path: Path, chain: qhh.Network) -> None:
    netlist = chain.export("spice")
    assert netlist.count("\nX") == chain.n_neurons and ".tran" in netlist
    networkx = needed("networkx")
    web = qhh.Network.load(NETWORKS / "random_1k.yaml")
    (tmp_path / "web.graphml").write_text(web.export("graphml"))
    graph = networkx.read_graphml(tmp_path / "web.graphml")
    assert graph.number_of_nodes() == web.n_neurons == 1000 and graph.number_of_edges() > 1000
    assert {data["delay"] > 0 for _, _, data in graph.edges(data=True)} == {True}
    assert graph.nodes["n3"]["label"] == web.neurons[3]
    with pytest.raises(ValueError, match="there is no format"):
        chain.export("neuroml")
    adiabatic = qhh.Network.load(NETWORKS / "paper_three_channel.yaml")
    with pytest.raises(qhh.QhhError, match="solves no circuit in time"):
        adiabatic.export("spice")


def test_notebooks_show_pages(chain: qhh.Network, result: qhh.Result, tmp_path: Path) -> None:
    assert result._repr_html_().startswith("<iframe") and "sandbox" in result._repr_html_()
    assert chain._repr_svg_().startswith("<svg")
    assert "<html" in qhh.compare([result, result])
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        result.save(folder, report=False)
    assert "<html" in qhh.compare(*folders)
    assert "<html" in qhh.compare(str(folders[0]), result)


def test_the_program_comes_along(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from qhh._command import main; main()"]
    version = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.strip() == f"qhh {qhh.__version__}"
    bad = subprocess.run([*program, "run", "no_such_file.yaml"], capture_output=True, text=True, cwd=tmp_path)
    assert bad.returncode == 2 and "no_such_file.yaml" in bad.stderr


def test_what_a_run_does_not_have_is_said(result: qhh.Result) -> None:
    with pytest.raises(KeyError, match="add a `quantum` block"):
        result.variance["sodium"]
    with pytest.raises(KeyError, match="add `modes`"):
        result.states["back"]


def test_parts_of_the_package_load_where_they_are_used() -> None:
    needed("matplotlib")
    code = "import qhh, sys; assert 'matplotlib' not in sys.modules; assert qhh.plot.COLORS; assert 'plot' in dir(qhh)"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="has no attribute"):
        qhh.nothing
