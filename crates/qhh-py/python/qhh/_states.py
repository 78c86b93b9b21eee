"""States of the modes of outgoing waves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class State:
    """The state of one mode b of an outgoing wave.

    Quadratures are x = (b + b*)/sqrt 2 and p = (b - b*)/(i sqrt 2); the vacuum's variance is 1/2.
    """

    name: str
    """Name of the mode in the network file."""
    neuron: str
    """The neuron it leaves."""
    mean: complex
    """<b>."""
    photons: float
    """<b* b>."""
    covariance: NDArray[np.float64] = field(repr=False)
    """Covariance of (x, p), shape [2, 2]."""
    purity: float | None
    """Purity; None of a state that is not Gaussian and too large to be computed."""
    squeezing_db: float | None
    """Variance of the quietest quadrature in decibels below the vacuum."""
    squeezing_angle: float | None
    """Angle of that quadrature in radians."""
    is_gaussian: bool
    """Whether no source's mode in it has a state that is not Gaussian."""
    details: dict[str, Any] = field(repr=False)
    """All that states.json says of the mode."""
    _wigner: Callable[[list[float], list[float]], NDArray[np.float64] | None] = field(repr=False, compare=False)

    @property
    def quadratures(self) -> NDArray[np.float64]:
        """Means of x and p, shape [2]."""
        return np.array([np.sqrt(2.0) * self.mean.real, np.sqrt(2.0) * self.mean.imag])

    @property
    def wigner_grid(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """x, p and the Wigner function at [x, p] on the grid of states.json."""
        grid = self.details["wigner"]
        if grid is None:
            raise ValueError(f"the Wigner function of {self.name} was not computed: it is too large, or one of too many")
        values = np.array(grid["values"])
        (x, to_x), (p, to_p) = grid["x"], grid["p"]
        return np.linspace(x, to_x, values.shape[0]), np.linspace(p, to_p, values.shape[1]), values

    def wigner(self, x: ArrayLike, p: ArrayLike) -> NDArray[np.float64]:
        """Wigner function at all pairs of the given points, shape [len(x), len(p)]; its integral over dx dp is 1.

        Exact at each point, whatever the state: in closed form if at most one state in it is not Gaussian, else to some
        1e-12 of the peak. Raises ValueError of a state too large to be computed.
        """
        points = [np.atleast_1d(np.asarray(of, dtype=float)) for of in (x, p)]
        if any(of.ndim > 1 for of in points):
            raise ValueError("x and p are lists of points")
        values = self._wigner(points[0].tolist(), points[1].tolist())
        if values is None:
            raise ValueError(f"the state of {self.name} is too large for its Wigner function to be computed")
        return values


class States(dict[str, State]):
    """States by name of their mode, with what they have in common."""

    together: dict[str, Any] | None
    """All modes as one Gaussian state; None where some are not independent."""
    pairs: list[dict[str, Any]]
    """Logarithmic negativity and mutual information of every two modes."""
    sources: list[dict[str, Any]]
    """How the modes depend on the modes of the sources."""

    def __missing__(self, name: str) -> State:
        if self:
            raise KeyError(f"there is no mode {name}: there are {', '.join(self)}")
        raise KeyError(f"there is no mode {name}: this run has no outgoing modes; add `modes` to its network")

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Covariance of (x_1, p_1, x_2, p_2, ..), shape [2 n, 2 n]."""
        if self.together is None:
            raise ValueError("the modes are not independent of one another, so they have no state together")
        return np.array(self.together["covariance"])

    def log_negativity(self, one: str, other: str) -> float | None:
        """Logarithmic negativity of two modes, in nats; None where they are not independent."""
        return self._pair(one, other, "log_negativity")

    def mutual_information(self, one: str, other: str) -> float | None:
        """Mutual information of two modes, in nats; None where they are not independent."""
        return self._pair(one, other, "mutual_information")

    def _pair(self, one: str, other: str, key: str) -> float | None:
        for pair in self.pairs:
            if sorted(pair["modes"]) == sorted([one, other]):
                value: float | None = pair[key]
                return value
        raise KeyError(f"there are no two modes {one} and {other}: there are {', '.join(self)}")


def _covariance(n: complex, m: complex) -> NDArray[np.float64]:
    own = n.real + 0.5
    return np.array([[own + m.real, m.imag], [m.imag, own - m.real]])


def states(summary: dict[str, Any] | None, wigner: Callable[..., NDArray[np.float64] | None]) -> States:
    """States from the content of states.json; `wigner(place, x, p)` is the Wigner function of a mode."""
    found = States()
    found.together, found.pairs, found.sources = None, [], []
    if summary is None:
        return found
    found.together, found.pairs, found.sources = summary["together"], summary["pairs"], summary["sources"]
    moments = summary["moments"]
    for place, mode in enumerate(summary["modes"]):
        n, m = (complex(*moments[key][place][place]) for key in "nm")
        found[mode["name"]] = State(
            name=mode["name"],
            neuron=mode["neuron"],
            mean=complex(*mode["mean"]),
            photons=mode["photons"],
            covariance=_covariance(n, m),
            purity=mode["purity"],
            squeezing_db=mode["squeezing_db"],
            squeezing_angle=mode["squeezing_angle"],
            is_gaussian=mode["is_gaussian"],
            details=mode,
            _wigner=partial(wigner, place),
        )
    return found
