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
    compare,
    fit_schema,
    network_schema,
    resume,
    task_schema,
    verify,
)
from ._states import State

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
