"""A pool of a published neuron in Brian2, as standalone C++ with the flags of `peer_brian2.py`."""

import json
import subprocess
import sys

import brian2 as b
import numpy as np

import common
from peer_brian2 import FLAGS

sys.path.insert(0, str(common.HERE.parents[1] / "tests" / "oracles"))
from brian import model  # noqa: E402


def main():
    job = json.loads(sys.argv[1])
    b.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]
    b.prefs.codegen.cpp.extra_compile_args_gcc = [*FLAGS, "-std=c++11"]
    folder = common.HERE / "work" / "brian2" / f"{b.__version__}-{job['neuron']}-{job['method']}-{job['count']}-{job['steps']}"
    if not (folder / "main").exists():
        b.set_device("cpp_standalone", directory=None, build_on_run=False)
        b.defaultclock.dt = job["step"] * b.ms
        # Without a guard at the hole of x/(1 - exp(-x)), which no voltage hits.
        equations, steady = model(job["neuron"], lambda x: f"({x}/(1 - exp(-{x})))")
        pool = b.NeuronGroup(
            job["count"], equations + "before : 1\n", threshold="v > 0 and before <= 0", reset="", method=job["method"]
        )
        pool.run_regularly("before = v", when="start")
        pool.v = pool.before = -60
        for x, formula in steady.items():
            setattr(pool, x, formula)
        pool.current = np.linspace(*job["currents"], job["count"])
        network = b.Network(pool, b.SpikeMonitor(pool))
        b.device.insert_code("before_network_run", "const std::clock_t _started = std::clock();")
        b.device.insert_code(
            "after_network_run",
            'std::ofstream("cpu_seconds.txt") << double(std::clock() - _started)/CLOCKS_PER_SEC;',
        )
        network.run(job["step"] * job["steps"] * b.ms)
        b.device.build(directory=str(folder), compile=True, run=False)
    subprocess.run(["./main"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    spikes = next(folder.glob("results/_dynamic_array_spikemonitor*_t*")).stat().st_size // 8
    print(json.dumps({"cpu_seconds": float((folder / "cpu_seconds.txt").read_text()), "spikes": spikes}))


if __name__ == "__main__":
    main()
