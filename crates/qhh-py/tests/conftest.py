"""What every test of the package shares."""

from __future__ import annotations

import importlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest


def needed(name: str) -> ModuleType:
    """A package that some tests need: without it they are skipped, or fail where all must be there."""
    if os.environ.get("QHH_REQUIRE_ORACLES") == "1":
        return importlib.import_module(name)
    return pytest.importorskip(name)


@contextmanager
def ended_by_ctrl_c(after: float) -> Iterator[None]:
    """Work that Ctrl-C must end soon; it comes so many seconds after the start."""
    sent = []

    def interrupt() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    # A program that a shell starts in the background ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(after, interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        yield
    # Twice the promise: the machine may be busy.
    assert time.monotonic() - sent[0] < 0.4
