"""Files of edges as h5py writes them, in every way to lay out a list: `python edges.py` here, with h5py."""

import h5py
import numpy as np

LAYOUTS = {
    # Name: version of the format, number of edges, how lists are laid out.
    "contiguous": ("earliest", 40, {}),
    "tree": ("earliest", 40, {"chunks": (8,), "compression": "gzip", "shuffle": True, "fletcher32": True}),
    "single": ("latest", 40, {"chunks": (40,), "compression": "gzip"}),
    "pages": (("v110", "v110"), 1100, {"chunks": (1,)}),
    "growing": ("latest", 300, {"chunks": (1,), "maxshape": (None,)}),
    "packed": (("v112", "v112"), 300, {"chunks": (16,), "maxshape": (None,), "compression": "gzip"}),
}


def ends(n_edges):
    number = np.arange(n_edges)
    return 7 * number % 12, (7 * number + 1 + number % 5) % 12


def values(n_edges):
    number = np.arange(n_edges)
    return 1 + number % 16 / 8, np.where(number % 3 == 0, -0.5, 1)


for name, (version, n_edges, layout) in LAYOUTS.items():
    with h5py.File(f"{name}.h5", "w", libver=version) as file:
        edges = file.create_group("edges/web")
        source, target = ends(n_edges)
        delay, weight = values(n_edges)
        edges.create_dataset("source_node_id", data=source.astype(">u2"), **layout).attrs["node_population"] = "cells"
        edges.create_dataset("target_node_id", data=target.astype("<i8"), **layout).attrs["node_population"] = "cells"
        edges.create_dataset("0/delay", data=delay.astype("<f4"), **layout)
        edges.create_dataset("0/weight", data=weight.astype(">f8"), **layout)

with h5py.File("many.h5", "w", libver="latest") as file:
    for number in range(40):
        edges = file.create_group(f"edges/population_number_{number}")
        edges["source_node_id"], edges["target_node_id"] = [number % 12], [(number + 1) % 12]

# Two groups of attributes, the rest in a table of types.
with h5py.File("groups.h5", "w") as file:
    for population in ("one", "other"):
        edges = file.create_group(f"edges/{population}")
        edges["source_node_id"], edges["target_node_id"] = [3, 1, 2, 0], [0, 2, 3, 1]
        edges["edge_type_id"] = [7, 8, 8, 7]
        edges["edge_group_id"], edges["edge_group_index"] = [1, 0, 0, 1], [1, 0, 1, 0]
        edges["0/delay"], edges["1/delay"] = [1.5, 2.5], [4.0, 3.0]
        edges["0/syn_weight"] = [0.1, 0.2]

# A population for each mistake.
with h5py.File("mistakes.h5", "w") as file:

    def population(name, source=(0, 1), target=(1, 2), **attributes):
        edges = file.create_group(f"edges/{name}")
        edges["source_node_id"], edges["target_node_id"] = np.array(source), np.array(target)
        for key, column in attributes.items():
            edges[f"0/{key}"] = column
        return edges

    population("beyond", target=(1, 12), delay=[1.0, 1.0])
    population("below_zero", source=(0, -1), delay=[1.0, 1.0])
    population("negative_delay", delay=[1.0, -1.0])
    population("no_number", delay=[1.0, 1.0], weight=[1.0, np.nan])
    population("itself", target=(1, 1), delay=[1.0, 1.0])
    population("unequal", target=(1, 2, 3), delay=[1.0, 1.0])
    population("no_delay")
    population("as_floats", source=(0.0, 1.0))
    population("as_table", source=((0, 1), (1, 2)))
    edges = population("partly")
    edges["edge_group_id"], edges["edge_group_index"], edges["0/delay"] = [0, 1], [0, 0], [1.0]
    edges = population("not_in_group")
    edges["edge_group_id"], edges["edge_group_index"], edges["0/delay"] = [0, 0], [0, 1], [1.0]
    edges = file.create_group("edges/lzf")
    edges.create_dataset("source_node_id", data=np.arange(100) % 12, compression="lzf")
    edges["target_node_id"] = (np.arange(100) + 1) % 12
    file["edges/no_targets/source_node_id"] = [0, 1]
