"""Networks and spikes as SONATA files, and SONATA edges as pairs of a network file. Needs h5py.

SONATA (Dai et al., PLoS Comput. Biol. 16, e1007696, 2020) keeps networks as tables in HDF5. Its times are in milliseconds.
"""

from __future__ import annotations

import csv
import importlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._errors import warn

if TYPE_CHECKING:
    from ._qhh import Network, Result

__all__ = ["edges_to_csv", "write_network", "write_spikes"]

_MAGIC = 0x0A7A
_VERSION = (0, 1)

_VALUES = ("delay", "transmission", "weight")
"""Columns of a file of pairs beside `from` and `to`; attributes of edges of these names are taken."""

_STRUCTURE = ("from", "to", "port", "two_way")
_NO_CIRCUIT = ("sources", "states", "modes", "quantum")
"""Entries of a network file that are no part of a circuit in SONATA's sense."""


def _h5py() -> Any:
    return importlib.import_module("h5py")


def _milliseconds(unit: str, name: str) -> float:
    """How many milliseconds a time of this unit has."""
    found = {"ms": 1.0, "s": 1e3}.get(unit)
    if found is None:
        raise ValueError(f"SONATA takes times in ms, and {name} has raw units")
    return found


def _header(file: Any) -> None:
    file.attrs["magic"] = np.uint32(_MAGIC)
    file.attrs["version"] = np.array(_VERSION, dtype=np.uint32)


def _population(file: Any, kind: str, wanted: str | None) -> tuple[str, Any]:
    """The population of a name, or the only one."""
    names = list(file.get(kind, {}))
    if wanted is None and len(names) == 1:
        (wanted,) = names
    if wanted is None or wanted not in names:
        raise ValueError(f"choose one of the populations of {kind} in {file.filename}: {', '.join(names) or 'there are none'}")
    return wanted, file[kind][wanted]


def _types(path: str | os.PathLike[str] | None) -> dict[int, dict[str, str]]:
    """Rows of a table of edge types, which has spaces between columns, by type."""
    if path is None:
        return {}
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file, delimiter=" ", skipinitialspace=True))
    return {int(row["edge_type_id"]): row for row in rows}


def _attribute(edges: Any, name: str, types: dict[int, dict[str, str]]) -> NDArray[np.float64] | None:
    """An attribute of every edge: of its group, else of its type; None where neither has it."""
    n_edges = len(edges["source_node_id"])
    values = np.full(n_edges, np.nan)
    kinds = np.asarray(edges["edge_type_id"]) if "edge_type_id" in edges else np.zeros(n_edges, dtype=int)
    for kind, row in types.items():
        if row.get(name) not in (None, "", "NULL"):
            values[kinds == kind] = float(row[name])
    for group in (key for key in edges if key.isdecimal()):
        if name not in edges[group]:
            continue
        column = np.asarray(edges[group][name], dtype=float)
        if "edge_group_id" in edges:
            own = np.asarray(edges["edge_group_id"]) == int(group)
            values[own] = column[np.asarray(edges["edge_group_index"])[own]]
        else:
            values[:] = column
    if np.isnan(values).all():
        return None
    if np.isnan(values).any():
        raise ValueError(f"{name} is missing from {int(np.isnan(values).sum())} of {n_edges} edges")
    return values


