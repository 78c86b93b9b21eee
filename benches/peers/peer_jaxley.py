"""Value and gradient of a pool of Hodgkin-Huxley cells by Jaxley: one job as JSON in, one line of JSON out."""

import json
import sys
import time

import jax

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platform_name", "cpu")

import jax.numpy as jnp
import jaxley
import numpy
from jaxley.channels import HH

LENGTH, RADIUS = 10.0, 1.0  # um
CM2 = 2 * numpy.pi * LENGTH * RADIUS * 1e-8
# As in qhh, in S/cm2 and mV.
MODEL = {"HH_gNa": 0.12, "HH_gK": 0.036, "HH_gLeak": 0.0003, "HH_eNa": 50.0, "HH_eK": -77.0, "HH_eLeak": -54.387}
TRAINED = ["HH_gNa", "HH_gK", "HH_gLeak"]


def main():
    job = json.loads(sys.argv[1])
    count, step, steps = job["count"], job["step"], job["steps"]
    cell = jaxley.Cell(jaxley.Branch(jaxley.Compartment(), ncomp=1), parents=[-1])
    net = jaxley.Network([cell] * count)
    net.insert(HH())
    net.set("length", LENGTH)
    net.set("radius", RADIUS)
    net.set("capacitance", 1.0)
    net.set("v", -65.0)
    for name, value in MODEL.items():
        net.set(name, value)
    net.init_states()
    amplitudes = numpy.linspace(*job["currents"], count) * 1e-6 * CM2 * 1e9  # uA/cm2 to nA
    currents = jnp.asarray(numpy.repeat(amplitudes[:, None], steps, axis=1))
    stimuli = net.cell("all").branch(0).loc(0.5).data_stimulate(currents)
    net.cell("all").branch(0).loc(0.5).record("v", verbose=False)
    for name in TRAINED:
        net.cell("all").make_trainable(name, verbose=False)
    params = net.get_parameters()
    lengths = job["checkpoints"]

    def mean_voltage(params):
        v = jaxley.integrate(
            net, params=params, data_stimuli=stimuli, delta_t=step, solver=job["solver"], checkpoint_lengths=lengths
        )
        return jnp.mean(v[:, : steps + 1])

    sloped = jax.jit(jax.value_and_grad(mean_voltage))
    value, gradient = jax.block_until_ready(sloped(params))  # compiles
    seconds = []
    for _ in range(job["rounds"]):
        start = time.process_time()
        value, gradient = jax.block_until_ready(sloped(params))
        seconds.append(time.process_time() - start)
    by_sodium = sum(float(jnp.sum(one["HH_gNa"])) for one in gradient if "HH_gNa" in one)
    print(
        json.dumps(
            {
                "version": jaxley.__version__,
                "cpu_seconds": min(seconds),
                "value": float(value),
                "by_sodium": by_sodium * 1e-3,  # per S/cm2 to per mS/cm2
            }
        )
    )


if __name__ == "__main__":
    main()
