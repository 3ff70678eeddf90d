"""The tables and figures of a report, each whole or absent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from expansion_sim.whole_files import aside, write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_text(path: Path, text: str) -> None:
    """Write a text file."""
    write_whole(path, text.encode())


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV."""
    write_text(path, table.to_csv(index=False, float_format="%.6g"))


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet."""
    with aside(path) as temporary:
        table.to_parquet(temporary, index=False, compression="zstd")


def write_figure(path: Path, figure: Figure) -> None:
    """Write a figure as PNG of print resolution."""
    with aside(path) as temporary:
        figure.savefig(temporary, dpi=200, format="png")
