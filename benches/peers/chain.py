"""A chain of neurons joined by ideal isolated waveguides, as a netlist for ngspice.

The circuit is that of docs/physics.md, in its own units: mV, ms, uF, uA, mS and kOhm fit together, so ngspice gets
the bare numbers and takes them for V, s, F, A, S and Ohm.
"""

import json
import re
import resource
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXPECTED = HERE.parents[1] / "tests" / "data" / "passive_chain_spikes.json"

COUNT = 20
DURATION = 50  # ms; the last neuron fires at 40 ms
REST = -64.99637933
GATES = {
    "n": (0.31773240, "0.01*(V({v})+55)/(1-exp(-(V({v})+55)/10))", "0.125*exp(-(V({v})+65)/80)"),
    "m": (0.05295509, "0.1*(V({v})+40)/(1-exp(-(V({v})+40)/10))", "4*exp(-(V({v})+65)/18)"),
    "h": (0.59599413, "0.07*exp(-(V({v})+65)/20)", "1/(1+exp(-(V({v})+35)/10))"),
}


def netlist(count=COUNT, duration=DURATION, largest_step=0.05, reltol=1e-4):
    """Of a chain; node `v3` is the membrane of neuron 3, `w3` the foot of its output capacitor."""
    lines = [
        f"{count} neurons on isolated waveguides",
        f".options reltol={reltol} abstol=1e-6 vntol=1e-6 chgtol=1e-6 gmin=1e-12",
        "Ikick 0 v0 PULSE(0 40 5 1e-6 1e-6 2 1000)",
    ]
    for i in range(count):
        v = f"v{i}"
        lines += [
            f"C{i} {v} 0 1 IC={REST}",
            f"BK{i} {v} 0 I=36*V(n{i})^4*(V({v})+77)",
            f"BNa{i} {v} 0 I=120*V(m{i})^3*V(h{i})*(V({v})-50)",
            f"BCl{i} {v} 0 I=0.3*(V({v})+54.387)",
        ]
        for gate, (start, alpha, beta) in GATES.items():
            # A gate is a capacitor of 1 whose voltage is the gate.
            rates = f"({alpha})*(1-V({gate}{i}))-({beta})*V({gate}{i})".replace("{v}", v)
            lines += [f"C{gate}{i} {gate}{i} 0 1 IC={start}", f"B{gate}{i} 0 {gate}{i} I={rates}"]
        # Output: nothing comes in, so the voltage of the line's resistance is the outgoing wave.
        lines += [f"Cr{i} {v} w{i} 0.3 IC={REST}", f"Rr{i} w{i} 0 3"]
        if i + 1 < count:
            # A source of twice that wave behind the line's own resistance launches it; what the next neuron sends
            # back is absorbed there, as in an isolator.
            lines += [f"E{i} e{i} 0 w{i} 0 2", f"Re{i} e{i} a{i} 3", f"T{i} a{i} 0 s{i + 1} 0 Z0=3 TD=1"]
    # The first input sees a line on which nothing arrives.
    lines += ["Rs0 s0 0 3"]
    lines += [f"Cs{i} v{i} s{i} 1 IC={REST}" for i in range(count)]
    lines += [".save " + " ".join(f"v(v{i})" for i in range(count))]
    lines += [".control", f"tran {largest_step} {duration} 0 {largest_step} uic"]
    lines += [f"meas tran spike{i} WHEN v(v{i})=0 RISE=1" for i in range(count)]
    lines += ["quit", ".endc", ".end"]
    return "\n".join(lines) + "\n"


def run(folder, **settings):
    """Spike times, and the seconds of the whole process; all but a few percent of them are the transient."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "chain.cir"
    file.write_text(netlist(**settings))
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(["ngspice", "-b", file.name], cwd=folder, capture_output=True, text=True)
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spikes = {int(i): float(t) for i, t in re.findall(r"^spike(\d+)\s*=\s*(\S+)", done.stdout, re.M)}
    if not spikes:
        raise RuntimeError("ngspice: " + (done.stdout + done.stderr).strip()[-500:])
    return {
        "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "wall_seconds": wall,
        "spikes": [spikes.get(i) for i in range(settings.get("count", COUNT))],
    }


def version():
    text = subprocess.run(["ngspice", "--version"], capture_output=True, text=True).stdout
    return re.search(r"ngspice-(\S+)", text).group(1)


def deviation(spikes):
    """Largest difference in ms from the first spikes of the reference's six neurons."""
    expected = [times[0] for times in json.loads(EXPECTED.read_text())["spikes"]]
    return max(abs(s - e) if s is not None else float("inf") for s, e in zip(spikes, expected))
