"""Writes a document whole or not at all."""

from __future__ import annotations

from pathlib import Path

from expansion_sim.errors import InputError
from expansion_sim.whole_files import write_whole


def write_document(path: Path, content: str | bytes) -> None:
    """Write a file beside it first, then put it in its place.

    Args:
        path: File to write; its folder is made.
        content: Text, written in UTF-8, or bytes.

    Raises:
        InputError: The path is a folder.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file")
    write_whole(path, content.encode() if isinstance(content, str) else content)
