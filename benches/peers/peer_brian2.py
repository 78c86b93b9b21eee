"""The pool in Brian2, as standalone C++: equations, flags and spike rule chosen for speed."""

import json
import shutil
import subprocess
import sys

import brian2 as b
import numpy as np

import common
from common import C, E_CL, E_K, E_NA, G_CL, G_K, G_NA

# The parameter is what lets gcc vectorise Brian2's loops at all: they read and write more arrays than gcc by default
# cares to check for overlap.
FLAGS = ["-O3", "-march=native", "-ffast-math", "-mprefer-vector-width=512"]
FLAGS += ["--param=vect-max-version-for-alias-checks=200"]

# Bare numbers in mV and ms, products instead of powers and no guarded exprel(): so the compiler can vectorise the
# loop, exponentials included. The quotients are undefined at exactly -55 and -40 mV, which no voltage hits.
EQUATIONS = f"""
dv/dt = (current - {G_K}*(n*n)*(n*n)*(v - {E_K}) - {G_NA}*m*m*m*h*(v - {E_NA}) - {G_CL}*(v - {E_CL}))/({C}*ms) : 1
dn/dt = (0.01*(v + 55)/(1 - exp(-0.1*(v + 55)))*(1 - n) - 0.125*exp(-0.0125*(v + 65))*n)/ms : 1
dm/dt = (0.1*(v + 40)/(1 - exp(-0.1*(v + 40)))*(1 - m) - 4*exp(-(v + 65)*{1 / 18})*m)/ms : 1
dh/dt = (0.07*exp(-0.05*(v + 65))*(1 - h) - 1/(1 + exp(-0.1*(v + 35)))*h)/ms : 1
current : 1 (constant)
before : 1
"""


def build(folder, currents, step, duration, method, record):
    b.set_device("cpp_standalone", directory=None, build_on_run=False)
    b.defaultclock.dt = step * b.ms
    # Brian2's own way to count a crossing once, a refractory time, keeps the loop from being vectorised.
    pool = b.NeuronGroup(len(currents), EQUATIONS, threshold="v > 0 and before <= 0", reset="", method=method)
    pool.run_regularly("before = v", when="start")
    pool.v = pool.before = common.REST
    pool.n, pool.m, pool.h = common.steady_gates(common.REST)
    pool.current = currents
    spikes = b.SpikeMonitor(pool)
    watched = b.StateMonitor(pool, "v", record=True) if record else None
    network = b.Network(pool, spikes, *([watched] if record else []))
    # clock() is processor time; around the stepping alone.
    b.device.insert_code("before_network_run", "const std::clock_t _started = std::clock();")
    b.device.insert_code(
        "after_network_run",
        'std::ofstream("cpu_seconds.txt") << double(std::clock() - _started)/CLOCKS_PER_SEC;',
    )
    network.run(duration * b.ms)
    b.device.build(directory=str(folder), compile=True, run=False)
    return spikes, watched


def main():
    job = json.loads(sys.argv[1])
    b.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]
    if job["precision"] == "f32":
        b.prefs.core.default_float_dtype = np.float32
        FLAGS.append("-fsingle-precision-constant")
    b.prefs.codegen.cpp.extra_compile_args_gcc = [*FLAGS, "-std=c++11"]
    exact = job["what"] == "error"
    currents = common.currents()[common.subsample()] if exact else common.currents(job["count"])
    method = job["method"]
    name = f"{b.__version__}-{method}-{job['precision']}-{len(currents)}-{job['step']}-{job['duration']}"
    folder = common.HERE / "work" / "brian2" / name
    if exact or not (folder / "main").exists():
        _, watched = build(folder, currents, job["step"], job["duration"], method, exact)
    if exact:
        b.device.run(str(folder), with_output=False, run_args=[])
        spikes = common.crossings(np.asarray(watched.t / b.ms), np.asarray(watched.v).T)
        result = common.judge(spikes, common.reference_periods())
        shutil.rmtree(folder)  # every voltage at every step: up to 200 MB
    else:
        subprocess.run(["./main"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        result = {"cpu_seconds": float((folder / "cpu_seconds.txt").read_text())}
    print(json.dumps(result | {"version": b.__version__, "settings": " ".join(FLAGS) + f", {method}"}))


if __name__ == "__main__":
    main()
