#!/usr/bin/env python3
"""Measures qhh beside Brian2, NEURON, Arbor and ngspice, one thread each: see README.md in this folder."""

import argparse
import csv
import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import chain

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COUNT = 10_000
STEP = 0.025  # ms
STEPS_TIMED = 8000
ERROR_DURATION = 200.0  # ms, that of reference.json
GOAL = 0.1  # percent
# Tried in the accuracy case, coarse to fine, in ms.
LADDER = [0.1, 0.08, 0.0625, 0.05, 0.04, 0.025, 0.02, 0.0125, 0.01, 0.008, 0.005, 0.004, 0.0025, 0.002, 0.00125, 0.001]
# Largest step and relative tolerance of ngspice: quick, and right to 0.01 ms.
NGSPICE = [(0.05, 1e-3), (0.025, 1e-3), (0.0125, 1e-4)]

VARIANTS = [
    {"tool": "qhh", "label": "qhh, f64", "precision": "f64"},
    {"tool": "qhh", "label": "qhh, f32", "precision": "f32"},
    {"tool": "brian2", "label": "Brian2, exponential Euler, f64", "method": "exponential_euler", "precision": "f64"},
    {"tool": "brian2", "label": "Brian2, exponential Euler, f32", "method": "exponential_euler", "precision": "f32"},
    {"tool": "brian2", "label": "Brian2, rk2, f64", "method": "rk2", "precision": "f64"},
    {"tool": "brian2", "label": "Brian2, rk2, f32", "method": "rk2", "precision": "f32"},
    {"tool": "neuron", "label": "CoreNEURON, compiled mechanism", "mechanism": "own", "core": True},
    {"tool": "neuron", "label": "CoreNEURON, hh with tables", "mechanism": "tables", "core": True},
    {"tool": "neuron", "label": "NEURON, hh with tables", "mechanism": "tables", "core": False},
    {"tool": "arbor", "label": "Arbor, hh", "precision": "f64"},
]


class Skipped(Exception):
    """A tool that cannot be measured here, and why."""


def first_line(text):
    """What went wrong, of a tool's many lines."""
    lines = [line.strip().replace(f"{ROOT}/", "") for line in text.strip().splitlines() if line.strip()]
    telling = [line for line in lines if re.match(r"(x |[\w.]*[Ee]rror\b|ERROR\b)", line)]
    return (telling[:1] or lines[-1:] or ["no word of why"])[0].removeprefix("x ")[:200]


def make_environment(folder, tools):
    """Its Python; and for each tool that cannot be had, why."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    missing = {}
    for package in ["numpy", *tools]:
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        installed = subprocess.run(
            [*pip, "-c", HERE / "requirements.txt", package], capture_output=True, text=True
        )
        tried = subprocess.run([python, "-c", f"import {package}"], capture_output=True, text=True)
        if tried.returncode != 0:
            missing[package] = first_line(installed.stderr if installed.returncode else tried.stderr.splitlines()[-1])
    if "numpy" in missing:
        sys.exit(f"numpy is needed: {missing['numpy']}")
    return python, missing


def in_process(python, script, job, **environment):
    """One job of a peer, in a process of its own on one thread; the last line that it prints, read as JSON."""
    done = subprocess.run(
        [python, HERE / script, json.dumps(job)],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"} | environment,
    )
    if done.returncode != 0:
        raise Skipped(first_line(done.stderr))
    return json.loads(done.stdout.strip().splitlines()[-1])


def peer(python, variant, what, step, duration):
    job = variant | {"what": what, "step": step, "duration": duration, "count": COUNT}
    return in_process(python, f"peer_{variant['tool']}.py", job)


def qhh_program():
    return Path(os.environ.get("QHH", ROOT / "target" / "release" / "qhh"))


def qhh(variant, what, step, duration):
    """One run of qhh; for the error, all of the pool runs and the subsample's spikes are judged."""
    program = qhh_program()
    if not program.exists():
        raise Skipped(f"no file {os.path.relpath(program)}: cargo build --release, or set QHH")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "pool"
        command = [program, "run", HERE / "pool.yaml", "--out", out, "--threads", "1", "--force", "--no-report"]
        values = {
            "simulation.step": f"{step} ms",
            "simulation.duration": f"{duration} ms",
            "simulation.precision": variant["precision"],
            "record.every": f"{400 * step} ms",
        }
        for path, value in values.items():
            command += ["--set", f"{path}={value}"]
        done = subprocess.run([*command, "--quiet"], capture_output=True, text=True)
        if done.returncode != 0:
            raise Skipped(first_line(done.stderr))
        summary = json.loads((out / "summary.json").read_text())
        spikes = read_spikes(out / "spikes.csv") if what == "error" else None
    about = {"version": summary["version"], "settings": "as built by cargo build --release"}
    if what == "error":
        return judge(spikes) | about
    cost, outcome = summary["cost"], summary["outcome"]
    assert outcome["n_neurons"] == COUNT and outcome["n_steps"] == round(duration / step)
    return {"cpu_seconds": cost["cpu_seconds"], "spikes": outcome["spikes"]["total"]} | about


