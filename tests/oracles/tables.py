"""Reads every table of several folders, one of each format, with pandas and with polars.

All must have the same columns and cells, bit for bit. Answers the number of rows of each table.
"""

import json
import math
import sys

import numpy
import pandas
import polars

PANDAS = {"csv": pandas.read_csv, "parquet": pandas.read_parquet, "arrow": pandas.read_feather}
POLARS = {"csv": polars.read_csv, "parquet": polars.read_parquet, "arrow": polars.read_ipc}


def cells(values):
    """Cells as Python's, none where there is no number; whole floats and integers compare equal."""
    missing = lambda value: value is None or (isinstance(value, float) and math.isnan(value))
    return [None if missing(value) else value for value in values]


def read(path, kind):
    by_pandas = PANDAS[kind](path)
    # A CSV column may look like whole numbers for its first hundred rows.
    options = {"infer_schema_length": None} if kind == "csv" else {}
    by_polars = POLARS[kind](path, **options)
    single = [name for name in by_pandas.columns if by_pandas[name].dtype == "float32"]
    one = {name: cells(by_pandas[name].tolist()) for name in by_pandas.columns}
    other = {name: cells(by_polars[name].to_list()) for name in by_polars.columns}
    assert one == other, f"{path}: pandas and polars differ"
    return one, single


def equal(columns, text, single):
    """Whether columns are those of a text; its shortest numbers of single precision are read as double ones."""
    read = lambda name, values: [float(numpy.float32(x)) for x in values] if name in single else values
    return columns == {name: read(name, values) for name, values in text.items()}


answers = []
for question in json.load(sys.stdin):
    rows = {}
    for table in question["tables"]:
        read_all = [
            read(f"{folder}/{table}.{kind}", kind) for folder, kind in zip(question["folders"], question["formats"])
        ]
        text = read_all[0][0]
        for kind, (columns, single) in zip(question["formats"], read_all):
            assert equal(columns, text, single), f"{table}: {kind} differs from {question['formats'][0]}"
        rows[table] = len(next(iter(text.values())))
    answers.append(rows)
json.dump(answers, sys.stdout)
