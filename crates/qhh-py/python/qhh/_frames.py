"""Tables and results as pandas frames and xarray datasets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ._qhh import Result


def to_pandas(table: dict[str, Any]) -> pd.DataFrame:
    """A frame of a table's columns."""
    import pandas as pd

    return pd.DataFrame(table)


def to_xarray(result: Result) -> xr.Dataset:
    """Traces with the dimensions neuron and time, variances with line, neuron and time, spikes with spike."""
    import xarray as xr

    time = ("time", np.array(result.time), {"units": result.unit("time")})
    neurons: list[str] = []
    for quantity in result.quantities:
        neurons.extend(name for name in result.neurons(quantity) if name not in neurons)
    data: dict[str, Any] = {}
    for quantity in result.quantities:
        rows, own = result[quantity], result.neurons(quantity)
        if own != neurons:
            # Neurons without this quantity have no numbers.
            whole = np.full((len(neurons), rows.shape[1]), np.nan)
            whole[[neurons.index(name) for name in own]] = rows
            rows = whole
        data[quantity.replace(".", "_")] = (("neuron", "time"), rows, {"units": result.unit(quantity), "quantity": quantity})
    coordinates: dict[str, Any] = {"time": time, "neuron": ("neuron", np.array(neurons, dtype=str))}
    variance = {line: values for line, values in result.variance.items() if line != "total"}
    if variance:
        coordinates["line"] = ("line", np.array(list(variance), dtype=str))
        coordinates["variance_neuron"] = ("variance_neuron", np.array(result.variance_neurons, dtype=str))
        squared = f"{result.unit('voltage')}²" if result.unit("voltage") else ""
        data["variance_by_line"] = (
            ("line", "variance_neuron", "time"),
            np.stack(list(variance.values())),
            {"units": squared},
        )
    spikes = result.spikes
    data["spike_time"] = ("spike", spikes["time"], {"units": result.unit("time")})
    data["spike_neuron"] = ("spike", spikes["neuron"])
    data["spike_population"] = ("spike", spikes["population"])
    data["spike_index"] = ("spike", spikes["index"])
    attributes = {
        "name": result.name,
        "network": result.network_yaml,
        "summary": json.dumps(result.summary),
        "populations": json.dumps(result.populations),
    }
    return xr.Dataset(data, coordinates, attributes)


def _axis_values(axis: dict[str, Any], column: list[float]) -> list[Any]:
    words = axis["words"]
    return column if words is None else [words[int(value)] for value in column]


def rows_to_pandas(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A table of equal dicts."""
    import pandas as pd

    return pd.DataFrame(rows)


def sweep_to_pandas(table: dict[str, Any]) -> pd.DataFrame:
    """A row for each run: the varied values by path, then point, repeat, seed, status, error and the measures by name."""
    import pandas as pd

    rows = table["rows"]
    columns: dict[str, Any] = {}
    for place, axis in enumerate(table["axes"]):
        columns[axis["path"]] = _axis_values(axis, [row["coordinates"][place] for row in rows])
    for name, key in (("point", "place"), ("repeat", "repeat"), ("seed", "seed")):
        columns[name] = [row[key] for row in rows]
    columns["status"] = [row["finished"]["status"] for row in rows]
    columns["error"] = [row["finished"]["error"] or None for row in rows]
    for place, measure in enumerate(table["measures"]):
        values = [row["finished"]["values"] for row in rows]
        columns[measure["name"]] = [np.nan if not of or of[place] is None else of[place] for of in values]
    frame = pd.DataFrame(columns)
    frame.attrs["units"] = {of["path"]: of["unit"] for of in table["axes"]} | {
        of["name"]: of["unit"] for of in table["measures"]
    }
    return frame


def sweep_to_xarray(table: dict[str, Any]) -> xr.Dataset:
    """The measures over the grid of varied values; over runs of a design that is no full grid."""
    import xarray as xr

    frame = sweep_to_pandas(table)
    axes = [axis["path"] for axis in table["axes"]]
    measures = [measure["name"] for measure in table["measures"]]
    units = frame.attrs["units"]
    dimensions = axes + (["repeat"] if frame["repeat"].nunique() > 1 else [])
    sizes = [list(dict.fromkeys(frame[name])) for name in dimensions]
    whole = int(np.prod([len(size) for size in sizes])) == len(frame) and not frame.duplicated(dimensions).any()
    data: dict[str, Any] = {}
    coordinates: dict[str, Any]
    if whole and dimensions:
        places = tuple(frame[name].map({value: k for k, value in enumerate(size)}) for name, size in zip(dimensions, sizes))
        for measure in measures:
            values = np.full([len(size) for size in sizes], np.nan)
            values[places] = frame[measure].astype(float)
            data[measure] = (dimensions, values, {"units": units[measure]})
        coordinates = {
            name: (name, np.array(size), {"units": units.get(name, "")}) for name, size in zip(dimensions, sizes)
        }
    else:
        for measure in measures:
            data[measure] = ("run", frame[measure].astype(float), {"units": units[measure]})
        coordinates = {name: ("run", frame[name], {"units": units.get(name, "")}) for name in (*axes, "repeat", "seed")}
    return xr.Dataset(data, coordinates)