def read_spikes(file):
    """Times by neuron number."""
    spikes = {}
    with file.open(newline="") as rows:
        for row in csv.DictReader(rows):
            spikes.setdefault(int(re.search(r"\d+", row["neuron"]).group()), []).append(float(row["time"]))
    return spikes


def judge(spikes):
    """As `common.judge`, which needs numpy, for qhh's spikes."""
    reference = json.loads((HERE / "reference.json").read_text())
    errors, silent = [], 0
    for neuron, right in zip(reference["neurons"], reference["periods_ms"]):
        late = spikes.get(neuron, [])[2:]
        if len(late) > 1:
            errors.append(abs((late[-1] - late[0]) / (len(late) - 1) / right - 1) * 100)
        else:
            errors.append(100.0)
            silent += 1
    return {
        "period_error_percent": sum(errors) / len(errors),
        "largest_error_percent": max(errors),
        "silent": silent,
    }


def coarsest(error_at):
    """The largest step of the ladder that keeps the goal; None if none does. And all errors tried.

    One by one: errors of NEURON's tables and of its steps cancel, so a finer step is not always a better one. The
    finest is always tried, to tell such a case.
    """
    tried = {LADDER[-1]: error_at(LADDER[-1])}
    for step in LADDER:
        if step not in tried:
            tried[step] = error_at(step)
        if tried[step] <= GOAL:
            return step, tried
    return None, tried


def machine():
    model = platform.processor() or "unknown"
    try:
        text = Path("/proc/cpuinfo").read_text()
        names = dict(re.findall(r"^(model name|cpu family|model)\s*:\s*(.*)$", text, re.M))
        model = f"{names['model name']} (family {names['cpu family']}, model {names['model']})"
        flags = re.search(r"^flags\s*:\s*(.*)$", text, re.M).group(1).split()
        model += ", AVX-512" if "avx512f" in flags else ", AVX2" if "avx2" in flags else ""
    except (OSError, KeyError, AttributeError):
        pass
    compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True) if shutil.which("g++") else None
    system = platform.freedesktop_os_release().get("PRETTY_NAME") if sys.platform == "linux" else platform.platform()
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": f"{system}, {platform.system()} {platform.release()}",
        "compiler": compiler.stdout.splitlines()[0] if compiler else "none",
        "python": platform.python_version(),
    }


def pool_and_accuracy(python, missing, rounds, tools):
    """Rows of both cases. Errors come first; the timings then go round the tools, so that all share the noise."""
    rows, skipped = [], {}
    for variant in VARIANTS:
        tool, label = variant["tool"], variant["label"]
        if tool not in tools:
            continue
        if tool in missing:
            skipped[tool] = missing[tool]
            continue

        def ask(what, step, duration, variant=variant):
            if variant["tool"] == "qhh":
                return qhh(variant, what, step, duration)
            return peer(python, variant, what, step, duration)

        row = {"label": label, "tool": tool, "ask": ask, "cpu": {}}
        try:
            print(f"{label}: errors", flush=True)
            row["pool"] = ask("error", STEP, ERROR_DURATION)
            row["accurate_step"], row["errors"] = coarsest(
                lambda step: row["pool"]["period_error_percent"]
                if step == STEP
                else ask("error", step, ERROR_DURATION)["period_error_percent"]
            )
        except Skipped as why:
            skipped[label] = str(why)
            print(f"skipped: {label}: {why}", flush=True)
            continue
        rows.append(row)
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", flush=True)
        for row in rows:
            for step in {STEP, row["accurate_step"]} - {None}:
                took = row["ask"]("speed", step, round(STEPS_TIMED * step, 9))["cpu_seconds"]
                row["cpu"].setdefault(step, []).append(took)
    results = []
    for row in rows:
        speed = {step: COUNT * STEPS_TIMED / min(took) for step, took in row["cpu"].items()}
        step = row["accurate_step"]
        results.append(
            {
                "label": row["label"],
                "version": row["pool"]["version"],
                "settings": row["pool"]["settings"],
                "neuron_steps_per_core_second": speed[STEP],
                "period_error_percent": row["pool"]["period_error_percent"],
                "largest_error_percent": row["pool"]["largest_error_percent"],
                "silent_of_137": row["pool"]["silent"],
                "accurate_step_ms": step,
                "accurate_error_percent": row["errors"].get(step),
                "neuron_ms_per_core_second": speed[step] * step if step else None,
                "errors_by_step": {str(s): e for s, e in sorted(row["errors"].items())},
                "cpu_seconds_by_step": {str(s): took for s, took in sorted(row["cpu"].items())},
            }
        )
    return results, skipped


