#!/usr/bin/env python3
"""Value and gradient of a pool of neurons in qhh beside Jaxley, one thread each: see README.md in this folder."""

import argparse
import csv
import json
import resource
import subprocess
import tempfile
from pathlib import Path

from run import HERE, Skipped, digits, first_line, in_process, machine, make_environment, qhh_program, table

COUNT = 1000
STEP = 0.025  # ms
STEPS = 1000
CURRENTS = (6.3, 20.0)  # uA/cm2
# Steps that Jaxley keeps at once, level by level: None keeps all of them.
CHECKPOINTS = {"every step kept": None, "recomputed from checkpoints": [10, 100]}


def network():
    """The pool as a network file, which JSON is too."""
    conducting = {"potassium": ("36 mS", "-77 mV"), "sodium": ("120 mS", "50 mV"), "chloride": ("0.3 mS", "-54.387 mV")}
    return {
        "name": "pool",
        "simulation": {"duration": f"{STEP * STEPS:g} ms", "step": f"{STEP} ms", "sleep": "off"},
        "neurons": {
            "pool": {
                "count": COUNT,
                "membrane": {"capacitance": "1 uF"},
                "channels": {name: {"conductance": g, "reversal": e} for name, (g, e) in conducting.items()},
                "initial": {"voltage": "-65 mV"},
            }
        },
        "sources": {
            "drive": {
                "into": "pool",
                "current": {"shape": "constant", "amplitude": {"linear": [f"{amount} uA" for amount in CURRENTS]}},
            }
        },
        "record": {"every": "10 ms", "of": "pool[0]", "quantities": ["voltage"]},
    }


def children_seconds():
    """Processor time of processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def qhh():
    """A whole call: the file read, the derivatives by every parameter of every neuron written."""
    program = qhh_program()
    if not program.exists():
        raise Skipped("no program: cargo build --release, or set QHH")
    of = f"pool.voltage.mean(0 ms, {STEP * STEPS:g} ms)"
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "pool.yaml", Path(folder) / "pool"
        file.write_text(json.dumps(network()))
        begun = children_seconds()
        command = [program, "sensitivity", file, "--of", of, "--out", out, "--threads", "1", "--no-report", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Skipped(first_line(done.stderr))
        seconds = children_seconds() - begun
        facts = json.loads((out / "sensitivity.json").read_text())
        with (out / "neurons.csv").open() as rows:
            sodium = [row for row in csv.DictReader(rows) if row["parameter"] == "channels.sodium.conductance"]
    return {
        "version": facts["version"],
        "cpu_seconds": seconds,
        "value": facts["value"],
        "by_sodium": sum(float(row["slope"]) for row in sodium),
    }


def jaxley(python, checkpoints, rounds):
    """Value and gradient by three conductances of each cell, compiled before: processor time of one evaluation."""
    job = {"count": COUNT, "step": STEP, "steps": STEPS, "currents": CURRENTS, "checkpoints": checkpoints}
    job |= {"rounds": rounds, "solver": "bwd_euler"}
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    return in_process(python, "peer_jaxley.py", job, XLA_FLAGS=flags)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--venv", type=Path, default=HERE / ".venv-gradients", help="virtual environment to make or use")
    arguments.add_argument("--rounds", type=int, default=3, help="timings of each, the fastest counts (%(default)s)")
    arguments.add_argument("--out", type=Path, default=HERE, help="folder of gradients.md")
    given = arguments.parse_args()

    python, missing = make_environment(given.venv.resolve(), ["jaxley"])
    jobs = {"qhh, a whole call": lambda: min((qhh() for _ in range(given.rounds)), key=lambda row: row["cpu_seconds"])}
    if "jaxley" in missing:
        print(f"skipped: Jaxley: {missing['jaxley']}")
    else:
        for label, checkpoints in CHECKPOINTS.items():
            jobs[f"Jaxley, {label}"] = lambda checkpoints=checkpoints: jaxley(python, checkpoints, given.rounds)
    found = {}
    for label, job in jobs.items():
        print(label, flush=True)
        try:
            found[label] = job()
        except Skipped as why:
            print(f"skipped: {label}: {why}", flush=True)
    rows = [
        [
            f"{label} ({row['version']})",
            f"{1e3 * row['cpu_seconds']:.0f} ms",
            digits(COUNT * STEPS / row["cpu_seconds"] / 1e6) + " M",
            f"{row['value']:.3f} mV",
            f"{row['by_sodium']:.4f} mV/mS",
        ]
        for label, row in found.items()
    ]
    headings = ["tool", "processor time", "neuron-steps per core-second", "mean voltage", "its slope by all sodium"]
    others = [row["cpu_seconds"] for label, row in found.items() if label.startswith("Jaxley")]
    own = [row["cpu_seconds"] for label, row in found.items() if label.startswith("qhh")]
    ratio = f"\nqhh is {min(others) / own[0]:.1f} times as fast as Jaxley's best.\n" if others and own else ""
    where = machine()
    text = (
        f"Value and gradient of the mean voltage of {COUNT} Hodgkin-Huxley neurons over {STEPS} steps of {STEP} ms, f64, "
        f"measured in one run on {where['cpu']}, {where['system']}, {where['compiler']}; one thread each, the fastest of "
        f"{given.rounds} rounds.\n\n{table(headings, rows)}\n{ratio}"
    )
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "gradients.md").write_text(text)
    print("\n" + text, end="")


if __name__ == "__main__":
    main()
