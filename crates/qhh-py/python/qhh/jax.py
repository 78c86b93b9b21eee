"""Networks as functions that JAX differentiates.

>>> import jax, qhh, qhh.jax
>>> jax.config.update("jax_enable_x64", True)
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
>>> run = qhh.jax.simulate(net, ["neurons.cell.membrane.capacitance"], ["cell"])
>>> run(jax.numpy.array([1.0])).shape
(1, 11)
>>> bool(jax.grad(lambda values: run(values)[0, -1])(jax.numpy.array([1.0]))[0] > 0)
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
    """A function from the numbers at `paths` of the network's file, shape [path], each in the unit it has there, to the mean
    voltages of `neurons`, shape [neuron, 1 + steps] (`Recording.neurons` has their order).

    JAX differentiates it in reverse mode: one more run forwards and one backwards, whatever the number of paths. It takes
    64-bit numbers: `jax.config.update("jax_enable_x64", True)`.
    """
    jax: Any = importlib.import_module("jax")
    simulation = Simulation(net, paths, neurons, threads)
    shape = simulation.voltages(simulation.own_values).shape

    def forwards(values: Any) -> NDArray[np.float64]:
        return simulation.voltages(np.asarray(values, dtype=np.float64))

    def backwards(values: Any, slopes: Any) -> NDArray[np.float64]:
        return simulation.gradient(np.asarray(values, dtype=np.float64), np.asarray(slopes, dtype=np.float64))

    def wide(size: tuple[int, ...]) -> Any:
        if not jax.config.jax_enable_x64:
            raise ValueError('voltages need 64 bits: jax.config.update("jax_enable_x64", True)')
        return jax.ShapeDtypeStruct(size, np.float64)

    def simulated(values: Any) -> Any:
        return jax.pure_callback(forwards, wide(shape), values, vmap_method="sequential")

    def begin(values: Any) -> tuple[Any, Any]:
        return simulated(values), values

    def end(values: Any, slopes: Any) -> tuple[Any]:
        return (jax.pure_callback(backwards, wide((len(paths),)), values, slopes, vmap_method="sequential"),)

    run: Callable[[Any], Any] = jax.custom_vjp(simulated)
    run.defvjp(begin, end)  # type: ignore[attr-defined]
    return run
