"""Pictures of results with Matplotlib, in the colours that the pages have.

Every function draws into ``axes``, those of the moment by default, and returns them.

>>> import matplotlib; matplotlib.use("Agg")
>>> import qhh, qhh.plot
>>> from qhh.sklearn import pool
>>> axes = qhh.plot.traces(pool(5).set("simulation.duration", "20 ms").run())
>>> axes.get_xlabel()
'time in ms'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._qhh import Result, SweepResult
from ._states import State

__all__ = ["COLORS", "PALETTE", "color", "loop", "noise", "raster", "space_time", "sweep", "traces", "wigner"]

PALETTE = ("#0072b2", "#d55e00", "#008f68", "#b85c95", "#a37100", "#2f8cc6", "#6b6f1d", "#6f5aa8")
"""Eight colours safe for the colour-blind."""

COLORS = {
    "potassium": "#0072b2",
    "sodium": "#d55e00",
    "chloride": "#008f68",
    "output": "#b85c95",
    "input": "#a37100",
    "source": "#2f8cc6",
    "sense": "#6b6f1d",
    "idler": "#6f5aa8",
    "other neurons": "#8a9097",
}
"""Colours by meaning: of channels, ports, sources and sense lines."""

_MOST_NAMES = 12


def color(name: str, place: int = 0) -> str:
    """Colour of a channel or line by what it means; of any other that of its `place`."""
    return COLORS.get(name, PALETTE[place % len(PALETTE)])


def _axes(axes: Axes | None) -> Axes:
    return plt.gca() if axes is None else axes


def _legend(axes: Axes) -> None:
    """A legend beside the axes, for which the figure makes room unless it has a layout of its own."""
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure = axes.get_figure()
    if isinstance(figure, Figure) and figure.get_layout_engine() is None:
        figure.set_layout_engine("constrained")


def _labelled(quantity: str, unit: str) -> str:
    return f"{quantity} in {unit}" if unit else quantity


def _chosen(result: Result, quantity: str, neurons: Sequence[str] | None) -> tuple[list[str], Any]:
    own = result.neurons(quantity)
    chosen = own if neurons is None else list(neurons)
    missing = [name for name in chosen if name not in own]
    if missing:
        raise ValueError(f"{quantity} of {', '.join(missing)} was not recorded: it was of {', '.join(own[:9])}")
    return chosen, np.array(result[quantity])[[own.index(name) for name in chosen]]


def traces(
    result: Result, quantity: str = "voltage", neurons: Sequence[str] | None = None, *, axes: Axes | None = None
) -> Axes:
    """A recorded quantity over time, a line for each neuron, named where there are few."""
    axes = _axes(axes)
    chosen, rows = _chosen(result, quantity, neurons)
    for place, (name, row) in enumerate(zip(chosen, rows)):
        style = ("-", "--", ":", "-.")[place // len(PALETTE) % 4]
        axes.plot(result.time, row, style, color=PALETTE[place % len(PALETTE)], label=name, linewidth=1.2)
    if 1 < len(chosen) <= _MOST_NAMES:
        _legend(axes)
    axes.set_xlabel(_labelled("time", result.unit("time")))
    axes.set_ylabel(_labelled(quantity, result.unit(quantity)))
    axes.margins(x=0)
    return axes


def space_time(result: Result, quantity: str = "voltage", *, axes: Axes | None = None, cmap: str = "viridis") -> Axes:
    """A recorded quantity as a map: time to the right, neurons upwards in their order."""
    axes = _axes(axes)
    chosen, rows = _chosen(result, quantity, None)
    # Cells are centred on their sample and neuron.
    half = 0.5 * (result.time[1] - result.time[0]) if len(result.time) > 1 else 0.5
    extent = (result.time[0] - half, result.time[-1] + half, -0.5, len(chosen) - 0.5)
    image = axes.imshow(rows, origin="lower", aspect="auto", interpolation="nearest", extent=extent, cmap=cmap)
    axes.figure.colorbar(image, ax=axes, label=_labelled(quantity, result.unit(quantity)))
    if len(chosen) <= _MOST_NAMES:
        axes.set_yticks(range(len(chosen)), chosen)
    else:
        axes.set_ylabel("neuron")
    axes.set_xlabel(_labelled("time", result.unit("time")))
    return axes


def raster(result: Result, *, axes: Axes | None = None) -> Axes:
    """Spikes: a mark at each, neurons upwards in their order, a colour for each population."""
    axes = _axes(axes)
    spikes = result.spikes
    populations = result.populations
    for place, name in enumerate(populations):
        own = spikes[spikes["population"] == place]
        axes.plot(
            own["time"], own["neuron"], "|", color=PALETTE[place % len(PALETTE)], label=name, markersize=6, clip_on=False
        )
    if len(populations) > 1:
        _legend(axes)
    if len(result.time):
        axes.set_xlim(result.time[0], result.time[-1])
    axes.set_xlabel(_labelled("time", result.unit("time")))
    axes.set_ylabel("neuron")
    return axes


def noise(result: Result, neuron: str | None = None, *, axes: Axes | None = None) -> Axes:
    """Variance of a neuron's voltage over time, stacked by the line it comes from."""
    axes = _axes(axes)
    names = result.variance_neurons
    if not names:
        raise ValueError("the run has no variance by line: record it with `fluctuations: heisenberg` or `adiabatic`")
    neuron = names[0] if neuron is None else neuron
    if neuron not in names:
        raise ValueError(f"the variance of {neuron} was not recorded: it was of {', '.join(names[:9])}")
    place = names.index(neuron)
    lines = [line for line in result.variance if line != "total"]
    rows = [result.variance[line][place] for line in lines]
    shown = [(line, row) for line, row in zip(lines, rows) if np.any(row != 0)]
    axes.stackplot(
        result.time,
        [row for _, row in shown],
        labels=[line for line, _ in shown],
        colors=[color(line, k) for k, (line, _) in enumerate(shown)],
        linewidth=0,
    )
    _legend(axes)
    unit = result.unit("voltage")
    axes.set_xlabel(_labelled("time", result.unit("time")))
    axes.set_ylabel(_labelled(f"variance of {neuron}", f"{unit}²" if unit else ""))
    axes.margins(x=0)
    axes.set_ylim(bottom=0)
    return axes


