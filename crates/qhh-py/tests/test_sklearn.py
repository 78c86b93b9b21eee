"""The transformer: by scikit-learn's own checks, and against runs of the network with the same inputs as currents."""

from __future__ import annotations

import doctest
import pickle
from pathlib import Path

import numpy as np
import pytest
import qhh
from conftest import needed

needed("sklearn")

import qhh.sklearn
from qhh.sklearn import Reservoir, pool
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.estimator_checks import check_estimator

PAIR = """
name: pair
simulation: {duration: 6 ms, step: 0.02 ms}
neurons:
  cell:
    count: 2
    membrane: {capacitance: [1 uF, 1.7 uF]}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
sources:
  drive: {into: cell, current: {shape: constant, amplitude: 12 uA}}
"""


def test_docstrings_hold() -> None:
    assert doctest.testmod(qhh.sklearn).attempted >= 6 and doctest.testmod(qhh.sklearn).failed == 0


@pytest.mark.parametrize("estimator", [Reservoir(), Reservoir(kind="rows", virtual_nodes=2, over="mean", random_state=3)])
def test_scikit_learn_finds_nothing_wrong(estimator: Reservoir) -> None:
    found = check_estimator(estimator, on_skip=None)
    assert len(found) > 40
    assert {check["status"] for check in found} <= {"passed", "skipped"}
    assert all("SCIPY_ARRAY_API" in str(check["exception"]) for check in found if check["status"] == "skipped")


def test_features_of_a_series_are_those_of_a_run_with_these_currents(tmp_path: Path) -> None:
    inputs = np.array([0.0, 1.0, 0.25, 0.8, 0.1, 0.6]).reshape(-1, 1)
    net = qhh.Network.from_yaml(PAIR)
    names = ["voltage", {"quantity": "n", "of": "cell[1]"}]
    found = Reservoir(net, kind="series", warmup=0, features=names).fit(inputs).transform(inputs)
    # A level current goes from one value to the next within a step.
    times, levels = [0.0], [12 * inputs[0, 0]]
    for k in range(1, len(inputs)):
        times += [k, k + 0.02]
        levels += [12 * inputs[k - 1, 0], 12 * inputs[k, 0]]
    times, levels = [*times, 6.0], [*levels, levels[-1]]
    (tmp_path / "levels.csv").write_text("t,i\n" + "".join(f"{t},{i}\n" for t, i in zip(times, levels)))
    steps = {"sources.drive.current": "{shape: file, path: levels.csv, column: i}"}
    values = {"record.quantities": "[voltage, n]", "record.every": "1 ms"}
    run = qhh.Network.from_yaml(PAIR, steps | values, folder=tmp_path).run()
    assert np.isclose(run.time[1:], np.arange(1, 7)).all()
    expected = np.column_stack([run["cell[0].voltage"], run["cell[1].voltage"], run["cell[1].n"]])[1:]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_row_of_symbols_is_a_series_of_its_own() -> None:
    net = qhh.Network.from_yaml(PAIR)
    rows = np.random.default_rng(4).uniform(0, 1, (5, 3))
    rows[0], rows[1] = 0, 1
    held = Reservoir(net, kind="series", warmup=4).fit(np.array([[0.0], [1.0]]))
    longer = np.concatenate([np.full(4, rows[2, 0]), rows[2]]).reshape(-1, 1)
    plain = Reservoir(net, kind="series", warmup=0).fit(np.array([[0.0], [1.0]])).transform(longer)
    np.testing.assert_array_equal(held.transform(rows[2].reshape(-1, 1)), plain[4:])
    by_row = Reservoir(net, n_symbols=3).fit(rows)
    wide = by_row.transform(rows)
    assert wide.shape == (5, 6) == (5, len(by_row.get_feature_names_out()))
    series = Reservoir(net, kind="series", warmup=0).fit(np.array([[0.0], [1.0]]))
    for row, features in zip(rows, wide):
        np.testing.assert_array_equal(series.transform(row.reshape(-1, 1)).ravel(), features)
    np.testing.assert_array_equal(Reservoir(net, n_symbols=3, over="last").fit_transform(rows), wide[:, 4:])


def test_pipelines_searches_and_copies_work() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.uniform(0, 1, (60, 2))
    labels = (inputs[:, 0] > inputs[:, 1]).astype(int)
    pipe = Pipeline([("pool", Reservoir(pool(8), symbol="2 ms")), ("readout", LogisticRegression(C=100, max_iter=5000))])
    grid = {"pool__set": [None, {"neurons.cell.channels.sodium.conductance": "60 mS"}], "pool__virtual_nodes": [1, 2]}
    search = GridSearchCV(pipe, grid, cv=3, n_jobs=2).fit(inputs[:40], labels[:40])
    assert search.score(inputs[40:], labels[40:]) > 0.8
    reservoir = Reservoir(pool(8), random_state=5)
    twin = clone(reservoir)
    np.testing.assert_array_equal(reservoir.fit_transform(inputs), twin.fit_transform(inputs))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(reservoir)).transform(inputs), twin.transform(inputs))
    other = Reservoir(pool(8), random_state=6).fit_transform(inputs)
    assert not np.array_equal(other, twin.transform(inputs))
    target = np.convolve(inputs[:, 0], [0.5, 0.5])[:60]
    series = make_pipeline(Reservoir(kind="series"), Ridge(1e-6)).fit(inputs[:, :1], target)
    assert series.score(inputs[:, :1], target) > 0.6


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"kind": "columns"}, "kind must be"),
        ({"over": "some"}, "over must be"),
        ({"n_symbols": 4}, "do not make 4 symbols"),
        ({"kind": "series", "warmup": -1}, "not be below 0"),
        ({"kind": "series", "n_symbols": 3}, "must be 1"),
        ({"features": ["volts"]}, "volts"),
        ({"symbol": "0.03 ms"}, "whole number of steps"),
        ({"encode": [{"source": "nothing", "as": "amplitude"}]}, "no source `nothing`"),
        ({"features": ["variance"]}, "no fluctuations"),
        ({"set": {"neurons.cell.nothing": 1}}, "nothing"),
    ],
)
def test_what_cannot_be_is_refused_in_fit(settings: dict[str, object], word: str) -> None:
    with pytest.raises((ValueError, qhh.QhhError), match=word):
        Reservoir(**settings).fit(np.zeros((4, 3)))
