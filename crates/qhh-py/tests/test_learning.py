"""Learning tasks and what they leave."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import qhh

LEARNING = Path(__file__).parents[3] / "networks" / "learning"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learned") / "narma10"
    task = qhh.LearningTask.load(LEARNING / "narma10.yaml", {"task.narma.steps": 400, "seeds": 1, "features": ["voltage"]})
    learned = task.learn(out=folder)
    assert learned.name == "narma10" and learned.predictions
    return folder


def test_predictions_are_the_same_from_a_file_and_from_memory(folder: Path, tmp_path: Path) -> None:
    model = qhh.Model.open(folder)
    assert model.columns == ["input"]
    inputs = np.random.default_rng(4).uniform(0, 0.5, 250)
    file = tmp_path / "new.csv"
    file.write_text("input\n" + "".join(f"{float(x)!r}\n" for x in inputs))
    by_file = model.predict(file)
    assert len(by_file.values) == len(inputs) - by_file.first > 0 and np.ptp(by_file.values) > 0
    for data in [inputs, inputs[:, np.newaxis], {"input": inputs}, {"input": list(inputs), "more": [0.0] * len(inputs)}]:
        predicted = model.predict(data)
        assert predicted.first == by_file.first
        np.testing.assert_array_equal(predicted.values, by_file.values)


def test_tasks_come_from_texts_and_dicts(folder: Path, tmp_path: Path) -> None:
    entries = {
        "name": "narma10",
        "network": "pool50.yaml",
        "task": {"narma": {"order": 10, "steps": 400}},
        "symbol": "1 ms",
        "virtual_nodes": 1,
        "encode": [{"source": "input", "as": "amplitude"}],
        "features": ["voltage"],
        "shots": [10**4, 10**6, 10**8, 10**10],
        "seeds": 1,
    }
    text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in entries.items())
    for task in [qhh.LearningTask.from_dict(entries, folder=LEARNING), qhh.LearningTask.from_yaml(text, folder=LEARNING)]:
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        task.learn(out=out)
        for table in ["predictions.csv", "scores.csv"]:
            assert (out / table).read_bytes() == (folder / table).read_bytes()
        assert "pool50.yaml" in (out / "task.yaml").read_text()
        assert not task.warnings
    hardly = qhh.LearningTask.from_dict(entries | {"history": 500}, folder=LEARNING)
    assert any("500 symbols" in warning for warning in hardly.warnings)
    with pytest.raises(qhh.LoadError, match="there is no network file `pool50.yaml`"):
        qhh.LearningTask.from_dict(entries, folder=tmp_path)


def test_data_that_do_not_fit_are_refused(folder: Path) -> None:
    model = qhh.Model.open(folder)
    with pytest.raises(ValueError, match="the columns input"):
        model.predict(np.zeros((300, 2)))
    with pytest.raises(ValueError, match="differ in length"):
        model.predict({"input": [0.1, 0.2], "other": [1.0]})
    with pytest.raises(qhh.QhhError, match="the data has no column `input`; it has `x`"):
        model.predict({"x": [0.1, 0.2]})
    with pytest.raises(qhh.QhhError, match="line 2, column `input`"):
        model.predict({"input": [0.1, float("nan")] * 200})
