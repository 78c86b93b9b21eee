"""Values to and from the compiled half."""

from __future__ import annotations

import html
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._qhh import Network, Result

_SPIKE = np.dtype([("neuron", np.int64), ("population", np.int32), ("index", np.int64), ("time", np.float64)])


def _plain(value: Any) -> Any:
    """What JSON knows in place of NumPy's arrays and numbers, and of paths."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"a network file cannot hold {type(value).__name__}: {value!r}")


def dumps(value: Any) -> str:
    """JSON of a value; what is not finite is refused."""
    return json.dumps(value, default=_plain, allow_nan=False, ensure_ascii=False)


def spikes(
    neuron: NDArray[np.int64], population: NDArray[np.int64], index: NDArray[np.int64], time: NDArray[np.float64]
) -> NDArray[np.void]:
    """A structured array of spikes."""
    found = np.empty(len(time), dtype=_SPIKE)
    found["neuron"], found["population"], found["index"], found["time"] = neuron, population, index, time
    return found


def columns(data: Any, names: list[str]) -> list[tuple[str, list[str]]]:
    """The named columns of a frame, a dict or an array with `names` as its columns, cells as a file has them."""
    if hasattr(data, "columns"):
        data = {name: data[name] for name in data.columns}
    elif not isinstance(data, Mapping):
        rows = np.asarray(data)
        rows = rows[:, np.newaxis] if rows.ndim == 1 else rows
        if rows.ndim != 2 or rows.shape[1] != len(names):
            raise ValueError(f"an array of shape {rows.shape} has not the columns {', '.join(names)}")
        data = dict(zip(names, rows.T))
    lengths = {str(name): len(cells) for name, cells in data.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns differ in length: {lengths}")
    return [
        (str(name), [cell if isinstance(cell, str) else repr(float(cell)) for cell in cells])
        for name, cells in data.items()
    ]


class Variances(dict[str, NDArray[np.float64]]):
    """Variances by line of noise."""

    def __missing__(self, line: str) -> NDArray[np.float64]:
        if self:
            raise KeyError(f"there is no line {line}: there are {', '.join(self)}")
        raise KeyError(f"there is no line {line}: this run has no variances; add a `quantum` block to its network")


def framed(page: str) -> str:
    """A page in a frame of its own, so that its styles and a notebook's stay apart."""
    return (
        f'<iframe srcdoc="{html.escape(page)}" sandbox="allow-scripts allow-downloads" '
        'style="width: 100%; height: 640px; border: 1px solid #ccc"></iframe>'
    )


def network(text: str, values: list[tuple[str, str]], file: str, allow_outside: bool) -> Network:
    """The network that a pickle holds."""
    return Network._from_source(text, values, file, allow_outside)


def packed(result: Result) -> tuple[Callable[[bytes], Result], tuple[bytes]]:
    """A result as its folder in an archive: what `pickle` keeps."""
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "result")
        result.save(place, report=False)
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1) as files:
            files.add(place, arcname="result")
    return unpacked, (archive.getvalue(),)


def unpacked(archive: bytes) -> Result:
    """The result again."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as files:
            files.extractall(folder, filter="data")
        return Result.open(os.path.join(folder, "result"))
