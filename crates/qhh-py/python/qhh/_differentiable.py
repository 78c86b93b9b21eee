"""Runs of the mean field as functions of numbers in a network's file, with their derivatives: what JAX and PyTorch wrap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ._qhh import Network, Recording


class Simulation:
    """A network as a function from the numbers at `paths`, shape [path], to the mean voltages of `neurons`, shape
    [neuron, 1 + steps]. The run that was made last is kept, so that going backwards need not make it again."""

    def __init__(self, net: Network, paths: Sequence[str], neurons: Sequence[str], threads: int) -> None:
        own = {number["path"]: number["value"] for number in net.numbers}
        for path in paths:
            if not isinstance(own.get(path), float | int):
                raise ValueError(f"there is no number at {path!r} in the file of {net.name}")
        self._net, self._paths, self._neurons, self._threads = net, list(paths), list(neurons), threads
        self._last: tuple[bytes, Recording] | None = None
        self.own_values = np.array([own[path] for path in paths], dtype=np.float64)
        """The numbers in the file, shape [path]."""

    def _recording(self, values: NDArray[np.float64]) -> Recording:
        key = values.tobytes()
        if self._last is None or self._last[0] != key:
            net = self._net.set_numbers(dict(zip(self._paths, values.tolist(), strict=True)))
            self._last = key, net.record(*self._neurons, threads=self._threads)
        return self._last[1]

    def voltages(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The voltages."""
        return self._recording(values).voltages

    def gradient(self, values: NDArray[np.float64], slopes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Derivatives by `values` of a number whose derivatives by the voltages are `slopes`."""
        return self._recording(values).gradient(np.ascontiguousarray(slopes), self._paths)