def edges_to_csv(
    edges: str | os.PathLike[str],
    pairs: str | os.PathLike[str],
    *,
    population: str | None = None,
    edge_types: str | os.PathLike[str] | None = None,
    units: str = "hodgkin-huxley",
) -> int:
    """Writes the edges of a SONATA file as a CSV of pairs for `pattern: {file: {path: pairs.csv}}`; returns their number.

    Node ids become places in `from` and `to`, so those lists are the node populations in their order. The attributes `delay`
    (in ms there), `transmission` and `weight` are taken, from the edges or from their types in the table `edge_types`;
    `units` are those of the network file, "hodgkin-huxley" or "si". A warning names all other attributes: `syn_weight` is one
    of them, since what a synapse does to a current is no weight of a waveguide.
    """
    if units not in ("hodgkin-huxley", "si"):
        raise ValueError(f"the units of a network file with edges are hodgkin-huxley or si, not {units}")
    types = _types(edge_types)
    with _h5py().File(edges, "r") as file:
        name, of = _population(file, "edges", population)
        columns: dict[str, NDArray[Any]] = {
            "from": np.asarray(of["source_node_id"]),
            "to": np.asarray(of["target_node_id"]),
        }
        for key in _VALUES:
            values = _attribute(of, key, types)
            if values is not None:
                columns[key] = values * 1e-3 if key == "delay" and units == "si" else values
        held = {key for group in of if group.isdecimal() for key in of[group]}
        held |= {key for row in types.values() for key in row if key != "edge_type_id"}
    left = sorted(held - set(_VALUES))
    if left:
        warn(f"edges {name}: not taken are {', '.join(left)}")
    with open(pairs, "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))
    return len(columns["from"])


def _write_nodes(folder: Path, name: str, network: dict[str, Any], populations: list[str]) -> None:
    """nodes.h5 with one population, a node type for each of the network's, whose values are in a file of components."""
    counts = [int(network["neurons"][of].get("count", 1)) for of in populations]
    n_neurons = sum(counts)
    with _h5py().File(folder / "nodes.h5", "w") as file:
        _header(file)
        nodes = file.create_group(f"nodes/{name}")
        nodes["node_id"] = np.arange(n_neurons, dtype=np.uint64)
        nodes["node_type_id"] = np.repeat(np.arange(len(counts), dtype=np.uint64), counts)
        nodes["node_group_id"] = np.zeros(n_neurons, dtype=np.uint64)
        nodes["node_group_index"] = np.arange(n_neurons, dtype=np.uint64)
        nodes["0/place"] = np.concatenate([np.arange(count, dtype=np.uint64) for count in counts])
    (folder / "components").mkdir()
    rows = ["node_type_id pop_name model_type model_template dynamics_params"]
    for kind, of in enumerate(populations):
        rows.append(f"{kind} {of} point_neuron qhh:{network['neurons'][of]['circuit']} {of}.json")
        (folder / "components" / f"{of}.json").write_text(json.dumps(network["neurons"][of], indent=2) + "\n")
    (folder / "node_types.csv").write_text("\n".join(rows) + "\n")


def _write_edges(folder: Path, name: str, connections: dict[str, dict[str, Any]], milliseconds: float) -> None:
    """edges.h5 with a population for each entry of the waveguides."""
    rows = ["edge_type_id waveguide port two_way model_template"]
    with _h5py().File(folder / "edges.h5", "w") as file:
        _header(file)
        for kind, (waveguide, columns) in enumerate(connections.items()):
            edges = file.create_group(f"edges/{waveguide}")
            n_edges = len(columns["from"])
            for key, column in (("source", columns["from"]), ("target", columns["to"])):
                ids = edges.create_dataset(f"{key}_node_id", data=np.asarray(column, dtype=np.uint64))
                ids.attrs["node_population"] = name
            edges["edge_type_id"] = np.full(n_edges, kind, dtype=np.uint64)
            edges["edge_group_id"] = np.zeros(n_edges, dtype=np.uint64)
            edges["edge_group_index"] = np.arange(n_edges, dtype=np.uint64)
            for key in columns:
                if key not in _STRUCTURE:
                    edges[f"0/{key}"] = columns[key] * (milliseconds if key == "delay" else 1.0)
            two_way = "true" if columns["two_way"] else "false"
            rows.append(f"{kind} {waveguide} {columns['port'] or 'NULL'} {two_way} qhh:waveguide")
    (folder / "edge_types.csv").write_text("\n".join(rows) + "\n")


def write_network(net: Network, folder: str | os.PathLike[str]) -> None:
    """Writes the circuit of a network into a new folder: `circuit_config.json`, nodes and edges with their types, and the
    values of each population under `components`.

    All neurons are one node population with the network's name, numbered as in the network; each entry of its waveguides is an
    edge population with `delay` in ms, `transmission`, `weight` and `gain`. The model templates are `qhh:` names, which no
    other simulator knows: what others can use is who is joined to whom. Sources, states, modes and quantum settings are no part
    of a SONATA circuit; a warning names those that are there. Raises ValueError of a network in raw units: SONATA takes ms.
    """
    network = net.to_dict()
    units = {"hodgkin-huxley": "ms", "si": "s"}.get(network.get("units", "hodgkin-huxley"), "")
    milliseconds = _milliseconds(units, net.name)
    left = [key for key in _NO_CIRCUIT if network.get(key)]
    if left:
        warn(f"{net.name}: SONATA circuits cannot express {', '.join(left)}")
    # Numbers of neurons are in the order of the file, which a dict of the document may not have.
    populations = list(dict.fromkeys(neuron.rsplit("[", 1)[0] for neuron in net.neurons))
    folder = Path(folder)
    folder.mkdir(parents=True)
    _write_nodes(folder, net.name, network, populations)
    connections = net.connections()
    _write_edges(folder, net.name, connections, milliseconds)
    config = {
        "version": 2,
        "manifest": {"$BASE_DIR": "."},
        "components": {"point_neuron_models_dir": "$BASE_DIR/components"},
        "networks": {
            "nodes": [
                {
                    "nodes_file": "$BASE_DIR/nodes.h5",
                    "node_types_file": "$BASE_DIR/node_types.csv",
                    "populations": {net.name: {"type": "point_neuron"}},
                }
            ],
            "edges": [
                {
                    "edges_file": "$BASE_DIR/edges.h5",
                    "edge_types_file": "$BASE_DIR/edge_types.csv",
                    "populations": {waveguide: {"type": "chemical"} for waveguide in connections},
                }
            ]
            if connections
            else [],
        },
    }
    (folder / "circuit_config.json").write_text(json.dumps(config, indent=2) + "\n")


def write_spikes(result: Result, path: str | os.PathLike[str]) -> None:
    """Writes the spikes of a run as a SONATA file of spikes, by time, in ms: the node population has the network's name and
    the numbers of :func:`write_network`. Raises ValueError of a run in raw units."""
    milliseconds = _milliseconds(result.unit("time"), result.name)
    h5py = _h5py()
    with h5py.File(path, "w") as file:
        _header(file)
        spikes = file.create_group(f"spikes/{result.name}")
        order = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype=np.uint8)
        spikes.attrs.create("sorting", 2, dtype=order)
        spikes["node_ids"] = result.spikes["neuron"].astype(np.uint64)
        times = spikes.create_dataset("timestamps", data=result.spikes["time"] * milliseconds)
        times.attrs["units"] = "ms"
