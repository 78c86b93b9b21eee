#!/usr/bin/env python3
"""Neurons of other channels in qhh beside Brian2 with the same equations, one thread each: see README.md in this folder."""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from run import HERE, Skipped, digits, first_line, in_process, machine, make_environment, qhh_program, table

COUNT = 10_000
STEP = 0.01  # ms
STEPS = 4000
METHODS = {"exponential Euler": "exponential_euler", "rk2": "rk2"}

# Channels as networks/ has them, capacitance, lowest and highest current in uA.
NEURONS = {
    "connor-stevens": (
        {
            "sodium": (120, 55, "connor-stevens-sodium"),
            "potassium": (20, -72, "connor-stevens-potassium"),
            "a_type": (47.7, -75, "connor-stevens-a"),
            "leak": (0.3, -17, "leak"),
        },
        1,
        (9, 20),
    ),
    "morris-lecar": (
        {
            "calcium": (4.4, 120, "morris-lecar-calcium"),
            "slow": (8, -84, "morris-lecar-potassium"),
            "leak": (2, -60, "leak"),
        },
        20,
        (95, 200),
    ),
    "wang-buzsaki": (
        {
            "sodium": (35, 55, "wang-buzsaki-sodium"),
            "potassium": (9, -90, "wang-buzsaki-potassium"),
            "leak": (0.1, -65, "leak"),
        },
        1,
        (0.5, 5),
    ),
    "traub-miles": (
        {
            "sodium": (100, 50, "traub-miles-sodium"),
            "potassium": (30, -90, "traub-miles-potassium"),
            "leak": (0.05, -60, "leak"),
        },
        1,
        (1, 8),
    ),
}


def network(neuron):
    """The pool as a network file, which JSON is too."""
    channels, capacitance, (low, high) = NEURONS[neuron]
    return {
        "name": "pool",
        "simulation": {"duration": f"{STEP * STEPS:g} ms", "step": f"{STEP} ms"},
        "neurons": {
            "pool": {
                "count": COUNT,
                "membrane": {"capacitance": f"{capacitance} uF"},
                "channels": {
                    name: {"conductance": f"{g} mS", "reversal": f"{e} mV", "gating": gating}
                    for name, (g, e, gating) in channels.items()
                },
                "initial": {"voltage": "-60 mV"},
            }
        },
        "sources": {
            "drive": {
                "into": "pool",
                "current": {"shape": "constant", "amplitude": {"linear": [f"{low} uA", f"{high} uA"]}},
            }
        },
        "record": {"every": "10 ms", "of": "pool[0]", "quantities": ["voltage"]},
    }


def qhh(neuron):
    """Processor seconds of the stepping, and spikes."""
    program = qhh_program()
    if not program.exists():
        raise Skipped("no program: cargo build --release, or set QHH")
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "pool.yaml", Path(folder) / "pool"
        file.write_text(json.dumps(network(neuron)))
        command = [program, "run", file, "--out", out, "--threads", "1", "--no-report", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Skipped(first_line(done.stderr))
        summary = json.loads((out / "summary.json").read_text())
    return {"cpu_seconds": summary["cost"]["cpu_seconds"], "spikes": summary["outcome"]["spikes"]["total"]}


def brian2(python, neuron, method):
    """The same of Brian2."""
    _, _, currents = NEURONS[neuron]
    job = {"neuron": neuron, "method": method, "count": COUNT, "step": STEP, "steps": STEPS, "currents": currents}
    return in_process(python, "peer_brian2_channels.py", job)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--venv", type=Path, default=HERE / ".venv", help="virtual environment to make or use")
    arguments.add_argument("--rounds", type=int, default=3, help="timings of each, the fastest counts (%(default)s)")
    arguments.add_argument("--out", type=Path, default=HERE, help="folder of channels.md")
    given = arguments.parse_args()

    python, missing = make_environment(given.venv.resolve(), ["brian2"])
    asks = {"qhh": qhh}
    if "brian2" in missing:
        print(f"skipped: Brian2: {missing['brian2']}")
    else:
        for label, method in METHODS.items():
            asks[f"Brian2, {label}"] = lambda neuron, method=method: brian2(python, neuron, method)
    speeds, skipped = {}, {}
    for number in range(given.rounds):
        print(f"round {number + 1} of {given.rounds}", flush=True)
        for neuron in NEURONS:
            for label, ask in asks.items():
                if (neuron, label) in skipped:
                    continue
                try:
                    answer = ask(neuron)
                except Skipped as why:
                    skipped[neuron, label] = str(why)
                    print(f"skipped: {label}, {neuron}: {why}", flush=True)
                    continue
                speed = COUNT * STEPS / answer["cpu_seconds"]
                fastest, _ = speeds.get((neuron, label), (0, 0))
                speeds[neuron, label] = (max(speed, fastest), answer["spikes"])
    where = machine()
    rows = [
        [neuron, *(digits(speeds[neuron, label][0] / 1e6) + " M" if (neuron, label) in speeds else "-" for label in asks)]
        for neuron in NEURONS
    ]
    text = (
        f"Neuron-steps per core-second of {COUNT} neurons at steps of {STEP} ms, f64, measured in one run on "
        f"{where['cpu']}, {where['system']}, {where['compiler']}; one thread each, the fastest of {given.rounds} rounds, "
        f"processor time of the stepping alone.\n\n{table(['neuron', *asks], rows)}\n"
    )
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "channels.md").write_text(text)
    print("\n" + text, end="")


if __name__ == "__main__":
    main()
