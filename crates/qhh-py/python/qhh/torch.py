"""Networks as functions that PyTorch differentiates.

>>> import torch, qhh, qhh.torch
>>> net = qhh.Network.from_yaml('''
... name: leak
... simulation: {duration: 1 ms, step: 0.1 ms}
... neurons:
...   cell:
...     circuit: single-channel
...     membrane: {capacitance: 1 uF}
...     channels: {potassium: {conductance: 1 mS}}
...     initial: {voltage: 10 mV}
... ''')
>>> run = qhh.torch.simulate(net, ["neurons.cell.membrane.capacitance"], ["cell"])
>>> capacitance = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
>>> voltages = run(capacitance)
>>> voltages.shape
torch.Size([1, 11])
>>> voltages[0, -1].backward()
>>> bool(capacitance.grad[0] > 0)
True
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._differentiable import Simulation
from ._qhh import Network

__all__ = ["simulate"]


def simulate(net: Network, paths: Sequence[str], neurons: Sequence[str], *, threads: int = 0) -> Callable[[Any], Any]:
    """A function from a tensor of the numbers at `paths` of the network's file, shape [path], each in the unit it has there,
    to the mean voltages of `neurons`, shape [neuron, 1 + steps] (`Recording.neurons` has their order), in the type and on
    the device of the numbers.

    PyTorch differentiates it in reverse mode, once: one more run forwards and one backwards, whatever the number of paths.
    Runs are computed in 64 bits; numbers of fewer bits are rounded before and after.
    """
    torch: Any = importlib.import_module("torch")
    once_differentiable: Any = importlib.import_module("torch.autograd.function").once_differentiable
    simulation = Simulation(net, paths, neurons, threads)

    def numbers(tensor: Any) -> NDArray[np.float64]:
        values: NDArray[np.float64] = tensor.detach().to("cpu", torch.float64).contiguous().numpy()
        return values

    class Run(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, values: Any) -> Any:
            ctx.save_for_backward(values)
            return torch.from_numpy(simulation.voltages(numbers(values))).to(values)

        @staticmethod
        @once_differentiable  # type: ignore[untyped-decorator]
        def backward(ctx: Any, slopes: Any) -> Any:
            (values,) = ctx.saved_tensors
            return torch.from_numpy(simulation.gradient(numbers(values), numbers(slopes))).to(values)

    def run(values: Any) -> Any:
        if tuple(values.shape) != (len(paths),):
            raise ValueError(f"values have the shape {tuple(values.shape)}, not that of the paths, {(len(paths),)}")
        return Run.apply(values)

    return run
