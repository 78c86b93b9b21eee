"""Several runs on one page."""

from __future__ import annotations

import os
from collections.abc import Iterable

from . import _qhh
from ._qhh import Result

_Run = Result | str | os.PathLike[str]


def compare(*runs: _Run | Iterable[_Run]) -> str:
    """One page that overlays runs: results, or folders of results, one by one or in a list.

    >>> import qhh
    >>> qhh.compare()
    Traceback (most recent call last):
    ...
    ValueError: there is nothing to compare: give two results or more, or folders of results
    """
    listed: list[Result] = []
    for run in runs:
        some = [run] if isinstance(run, (Result, str, os.PathLike)) else run
        listed.extend(one if isinstance(one, Result) else Result.open(one) for one in some)
    if len(listed) < 2:
        raise ValueError("there is nothing to compare: give two results or more, or folders of results")
    return _qhh.compare(listed)
