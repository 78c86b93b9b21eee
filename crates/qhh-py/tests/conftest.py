"""What every test of the package shares."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

import pytest


def needed(name: str) -> ModuleType:
    """A package that some tests need: without it they are skipped, or fail where all must be there."""
    if os.environ.get("QHH_REQUIRE_ORACLES") == "1":
        return importlib.import_module(name)
    return pytest.importorskip(name)
