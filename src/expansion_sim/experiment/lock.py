"""One process at a time in the directory of a sweep.

The lock is the system's (``flock``), so it is gone with the process that held it, however that ended and whatever the clock says.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from expansion_sim.errors import InputError

try:
    import fcntl
except ImportError:  # no POSIX locks here: Windows has its own
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"


class DirectoryLock:
    """Holds the lock of a directory; use as a context manager.

    Args:
        folder: The directory, which must exist.

    Raises:
        InputError: Another process works there.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK
        self._file: IO[str] | None = None

    def __enter__(self) -> DirectoryLock:
        self._file = open(self.path, "a+", encoding="utf-8")  # held until __exit__
        if not _take(self._file):
            self._file.seek(0)
            holder = self._file.read().strip() or "another process"
            self._file.close()
            raise InputError(f"{self.path.parent} is in use by {holder}; wait for it, or stop it and resume")
        try:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(f"process {os.getpid()} on {socket.gethostname()}")
            self._file.flush()
        except OSError:  # a full disk, on which closing fails as well
            with suppress(OSError):
                self._file.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()  # gives the lock back


def is_locked(folder: Path) -> bool:
    """Whether a process works in a directory at this moment."""
    if not (folder / LOCK).exists():
        return False
    with open(folder / LOCK, "a+", encoding="utf-8") as file:
        return not _take(file)


def _take(file: IO[str]) -> bool:
    if fcntl is None:
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
