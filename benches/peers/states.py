#!/usr/bin/env python3
"""Measures qhh beside QuTiP, The Walrus and NumPy on quantum states, one thread each: see README.md in this folder."""

import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

from run import HERE, ROOT, Skipped, digits, first_line, in_process, machine, make_environment, qhh_program, table

MODES = 1000
CUTOFF = 8


def peer(python, job):
    return in_process(python, "peer_states.py", job, OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")


def qhh_three_modes():
    """Processor time of a whole run, and photons of the modes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [qhh_program(), "run", HERE / "three_modes.yaml", "--out", out, "--threads", "1", "--no-report", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Skipped(first_line(done.stderr))
        summary = json.loads((out / "summary.json").read_text())
        states = json.loads((out / "states.json").read_text())
    return {
        "version": summary["version"],
        "cpu_seconds": summary["cost"]["cpu_seconds"],
        "answer": [mode["photons"] for mode in states["modes"]],
    }


def qhh_log_negativity():
    """The fastest of `cargo bench`."""
    command = ["cargo", "bench", "-p", "qhh-core", "--bench", "states", "--", "log_negativity"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        raise Skipped(first_line(done.stderr))
    found = re.search(rf"[├╰]─ {MODES}\s+([\d.]+) (ms|s) ", done.stdout)
    if not found:
        raise Skipped("no figure in what cargo bench printed")
    seconds = float(found.group(1)) * (1e-3 if found.group(2) == "ms" else 1.0)
    return {"version": "", "cpu_seconds": seconds, "answer": None}


def measure(rounds, what):
    """The fastest of some rounds."""
    return min((what() for _ in range(rounds)), key=lambda row: row["cpu_seconds"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--venv", type=Path, default=HERE / ".venv", help="virtual environment to make or use")
    arguments.add_argument("--rounds", type=int, default=3, help="timings of each, the fastest counts (%(default)s)")
    arguments.add_argument("--out", type=Path, default=HERE, help="folder of states.md")
    given = arguments.parse_args()
    python, missing = make_environment(given.venv.resolve(), ["qutip", "thewalrus"])

    def walrus():
        if "thewalrus" in missing:
            raise Skipped(missing["thewalrus"])
        return peer(python, {"what": "log_negativity", "tool": "thewalrus", "modes": MODES})

    def qutip():
        if "qutip" in missing:
            raise Skipped(missing["qutip"])
        return peer(python, {"what": "three_modes", "cutoff": CUTOFF})

    jobs = [
        ("log negativity", "qhh", 1, qhh_log_negativity),
        ("log negativity", "The Walrus", given.rounds, walrus),
        ("log negativity", "NumPy", given.rounds, lambda: peer(python, {"what": "log_negativity", "tool": "numpy", "modes": MODES})),
        ("three modes", "qhh", given.rounds, qhh_three_modes),
        ("three modes", f"QuTiP, {CUTOFF} number states a mode", 1, qutip),
    ]
    rows, skipped = [], []
    for what, tool, rounds, job in jobs:
        print(f"{what}: {tool}", flush=True)
        try:
            row = measure(rounds, job)
        except Skipped as why:
            skipped.append(f"skipped: {what}, {tool}: {why}")
            print(skipped[-1])
            continue
        rows.append([what, tool, row["version"], digits(row["cpu_seconds"]) + " s"])
    text = "\n\n".join(
        [f"Measured in one run on {machine()['cpu']}; one thread each.", table(["what", "tool", "version", "processor time"], rows), *skipped]
    )
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "states.md").write_text(text + "\n")
    print("\n" + text)


if __name__ == "__main__":
    main()
