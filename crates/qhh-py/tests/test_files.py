"""Files of other fields' formats, read by their own programs."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest
import qhh
from conftest import needed

NETWORKS = Path(__file__).parents[3] / "networks"


def test_a_run_is_clean_nwb(tmp_path: Path) -> None:
    pynwb, nwbinspector = needed("pynwb"), needed("nwbinspector")
    result = qhh.Network.load(NETWORKS / "spike_noise.yaml").run()
    result.to_nwb(
        tmp_path / "run.nwb",
        session_start=datetime(2024, 5, 6, tzinfo=timezone.utc),
        experimenter="Hodgkin, Alan",
        institution="Plymouth",
    )
    messages = list(nwbinspector.inspect_nwbfile(nwbfile_path=tmp_path / "run.nwb"))
    assert messages == [], "\n".join(f"{of.check_function_name} {of.object_name}: {of.message}" for of in messages)
    assert list(pynwb.validate(path=tmp_path / "run.nwb")) == []
    with pynwb.NWBHDF5IO(tmp_path / "run.nwb", "r") as io:
        file = io.read()
        axon = result.neurons()[0]
        voltage = file.acquisition[f"{axon}.voltage"]
        assert (voltage.unit, voltage.conversion) == ("volts", 1e-3)
        np.testing.assert_array_equal(voltage.data[:], result[f"{axon}.voltage"])
        np.testing.assert_allclose(1e3 / voltage.rate, np.diff(result.time), rtol=1e-6)
        by_line = file.acquisition[f"{axon}.variance_by_line.sodium"]
        assert (by_line.unit, by_line.conversion) == ("volts^2", 1e-6)
        np.testing.assert_array_equal(by_line.data[:], result.variance["sodium"][0])
        own = result.spikes["time"][result.spikes["neuron"] == 0]
        np.testing.assert_allclose(file.units["spike_times"][0], own * 1e-3, rtol=1e-15)
        assert file.units.resolution == pytest.approx(1e-5)
        assert file.session_description == result.summary["network"]["caption"]
        assert file.source_script == result.network_yaml and list(file.was_generated_by[0]) == ["qhh", qhh.__version__]
        assert "Not in this file" in file.notes and "traces" not in file.notes


def test_silent_neurons_and_every_neurons_spikes_are_units(tmp_path: Path) -> None:
    needed("pynwb")
    net = qhh.Network.load(NETWORKS / "chain.yaml").set("waveguides.axon.transmission", 0.02)
    result = net.run()
    units = result.to_nwb().units
    assert len(units) == net.n_neurons and list(units["neuron"].data) == net.neurons
    for number in range(net.n_neurons):
        own = result.spikes["time"][result.spikes["neuron"] == number] * 1e-3
        np.testing.assert_array_equal(units["spike_times"][number], own)
    assert min(len(units["spike_times"][number]) for number in range(net.n_neurons)) == 0
    silent = net.set("sources.kick.current.amplitude", "0 uA").run().to_nwb()
    assert silent.units is None and "no spikes" in silent.notes
    states = qhh.Network.load(NETWORKS / "cat_neuron.yaml").run().to_nwb()
    assert "states of outgoing modes" in states.notes
    with pytest.raises(ValueError, match="raw units"):
        qhh.Network.load(NETWORKS / "fock_source.yaml").run().to_nwb()


def test_a_network_is_a_sonata_circuit(tmp_path: Path) -> None:
    libsonata = needed("libsonata")
    import qhh.sonata

    net = qhh.Network.load(NETWORKS / "random_1k.yaml")
    with pytest.warns(qhh.QhhWarning, match="no place for `sources`"):
        qhh.sonata.write_network(net, tmp_path / "circuit")
    config = libsonata.CircuitConfig.from_file(tmp_path / "circuit" / "circuit_config.json")
    assert config.node_populations == {net.name}
    assert config.node_population(net.name).size == net.n_neurons == 1000
    for name, own in net.connections().items():
        edges = config.edge_population(name)
        assert (edges.source, edges.target, edges.size) == (net.name, net.name, len(own["from"]))
        every = edges.select_all()
        np.testing.assert_array_equal(edges.source_nodes(every), own["from"])
        np.testing.assert_array_equal(edges.target_nodes(every), own["to"])
        for value in ("delay", "transmission", "weight", "gain"):
            np.testing.assert_array_equal(edges.get_attribute(value, every), own[value])
    types = (tmp_path / "circuit" / "node_types.csv").read_text().splitlines()[1:]
    for row in types:
        _, population, _, template, parameters = row.split()
        values = json.loads((tmp_path / "circuit" / "components" / parameters).read_text())
        assert values == net.to_dict()["neurons"][population] and template == f"qhh:{values['circuit']}"
    with pytest.raises(qhh.InputError, match="exists"):
        qhh.sonata.write_network(net, tmp_path / "circuit")
    with pytest.warns(qhh.QhhWarning):
        assert net.export("sonata", tmp_path / "circuit", force=True) is None
    with pytest.raises(qhh.InputError, match="folder"):
        net.export("sonata")
    with pytest.raises(ValueError, match="raw units"):
        qhh.sonata.write_network(qhh.Network.load(NETWORKS / "fock_source.yaml"), tmp_path / "raw")


def test_sonata_edges_are_a_pattern(tmp_path: Path) -> None:
    import qhh.sonata

    net = qhh.Network.load(NETWORKS / "random_1k.yaml")
    with pytest.warns(qhh.QhhWarning):
        qhh.sonata.write_network(net, tmp_path / "circuit")
    (name, own), *_ = net.connections().items()
    with pytest.warns(qhh.QhhWarning, match="not taken are gain"):
        n_edges = qhh.sonata.edges_to_csv(tmp_path / "circuit" / "edges.h5", tmp_path / "pairs.csv", population=name)
    assert n_edges == len(own["from"])
    document = net.to_dict()
    entry = {key: document["waveguides"][name][key] for key in ("from", "to")}
    document["waveguides"] = {name: entry | {"pattern": {"file": {"path": "pairs.csv"}}}}
    again = qhh.Network.from_dict(document, folder=tmp_path).connections()[name]
    for column in ("from", "to", "delay", "transmission", "weight"):
        np.testing.assert_array_equal(again[column], own[column])
    document["waveguides"][name]["pattern"] = {"file": {"path": "circuit/edges.h5", "population": name}}
    itself = qhh.Network.from_dict(document, folder=tmp_path)
    assert "not taken: gain" in itself.warnings[0]
    for column in ("from", "to", "delay", "transmission", "weight"):
        np.testing.assert_array_equal(itself.connections()[name][column], own[column])


def test_attributes_of_groups_and_types_are_those_of_their_edges(tmp_path: Path) -> None:
    """A file as other programs write it: two groups of attributes, the rest in a table of types."""
    h5py = needed("h5py")
    import qhh.sonata

    edges = tmp_path / "edges.h5"
    shutil.copy(NETWORKS.parent / "tests" / "data" / "sonata" / "groups.h5", edges)
    (tmp_path / "types.csv").write_text("edge_type_id weight\n7 0.5\n8 -1\n")
    arguments = {"population": "one", "edge_types": tmp_path / "types.csv"}
    with pytest.warns(qhh.QhhWarning, match="not taken are syn_weight"):
        assert qhh.sonata.edges_to_csv(edges, tmp_path / "si.csv", units="si", **arguments) == 4
    rows = (tmp_path / "si.csv").read_text().splitlines()
    assert rows[0] == "from,to,delay,weight"
    found = np.array([[float(cell) for cell in row.split(",")] for row in rows[1:]])
    np.testing.assert_allclose(found, [[3, 0, 3e-3, 0.5], [1, 2, 1.5e-3, -1], [2, 3, 2.5e-3, -1], [0, 1, 4e-3, 0.5]], rtol=1e-15)
    with pytest.raises(ValueError, match="`one`, `other`"):
        qhh.sonata.edges_to_csv(edges, tmp_path / "pairs.csv")
    with h5py.File(edges, "a") as file:
        del file["edges/one/1/delay"], file["edges/other"]
    with pytest.raises(ValueError, match="no `delay` for 2 of 4 edges"):
        qhh.sonata.edges_to_csv(edges, tmp_path / "pairs.csv")


@pytest.mark.parametrize("version", ["earliest", ("v108", "v108"), ("v110", "v110"), "latest"])
@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"chunks": (512,), "compression": "gzip", "shuffle": True, "fletcher32": True},
        {"chunks": (7,), "maxshape": (None,)},
        {"chunks": (2,), "compression": "gzip"},
    ],
)
def test_edges_are_read_however_h5py_lays_them_out(tmp_path: Path, version: object, layout: dict[str, object]) -> None:
    h5py = needed("h5py")
    import qhh.sonata

    number = np.arange(5000)
    columns = [7 * number % 1000, 13 * number % 1000, 1 + number % 17 / 8, -1.5 * number]
    with h5py.File(tmp_path / "edges.h5", "w", libver=version) as file:
        edges = file.create_group("edges/web")
        for name, column, kind in zip(
            ("source_node_id", "target_node_id", "0/delay", "0/weight"), columns, ("<u8", ">i4", "<f4", ">f8"), strict=True
        ):
            edges.create_dataset(name, data=column.astype(kind), **layout)
    assert qhh.sonata.edges_to_csv(tmp_path / "edges.h5", tmp_path / "pairs.csv") == 5000
    found = np.loadtxt(tmp_path / "pairs.csv", delimiter=",", skiprows=1)
    np.testing.assert_array_equal(found, np.column_stack(columns))


def test_spikes_are_sonata_spikes(tmp_path: Path) -> None:
    libsonata = needed("libsonata")
    import qhh.sonata

    result = qhh.Network.load(NETWORKS / "chain.yaml").run()
    qhh.sonata.write_spikes(result, tmp_path / "spikes.h5")
    spikes = libsonata.SpikeReader(str(tmp_path / "spikes.h5"))["chain"]
    assert spikes.sorting == "by_time"
    found = spikes.get_dict()
    np.testing.assert_array_equal(found["node_ids"], result.spikes["neuron"])
    np.testing.assert_array_equal(found["timestamps"], result.spikes["time"])
    assert len(found["timestamps"]) > 0
