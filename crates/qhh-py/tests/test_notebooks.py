"""The notebooks run from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import needed

BOOKS = sorted((Path(__file__).parents[3] / "examples" / "python").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert len(BOOKS) >= 5


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_a_notebook_runs(book: Path) -> None:
    for package in {"reservoir": ["sklearn", "reservoirpy"], "entangled_pair": ["qutip"], "sweep": ["xarray"]}.get(book.stem, []):
        needed(package)
    for package in ("ipykernel", "matplotlib"):
        needed(package)
    notebook = needed("nbformat").read(book, as_version=4)
    needed("nbclient").NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(book.parent)}}
    ).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in shown) or book.stem == "reservoir"
    assert not [output for output in shown if output["output_type"] == "error"]
