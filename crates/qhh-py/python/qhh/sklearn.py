"""A network as a transformer of scikit-learn: inputs in, features out, a readout of your choice behind it.

>>> import numpy as np
>>> from qhh.sklearn import Reservoir
>>> from sklearn.linear_model import Ridge
>>> from sklearn.pipeline import make_pipeline
>>> inputs = np.linspace(0, 1, 30).reshape(-1, 1)
>>> model = make_pipeline(Reservoir(kind="series"), Ridge()).fit(inputs, inputs[:, 0] ** 2)
>>> model.predict(inputs).shape
(30,)
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ._qhh import Network, respond
from ._values import dumps

__all__ = ["Reservoir", "pool"]

_OVER = ("all", "last", "mean")
_KINDS = ("rows", "series")

_POOL = """
name: pool
simulation: {duration: 1 ms, step: 0.05 ms}
neurons:
  cell:
    membrane: {capacitance: {uniform: [0.5 uF, 3 uF]}}
    channels:
      potassium: {conductance: {uniform: [10 mS, 50 mS]}, reversal: -77 mV}
      sodium: {conductance: 40 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
sources:
  input: {into: cell, current: {shape: constant, amplitude: {uniform: [-5 uA, 5 uA]}}}
waveguides:
  web: {from: cell, to: cell, pattern: {fixed-fan-in: {k: 4}}, delay: {uniform: [1 ms, 10 ms]}}
"""


def pool(count: int = 16) -> Network:
    """A pool of `count` unlike neurons below their threshold, joined at random: the network of :class:`Reservoir` by default.

    Each neuron listens to four others, 1 to 10 ms away, and gets the inputs through random weights of up to 5 uA. There
    are at least 5 neurons.
    """
    return Network.from_yaml(_POOL, {"neurons.cell.count": count})


class Reservoir(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Features of a network that inputs drive.

    Inputs are brought to 0..1 by their range in ``fit`` and change what sources do; recorded quantities are the features.
    Nothing within the network is trained.

    Parameters
    ----------
    network : Network, path or None
        The network, or its file; :func:`pool` by default.
    set : dict or None
        Paths of the network file and values put in place of its own, so that a grid search can vary them.
    encode : list of dict, or None
        How inputs enter, as in a task file: ``[{"source": "input", "as": "amplitude"}]``. By default all inputs become
        the amplitudes of all currents.
    features : list
        What is read, as in a task file: ``"voltage"``, ``"variance"``, ``{"quantity": "voltage", "of": "cell[0..9]"}``.
    symbol : str
        Time that each input is held, a whole number of the network's steps.
    virtual_nodes : int
        Times at which a symbol is read, evenly apart, the last at its end.
    kind : {"rows", "series"}
        ``"rows"``: every row is an example, and the network starts anew for each. ``"series"``: rows are successive
        symbols of one series, and the network remembers; every transform starts the network anew.
    warmup : int
        Symbols for which the first row of a series is held before it begins, so that what is read does not show the
        network's start.
    n_symbols : int
        Symbols that a row makes, its columns told one after the other; they must divide the columns. 1 for a series.
    over : {"all", "last", "mean"}
        What becomes of the symbols of a row.
    random_state : int, RandomState or None
        Seed of random weights and of what the network draws.
    threads : int
        Threads of a transform, 0 for one a core; features do not depend on it.

    Attributes
    ----------
    network_ : Network
        The network that is driven.
    low_, high_ : ndarray of shape (n_features_in_,)
        Range of each column in ``fit``; what lies beyond goes on along the same line.
    n_features_in_ : int
        Columns.
    """

    def __init__(
        self,
        network: Network | str | os.PathLike[str] | None = None,
        *,
        set: Mapping[str, Any] | None = None,
        encode: Sequence[Mapping[str, Any]] | None = None,
        features: Sequence[str | Mapping[str, Any]] = ("voltage",),
        symbol: str = "1 ms",
        virtual_nodes: int = 1,
        kind: str = "rows",
        warmup: int = 100,
        n_symbols: int = 1,
        over: str = "all",
        random_state: int | np.random.RandomState | None = 0,
        threads: int = 0,
    ) -> None:
        self.network = network
        self.set = set
        self.encode = encode
        self.features = features
        self.symbol = symbol
        self.virtual_nodes = virtual_nodes
        self.kind = kind
        self.warmup = warmup
        self.n_symbols = n_symbols
        self.over = over
        self.random_state = random_state
        self.threads = threads

    def fit(self, X: ArrayLike, y: object = None) -> Reservoir:
        """Learns the range of each column of `X`, shape (n_samples, n_features), and tries its first row."""
        if self.kind not in _KINDS:
            raise ValueError(f"kind must be one of {_KINDS}, not {self.kind!r}")
        if self.over not in _OVER:
            raise ValueError(f"over must be one of {_OVER}, not {self.over!r}")
        rows = validate_data(self, X, dtype=np.float64)
        if self.n_symbols < 1 or rows.shape[1] % self.n_symbols:
            raise ValueError(f"{rows.shape[1]} columns do not make {self.n_symbols} symbols of equally many inputs")
        if self.kind == "series" and self.n_symbols != 1:
            raise ValueError("a row of a series is one symbol: n_symbols must be 1")
        if self.warmup < 0:
            raise ValueError(f"warmup must not be below 0, and is {self.warmup}")
        network = self.network
        if network is None:
            network = pool()
        elif not isinstance(network, Network):
            network = Network.load(network)
        self.network_ = network.set(dict(self.set)) if self.set else network
        self.seed_ = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        self.low_, self.high_ = rows.min(axis=0), rows.max(axis=0)
        self._names, _ = self._respond(rows[:1])
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Features of the rows of `X`, shape (n_samples, n_features_out)."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        return self._respond(rows)[1]

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Names of the features: neuron, quantity, virtual node, and symbol where there are several."""
        check_is_fitted(self)
        return np.array(self._names, dtype=object)

    def _settings(self) -> str:
        encode = self.encode
        if encode is None:
            sources = self.network_.to_dict().get("sources", {})
            currents = [name for name, source in sources.items() if "current" in source]
            encode = [{"source": currents, "as": "amplitude"}]
        entries = {"encode": list(encode), "features": list(self.features), "symbol": self.symbol}
        return dumps(entries | {"virtual_nodes": self.virtual_nodes})

    def _respond(self, rows: NDArray[np.float64]) -> tuple[list[str], NDArray[np.float64]]:
        n_inputs = rows.shape[1] // self.n_symbols
        # An input has one range over all symbols, as in a task file.
        low = self.low_.reshape(self.n_symbols, n_inputs).min(axis=0)
        high = self.high_.reshape(self.n_symbols, n_inputs).max(axis=0)
        inputs = [f"x{k}" for k in range(n_inputs)]
        if self.kind == "series":
            sequences = np.concatenate([np.repeat(rows[:1], self.warmup, axis=0), rows])[np.newaxis]
        else:
            sequences = np.ascontiguousarray(rows.reshape(len(rows), self.n_symbols, n_inputs))
        names, values = respond(
            self.network_, self._settings(), inputs, list(low), list(high), sequences, self.seed_, threads=self.threads
        )
        if self.kind == "series":
            return names, values[self.warmup :]
        if self.n_symbols == 1:
            return names, values
        values = values.reshape(len(rows), self.n_symbols, len(names))
        if self.over == "last":
            return names, values[:, -1]
        if self.over == "mean":
            return names, values.mean(axis=1)
        wide = [f"{name} symbol {symbol}" for symbol in range(self.n_symbols) for name in names]
        return wide, values.reshape(len(rows), -1)
