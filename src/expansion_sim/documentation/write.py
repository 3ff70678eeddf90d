"""Writes a document whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from expansion_sim.errors import InputError


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
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with open(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, 0o644)  # a temporary file is private at first
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
