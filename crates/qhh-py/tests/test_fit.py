"""Fits from Python, against the command line and resumed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import qhh
from conftest import ended_by_ctrl_c, needed

FITS = Path(__file__).parents[3] / "networks" / "fit"
COST_FREE = ("fitted.yaml", "history.csv", "fit_traces.csv", "summary.json", "network.yaml", "task.yaml", "SHA256SUMS")


@pytest.fixture(scope="module")
def recovered() -> qhh.FitResult:
    return qhh.Fit.load(FITS / "recover.yaml").run()


def test_a_fit_finds_the_network_behind_its_traces(recovered: qhh.FitResult) -> None:
    before, after = recovered.objective
    assert after < 1e-9 * before and recovered.validation is None and recovered.accuracy is None
    found = {of["path"]: of for of in recovered.parameters}
    assert found["waveguides.axon.transmission"]["after"] == pytest.approx(0.8, rel=1e-6)
    assert found["waveguides.axon.delay"]["unit"] == "ms" and found["waveguides.axon.delay"]["bounds"] == [0.5, 2.0]
    numbers = {number["path"]: number["value"] for number in recovered.network.numbers}
    assert all(numbers[path] == of["after"] for path, of in found.items())
    history = recovered.table("history")
    assert history["train"][0] == before and history["train"][recovered.summary["best_iteration"]] == after
    assert "relay[2].after" in recovered.table("fit_traces")
    assert "waveguides.axon.delay" in recovered.report() and repr(recovered).startswith('<qhh.FitResult "recover"')
    frame = recovered.to_pandas() if needed("pandas") else None
    assert len(frame) == recovered.summary["iterations"] + 1
    with pytest.raises(KeyError, match="history"):
        recovered.table("spikes")


def test_a_fit_is_read_from_file_text_and_dict(recovered: qhh.FitResult) -> None:
    text = (FITS / "recover.yaml").read_text()
    short = {"optimizer": "{lbfgs: {iterations: 2}}"}
    document = {
        "name": "recover",
        "network": "recover_network.yaml",
        "parameters": [
            {"path": "waveguides.axon.delay", "bounds": ["0.5 ms", "2 ms"]},
        ],
        "objective": [{"spike-times": {"neuron": "relay[2]", "times": [np.float64(9.0)], "missing": "5 ms"}}],
    }
    from_file = qhh.Fit.load(FITS / "recover.yaml", short).run()
    from_text = qhh.Fit.from_yaml(text, short, folder=FITS).run()
    assert from_file.summary == from_text.summary and from_file.summary["iterations"] == 2
    fit = qhh.Fit.from_dict(document, short, folder=FITS)
    assert (fit.name, f"{fit.network.name}-fitted") == ("recover", recovered.network.name)
    assert fit.run().objective[1] < fit.run().objective[0]
    with pytest.raises(qhh.LoadError) as error:
        qhh.Fit.from_dict(document | {"parameters": [{"path": "waveguides.axon.dealy"}]}, folder=FITS)
    assert "did you mean" in str(error.value) and error.value.mistakes[0].path.startswith("parameters[0]")
    assert "objective" in qhh.fit_schema()["properties"]


def test_the_folder_is_the_command_lines(tmp_path: Path) -> None:
    settings = {"optimizer": "{lbfgs: {iterations: 3}}"}
    result = qhh.Fit.load(FITS / "recover.yaml", settings).run(out=tmp_path / "python")
    program = [sys.executable, "-c", "from qhh._command import main; main()"]
    arguments = [f"--set={path}={value}" for path, value in settings.items()]
    subprocess.run(
        [*program, "fit", str(FITS / "recover.yaml"), *arguments, "--out", str(tmp_path / "command")],
        check=True,
        capture_output=True,
    )
    files = sorted(path.name for path in (tmp_path / "command").iterdir())
    assert sorted(path.name for path in (tmp_path / "python").iterdir()) == files
    for file in files:
        # The page and its checksum say how long it took.
        if file not in ("report.html", "SHA256SUMS"):
            assert (tmp_path / "python" / file).read_bytes() == (tmp_path / "command" / file).read_bytes(), file
    assert json.loads((tmp_path / "python" / "summary.json").read_text()) == result.summary
    with pytest.raises(qhh.InputError):
        qhh.Fit.load(FITS / "recover.yaml", settings).run(out=tmp_path / "python")
    assert qhh.resume(tmp_path / "python") is None


@pytest.mark.parametrize("of", ["file", "text"])
def test_a_fit_that_was_stopped_goes_on_to_the_same_bytes(tmp_path: Path, of: str) -> None:
    file = FITS / "recover.yaml"
    fit = qhh.Fit.load(file) if of == "file" else qhh.Fit.from_yaml(file.read_text(), folder=FITS)
    fit.run(out=tmp_path / "whole", report=False)

    def stop(name: str, stage: str, done: int, total: int, at: float, notes: list[str]) -> None:
        if done >= 4:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        fit.run(out=tmp_path / "stopped", report=False, progress=stop)
    assert not (tmp_path / "stopped").exists()
    resumed = qhh.resume(tmp_path / "stopped")
    assert isinstance(resumed, qhh.FitResult)
    for name in COST_FREE:
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "stopped" / name).read_bytes(), name


def test_ctrl_c_ends_a_fit_soon(tmp_path: Path) -> None:
    chain = qhh.Network.load(FITS.parent / "chain.yaml", {"neurons.relay.count": 2000, "simulation.duration": "1 s"})
    (tmp_path / "chain.yaml").write_text(chain.yaml)
    fit = qhh.Fit.from_dict(
        {
            "name": "long",
            "network": "chain.yaml",
            "parameters": [{"path": "waveguides.axon.transmission", "bounds": [0.1, 1], "start": 0.9}],
            "objective": [{"measure": {"of": "relay[1].voltage.mean(0 ms, 1 s)", "aim": "most"}}],
        },
        folder=tmp_path,
    )
    with ended_by_ctrl_c(0.5):
        fit.run()