def spice(rounds):
    """Rows of the chain."""
    if not shutil.which("ngspice"):
        raise Skipped("no command ngspice (Debian: apt-get install ngspice)")
    rows = []
    for step, tolerance in NGSPICE:
        runs = [
            chain.run(HERE / "work" / "chain", largest_step=step, reltol=tolerance) for _ in range(rounds)
        ]
        cpu = min(run["cpu_seconds"] for run in runs)
        rows.append(
            {
                "label": f"ngspice, steps up to {step:g} ms, reltol {tolerance:g}",
                "version": chain.version(),
                "cpu_ms_per_neuron_ms": 1000 * cpu / (chain.COUNT * chain.DURATION),
                "largest_spike_deviation_ms": chain.deviation(runs[0]["spikes"]),
                "spikes_ms": runs[0]["spikes"],
                "cpu_seconds": [run["cpu_seconds"] for run in runs],
            }
        )
    return rows


def digits(value, places=3):
    """A number to so many digits."""
    if value is None or math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    text = f"{value:.{max(0, places - 1 - math.floor(math.log10(abs(value))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def table(head, rows):
    """In Markdown, columns aligned so that it reads as text too."""
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *lines[1:]])


def accurate_step(row):
    """The step of the accuracy case, marked where only luck keeps the goal."""
    lucky = row["errors_by_step"][str(LADDER[-1])] > GOAL
    return f"{row['accurate_step_ms']:g} ms" + (", as errors cancel" if lucky else "")


def report(results):
    where = results["machine"]
    text = [
        f"Measured in one run on {where['cpu']}, {where['cores']} cores, {where['system']}, {where['compiler']}; one "
        f"thread each, the fastest of {results['rounds']} rounds, processor time of the stepping alone."
    ]
    if results["pool"]:
        text.append(f"Pool: {COUNT} unconnected Hodgkin-Huxley neurons, steps of {STEP} ms.")
        text.append(
            table(
                ["tool", "version", "neuron-steps per core-second", "mean period error"],
                [
                    [
                        row["label"],
                        row["version"],
                        digits(row["neuron_steps_per_core_second"] / 1e6) + " M",
                        digits(row["period_error_percent"], 2) + " %",
                    ]
                    for row in results["pool"]
                ],
            )
        )
        text.append(f"Accuracy: the same at the largest step tried that keeps the mean period error to {GOAL} %.")
        text.append(
            table(
                ["tool", "step", "mean period error", "neuron-ms per core-second"],
                [
                    [row["label"], accurate_step(row), digits(row["accurate_error_percent"], 2) + " %",
                     digits(row["neuron_ms_per_core_second"] / 1e6) + " M"]
                    if row["accurate_step_ms"]
                    else [row["label"], f"none down to {LADDER[-1]:g} ms",
                          digits(row["errors_by_step"][str(LADDER[-1])], 2) + " %", "-"]
                    for row in results["pool"]
                ],
            )
        )
    if results["chain"]:
        text.append(
            f"Chain: {chain.COUNT} neurons with ports on isolated waveguides of 1 ms, {chain.DURATION} ms; whole "
            "process."
        )
        text.append(
            table(
                ["tool", "version", "CPU ms per neuron-ms", "largest deviation of a spike"],
                [
                    [row["label"], row["version"], digits(row["cpu_ms_per_neuron_ms"]),
                     digits(row["largest_spike_deviation_ms"], 2) + " ms"]
                    for row in results["chain"]
                ],
            )
        )
    text += [f"skipped: {what}: {why}" for what, why in results["skipped"].items()]
    return "\n\n".join(text) + "\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--venv", type=Path, default=HERE / ".venv", help="virtual environment to make or use")
    arguments.add_argument("--rounds", type=int, default=5, help="timings of each, the fastest counts (%(default)s)")
    names = ["qhh", "brian2", "neuron", "arbor", "ngspice"]
    arguments.add_argument("--only", nargs="+", choices=names, default=names, help="tools to measure")
    arguments.add_argument("--out", type=Path, default=HERE, help="folder of results.json and results.md")
    given = arguments.parse_args()

    peers = [tool for tool in given.only if tool in ("brian2", "neuron", "arbor")]
    python, missing = make_environment(given.venv.resolve(), peers) if peers else (None, {})
    for tool, why in missing.items():
        print(f"skipped: {tool}: {why}")
    pool, skipped = pool_and_accuracy(python, missing, given.rounds, given.only)
    chained = []
    if "ngspice" in given.only:
        try:
            chained = spice(given.rounds)
        except (Skipped, RuntimeError) as why:
            skipped["ngspice"] = str(why)
            print(f"skipped: ngspice: {why}")
    results = {
        "machine": machine(),
        "rounds": given.rounds,
        "pool": pool,
        "chain": chained,
        "skipped": skipped,
    }
    text = report(results)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (given.out / "results.md").write_text(text)
    print("\n" + text, end="")


if __name__ == "__main__":
    main()
