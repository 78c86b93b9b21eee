"""Simulate networks of quantized Hodgkin-Huxley neurons.

>>> import qhh
>>> net = qhh.Network.from_yaml('''
... name: axon
... simulation: {duration: 30 ms}
... neurons:
...   axon:
...     membrane: {capacitance: 1 uF}
...     channels:
...       potassium: {conductance: 36 mS, reversal: -77 mV}
...       sodium: {conductance: 120 mS, reversal: 50 mV}
...       chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
... sources:
...   step: {into: axon, current: {shape: constant, amplitude: 10 uA, start: 5 ms}}
... ''')
>>> result = net.run()
>>> result.voltage.shape, len(result.spikes)
((1, 301), 2)
>>> result.unit("voltage")
'mV'

`Network` is a network that can run, `Result` what a run came to; `sweep` runs it many times, `LearningTask` trains
readouts, `Fit` the network itself. `qhh.sklearn` has a transformer for scikit-learn, `qhh.plot` pictures with Matplotlib.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from ._compare import compare
from ._errors import CheckError, InputError, LoadError, Mistake, QhhError, QhhWarning, RunError
from ._qhh import (
    Fit,
    FitResult,
    LearningResult,
    LearningTask,
    Model,
    Network,
    Prediction,
    Recording,
    Result,
    Sensitivity,
    SweepResult,
    __version__,
    fit_schema,
    network_schema,
    resume,
    task_schema,
    verify,
)
from ._states import State

if TYPE_CHECKING:
    from . import jax, plot, sklearn, sonata, torch

__all__ = [
    "CheckError",
    "Fit",
    "FitResult",
    "InputError",
    "LearningResult",
    "LearningTask",
    "LoadError",
    "Mistake",
    "Model",
    "Network",
    "Prediction",
    "QhhError",
    "QhhWarning",
    "Recording",
    "Result",
    "RunError",
    "Sensitivity",
    "State",
    "SweepResult",
    "__version__",
    "compare",
    "fit_schema",
    "network_schema",
    "resume",
    "task_schema",
    "verify",
]

_ON_DEMAND = ("jax", "plot", "sklearn", "sonata", "torch")


def __getattr__(name: str) -> ModuleType:
    """Loads a part of the package that needs another one, such as Matplotlib, where it is first used."""
    if name in _ON_DEMAND:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ON_DEMAND})
