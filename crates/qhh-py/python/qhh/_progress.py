"""Progress bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class _Bar:
    """A bar of tqdm for each stage of a run."""

    def __init__(self) -> None:
        from tqdm.auto import tqdm

        self._make = tqdm
        self._bar: Any = None
        self._of: tuple[str, str] | None = None

    def __call__(self, name: str, stage: str, done: int, total: int, time: float, notes: list[str]) -> None:
        for note in notes:
            self._make.write(note)
        if self._of != (name, stage):
            self.close()
            self._of = (name, stage)
            self._bar = self._make(total=total, desc=f"{name}: {stage}", leave=False)
        self._bar.n = done
        self._bar.refresh()

    def close(self) -> None:
        """Ends the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class _Function:
    """A function of the caller's."""

    def __init__(self, function: Callable[..., object]) -> None:
        self._function = function

    def __call__(self, *args: object) -> None:
        self._function(*args)

    def close(self) -> None:
        """Nothing."""


def callback(progress: bool | Callable[..., object] | None) -> _Bar | _Function | None:
    """What to call with progress: a bar for True, the function that was given, or None."""
    if progress is None or progress is False:
        return None
    return _Bar() if progress is True else _Function(progress)
