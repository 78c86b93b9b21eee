"""Networks and spikes as SONATA files, and SONATA edges as pairs of a network file.

SONATA (Dai et al., PLoS Comput. Biol. 16, e1007696, 2020) keeps networks as tables in HDF5. Its times are in milliseconds.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ._errors import warn
from ._qhh import sonata_pairs

if TYPE_CHECKING:
    from ._qhh import Network, Result

__all__ = ["edges_to_csv", "write_network", "write_spikes"]


def edges_to_csv(
    edges: str | os.PathLike[str],
    pairs: str | os.PathLike[str],
    *,
    population: str | None = None,
    edge_types: str | os.PathLike[str] | None = None,
    units: str = "hodgkin-huxley",
) -> int:
    """Writes the edges of a SONATA file as a CSV of pairs, to be changed or looked at; returns their number. A network file
    reads the SONATA file itself: `pattern: {file: edges.h5}`.

    Node ids become places in `from` and `to`, so those lists are the node populations in their order. The attributes `delay`
    (in ms there), `transmission` and `weight` are taken, from the edges or from their types in the table `edge_types`;
    `units` are those of the network file, "hodgkin-huxley" or "si". A warning names all other attributes: `syn_weight` is one
    of them, since what a synapse does to a current is no weight of a waveguide.
    """
    n_edges, left = sonata_pairs(edges, pairs, population, edge_types, units)
    if left:
        warn(f"{os.fspath(edges)}: not taken are {', '.join(left)}")
    return n_edges


def write_network(net: Network, folder: str | os.PathLike[str]) -> None:
    """Writes the circuit of a network into a new folder, as `net.export("sonata", folder)` does: `circuit_config.json`, nodes
    and edges with their types, and the values of each population under `components`.

    All neurons are one node population with the network's name, numbered as in the network; each entry of its waveguides is an
    edge population with `delay` in ms, `transmission`, `weight` and `gain`. The model templates are `qhh:` names, which no
    other simulator knows: what others can use is who is joined to whom. Sources, states, modes and quantum settings are no part
    of a SONATA circuit; a warning names those that are there. Raises ValueError of a network in raw units: SONATA takes ms.
    """
    net.export("sonata", folder)


def write_spikes(result: Result, path: str | os.PathLike[str]) -> None:
    """Writes the spikes of a run as a SONATA file of spikes, by time, in ms: the node population has the network's name and
    the numbers of :func:`write_network`. Raises ValueError of a run in raw units."""
    result._write_sonata_spikes(path)
