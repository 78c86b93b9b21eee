"""Results as files of Neurodata Without Borders (NWB 2), through pynwb."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._qhh import __version__

if TYPE_CHECKING:
    import pynwb

    from ._qhh import Result

_SI = {
    "V": ("volts", 1.0),
    "mV": ("volts", 1e-3),
    "V²": ("volts^2", 1.0),
    "mV²": ("volts^2", 1e-6),
    "A": ("amperes", 1.0),
    "uA": ("amperes", 1e-6),
    "S": ("siemens", 1.0),
    "mS": ("siemens", 1e-3),
    "A V": ("watts", 1.0),
    "uA mV": ("watts", 1e-9),
    "": ("n.a.", 1.0),
}
"""Units of samples: the SI unit, and what a number in the file is multiplied by to be in it."""

_SECONDS = {"s": 1.0, "ms": 1e-3}

_HELD = ("traces", "spikes", "variance")
"""Tables of a run whose numbers the file has."""

_SYNTHETIC = "http://purl.obolibrary.org/obo/NCBITaxon_32630"
"""The taxon "synthetic construct": archives demand a species."""


def _samples(result: Result) -> Iterator[tuple[str, str, str, NDArray[np.float64]]]:
    """Name, unit, meaning and values of everything that has samples in time."""
    for quantity in result.quantities:
        for neuron in result.neurons(quantity):
            name = f"{neuron}.{quantity}"
            yield name, result.unit(quantity), f"{quantity} of {neuron}", result[name]
    squared = f"{result.unit('voltage')}²" if result.unit("voltage") else ""
    for line, rows in result.variance.items():
        if line == "total":
            continue
        for neuron, row in zip(result.variance_neurons, rows, strict=True):
            yield f"{neuron}.variance_by_line.{line}", squared, f"part of the line {line} in the variance of {neuron}", row


def _units(result: Result, network: dict[str, Any], seconds: float) -> Any:
    """A row for each neuron, silent ones too."""
    from pynwb.core import VectorData, VectorIndex
    from pynwb.misc import Units

    counts = {name: int(network["neurons"][name].get("count", 1)) for name in result.populations}
    n_neurons = sum(counts.values())
    order = np.argsort(result.spikes["neuron"], kind="stable")
    times = result.spikes["time"][order] * seconds
    ends = np.searchsorted(result.spikes["neuron"][order], np.arange(n_neurons), side="right")
    spike_times = VectorData(name="spike_times", description="times of the spikes of each neuron, in seconds", data=times)
    populations = [name for name, count in counts.items() for _ in range(count)]
    places = [place for count in counts.values() for place in range(count)]
    names = [result.neuron_name(number) for number in range(n_neurons)]
    step, unit = str(network["simulation"]["step"]).split()
    return Units(
        name="units",
        description="neurons of the network",
        resolution=float(step) * _SECONDS[unit],
        columns=[
            spike_times,
            VectorIndex(name="spike_times_index", data=ends, target=spike_times),
            VectorData(name="neuron", description="name of the neuron", data=names),
            VectorData(name="population", description="name of its population", data=populations),
            VectorData(name="place", description="its number within the population", data=places),
        ],
    )


def _missing(result: Result) -> list[str]:
    """What the run has and the file has not."""
    missing = [f"table {name}" for name in result.tables if name not in _HELD]
    if result.states:
        missing.append("states of outgoing modes")
    if not len(result.spikes):
        missing.append("table of units: there are no spikes")
    return missing


def to_nwb(
    result: Result,
    path: str | os.PathLike[str] | None,
    session_start: datetime | None,
    experimenter: str | None,
    institution: str | None,
) -> pynwb.NWBFile:
    """See `Result.to_nwb`."""
    import pynwb
    from pynwb.file import Subject

    if result.unit("time") not in _SECONDS:
        raise ValueError("NWB takes times in seconds, and this network has raw units: give it `units: si` or leave them out")
    seconds = _SECONDS[result.unit("time")]
    network = result.summary["network"]
    missing = _missing(result)
    about = network.get("description") or f"Simulation of the network {result.name}"
    file = pynwb.NWBFile(
        session_description=network.get("caption") or about,
        experiment_description=about,
        identifier=str(uuid.uuid4()),
        session_start_time=session_start or datetime.now(timezone.utc),
        session_id=result.name,
        experimenter=experimenter,
        institution=institution,
        keywords=["simulation", "Hodgkin-Huxley", "memristor"],
        source_script=result.network_yaml,
        source_script_file_name="network.yaml",
        was_generated_by=[("qhh", __version__)],
        notes=f"Not in this file: {', '.join(missing)}." if missing else None,
        subject=Subject(
            subject_id="simulation",
            description="A simulated network: no animal",
            species=_SYNTHETIC,
            age="P0D",
            sex="U",
        ),
    )
    time = np.array(result.time) * seconds
    every = (time[-1] - time[0]) / (len(time) - 1) if len(time) > 1 else 0.0
    even = every > 0 and np.allclose(np.diff(time), every, rtol=1e-6, atol=0.0)
    when: dict[str, Any] = {"starting_time": time[0], "rate": 1.0 / every} if even else {"timestamps": time}
    for name, unit, meaning, values in _samples(result):
        # Other units keep their name.
        si, conversion = _SI.get(unit, (unit, 1.0))
        file.add_acquisition(
            pynwb.TimeSeries(
                name=name, description=meaning, data=np.array(values), unit=si, conversion=conversion, **when
            )
        )
    if len(result.spikes):
        file.units = _units(result, network, seconds)
    if path is not None:
        with pynwb.NWBHDF5IO(os.fspath(path), "w") as io:
            io.write(file)
    return file
