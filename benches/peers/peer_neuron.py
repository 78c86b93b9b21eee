"""The pool in NEURON: a section of 100 um2 and a current clamp for each neuron."""

import json
import math
import os
import shutil
import subprocess
import sys

import numpy as np

import common

FLAGS = "-O3 -march=native -ffast-math -mprefer-vector-width=512"
BUILT = common.HERE / "work" / "neuron"
AREA = 1e-6  # cm2


def build_mechanism(version):
    """Compiles `mod/axon52.mod` for NEURON and CoreNEURON, once; False if that fails."""
    stamp = BUILT / "built.json"
    wanted = {"version": version, "flags": FLAGS, "mod": (common.HERE / "mod" / "axon52.mod").read_text()}
    if stamp.exists() and json.loads(stamp.read_text()) == wanted:
        return True
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir(parents=True)
    shutil.copy(common.HERE / "mod" / "axon52.mod", BUILT)
    # The flags of the generated code come last on the compiler's line this way, and so hold.
    command = ["nrnivmodl", "-coreneuron", "-incflags", FLAGS, "."]
    path = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    done = subprocess.run(command, cwd=BUILT, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    if done.returncode != 0:
        print("nrnivmodl failed: " + (done.stdout + done.stderr).strip()[-300:], file=sys.stderr)
        return False
    stamp.write_text(json.dumps(wanted))
    return True


def section(name, own):
    """A neuron."""
    from neuron import h

    cell = h.Section(name=name)
    cell.L = cell.diam = math.sqrt(AREA * 1e8 / math.pi)  # um
    cell.cm = common.C
    if own:
        cell.insert("axon52")
    else:
        cell.insert("hh")
        cell.ek, cell.ena, cell.el_hh = common.E_K, common.E_NA, common.E_CL
        cell.gkbar_hh, cell.gnabar_hh, cell.gl_hh = (g * 1e-3 for g in (common.G_K, common.G_NA, common.G_CL))
    return cell


def main():
    job = json.loads(sys.argv[1])
    os.environ["NEURON_MODULE_OPTIONS"] = "-nogui"
    import neuron
    from neuron import coreneuron, h

    own = job["mechanism"] == "own"
    if own:
        if not build_mechanism(neuron.__version__):
            sys.exit("nrnivmodl could not compile mod/axon52.mod")
        os.chdir(BUILT)  # where CoreNEURON looks for its library
        if not hasattr(h, "axon52"):
            neuron.load_mechanisms(str(BUILT))
    else:
        h.usetable_hh = int(job["mechanism"] == "tables")

    exact = job["what"] == "error"
    currents = common.currents()[common.subsample()] if exact else common.currents(job["count"])
    h.celsius = 6.3
    h.secondorder = 2
    h.dt = job["step"]
    h.CVode().active(False)
    h.CVode().cache_efficient(True)
    pc = h.ParallelContext()
    pc.nthread(1)
    cells, keep = [], []
    for i, current in enumerate(currents):
        cell = section(f"c{i}", own)
        clamp = h.IClamp(cell(0.5))
        clamp.delay, clamp.dur, clamp.amp = 0, 1e9, current * AREA * 1e3  # nA
        detector = h.NetCon(cell(0.5)._ref_v, None, sec=cell)
        detector.threshold = 0
        pc.set_gid2node(i, pc.id())
        pc.cell(i, detector)
        cells.append(cell)
        keep += [clamp, detector]
    times, ids = h.Vector(), h.Vector()
    pc.spike_record(-1, times, ids)
    if exact:
        clock = h.Vector().record(h._ref_t)
        voltages = [h.Vector().record(cell(0.5)._ref_v) for cell in cells]
    pc.set_maxstep(10)
    coreneuron.enable = job["core"]
    coreneuron.verbose = 0
    h.finitialize(common.REST)
    if exact:
        pc.psolve(job["duration"])
        spikes = common.crossings(np.array(clock), np.array(voltages).T)
        result = common.judge(spikes, common.reference_periods())
    else:
        # CoreNEURON copies the model over at each call; a call for one step tells how long that takes.
        with common.Clock() as setup:
            pc.psolve(job["step"])
        with common.Clock() as clock:
            pc.psolve(job["duration"])
        copying = setup.cpu if job["core"] else 0.0
        result = {"cpu_seconds": clock.cpu - copying, "spikes": int(times.size())}
    settings = "secondorder 2" + (f", {FLAGS}" if own and job["core"] else ", as in the wheel")
    print(json.dumps(result | {"version": neuron.__version__, "settings": settings}))


if __name__ == "__main__":
    main()
