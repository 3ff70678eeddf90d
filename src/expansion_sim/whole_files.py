"""Files that are whole or absent, also when the machine stops: written aside, forced to disk, renamed, the folder forced to disk."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A hidden file beside ``path`` to write to; it takes the name when the block ends well, and vanishes otherwise.

    Args:
        path: The file to be; its folder is made.

    Raises:
        OSError: The disk is full or the like; what stood there before still stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{path.name}.{socket.gethostname()}.{os.getpid()}.{uuid.uuid4().hex[:12]}.tmp"
    try:
        yield temporary
        sync(temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write bytes, see :func:`aside`."""
    with aside(path) as temporary:
        temporary.write_bytes(content)


def sync(path: Path) -> None:
    """Force a file, or the names in a folder, to disk; systems that cannot open a folder do without."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
