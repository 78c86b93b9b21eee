"""Exceptions and warnings."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any


class QhhError(Exception):
    """Something that could not be done; `remedy` says what to do about it, if anything is known."""

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  help: {self.remedy}" if self.remedy else self.message


class InputError(QhhError, ValueError):
    """Input that cannot be used: a file, a folder, a value, too little memory. Nothing was run."""


class RunError(QhhError, RuntimeError):
    """A run failed, or its results could not be written."""


class CheckError(QhhError):
    """Results are there and are not as good as required."""


class QhhWarning(UserWarning):
    """Something that goes on all the same, but should be known."""


@dataclass(frozen=True)
class Mistake:
    """One thing wrong with a network or task, and where: `line` and `column` count from 1, None where no line is to
    blame; `path` is that of the entry, such as `neurons.relay.output`."""

    file: str
    line: int | None
    column: int | None
    path: str
    message: str
    remedy: str | None

    def __str__(self) -> str:
        place = [self.file, *(str(part) for part in (self.line, self.column) if part is not None)]
        text = f"{':'.join(place)}: {self.message}"
        return f"{text}\n  help: {self.remedy}" if self.remedy else text


class LoadError(InputError):
    """A network or task with mistakes, all of them in the list `mistakes`."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.args = (mistakes,)
        self.mistakes = mistakes


def load_error(mistakes: list[dict[str, Any]]) -> LoadError:
    """The exception of a list of mistakes."""
    return LoadError([Mistake(**mistake) for mistake in mistakes])


def warn(message: str) -> None:
    """Warns where the package was called."""
    warnings.warn(message, QhhWarning, stacklevel=2)


for _class in (QhhError, InputError, RunError, CheckError, LoadError, QhhWarning, Mistake):
    _class.__module__ = "qhh"