def loop(result: Result, channel: str, neuron: str | None = None, *, axes: Axes | None = None) -> Axes:
    """Current of a channel against the voltage: the memristor's loop. Takes the recorded quantity `i_NAME`."""
    axes = _axes(axes)
    quantity = {"potassium": "i_K", "sodium": "i_Na", "chloride": "i_Cl"}.get(channel, f"i_{channel}")
    if quantity not in result.quantities:
        raise ValueError(f"the current {quantity} was not recorded: add it to `record: {{quantities: [..]}}`")
    neuron = result.neurons(quantity)[0] if neuron is None else neuron
    voltage, current = result[f"{neuron}.voltage"], result[f"{neuron}.{quantity}"]
    axes.plot(voltage, current, color=color(channel), linewidth=1.2)
    axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    axes.set_xlabel(_labelled(f"voltage of {neuron}", result.unit("voltage")))
    axes.set_ylabel(_labelled(f"{channel} current", result.unit(quantity)))
    return axes


def wigner(state: State, *, axes: Axes | None = None, extent: float | None = None, points: int = 121) -> Axes:
    """Wigner function of the state of a mode; zero is white, and what is negative blue.

    Gaussian states are drawn from closed form, `extent` either way of their mean (four deviations by default), others on
    the grid that the run computed.
    """
    axes = _axes(axes)
    if state.is_gaussian:
        reach = 4 * float(np.sqrt(np.linalg.eigvalsh(state.covariance)[-1])) if extent is None else extent
        mean_x, mean_p = state.quadratures
        x, p = mean_x + np.linspace(-reach, reach, points), mean_p + np.linspace(-reach, reach, points)
        values = state.wigner(x, p)
    else:
        x, p, values = state.wigner_grid
    most = float(np.abs(values).max())
    image = axes.pcolormesh(x, p, values.T, cmap="RdBu_r", vmin=-most, vmax=most, shading="nearest")
    axes.figure.colorbar(image, ax=axes, label="W(x, p)")
    if not state.is_gaussian:
        # What matters, in a square.
        filled = np.abs(values) > 1e-3 * most
        reach = max(float(np.abs(x[filled.any(axis=1)]).max()), float(np.abs(p[filled.any(axis=0)]).max()))
        axes.set_xlim(-reach, reach)
        axes.set_ylim(-reach, reach)
    axes.set_aspect("equal")
    axes.set_xlabel("x")
    axes.set_ylabel("p")
    axes.set_title(state.name)
    return axes


def sweep(result: SweepResult, measure: str | None = None, *, axes: Axes | None = None, cmap: str = "viridis") -> Axes:
    """A measure over one varied value as a curve, over two as a map; means over repeats."""
    axes = _axes(axes)
    frame = result.to_pandas()
    units = frame.attrs["units"]
    table = result.to_dict()
    measures = [of["name"] for of in table["measures"]]
    measure = measures[0] if measure is None else measure
    if measure not in measures:
        raise ValueError(f"the sweep has no measure {measure}: it has {', '.join(measures)}")
    varied = [axis["path"] for axis in table["axes"]]
    label = _labelled(measure, units.get(measure, ""))
    if len(varied) == 1:
        groups = frame.groupby(varied[0], sort=True)[measure]
        mean = groups.mean()
        error = groups.sem().to_numpy() if groups.count().max() > 1 else None
        axes.errorbar(mean.index.to_numpy(), mean.to_numpy(), error, fmt="o-", color=PALETTE[0], markersize=3.5, linewidth=1.2, capsize=2)
        if table["axes"][0].get("logarithmic"):
            axes.set_xscale("log")
        axes.set_xlabel(_labelled(varied[0], units.get(varied[0], "")))
        axes.set_ylabel(label)
        return axes
    if len(varied) != 2:
        raise ValueError(f"a sweep over {len(varied)} values has no picture: select from `to_xarray()` and draw that")
    grid = frame.pivot_table(index=varied[1], columns=varied[0], values=measure, dropna=False)
    image = axes.pcolormesh(grid.columns, grid.index, grid.to_numpy(), cmap=cmap, shading="nearest")
    axes.figure.colorbar(image, ax=axes, label=label)
    axes.set_xlabel(_labelled(varied[0], units.get(varied[0], "")))
    axes.set_ylabel(_labelled(varied[1], units.get(varied[1], "")))
    return axes
