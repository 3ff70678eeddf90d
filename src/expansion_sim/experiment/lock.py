"""One process at a time in the directory of a sweep.

The lock is the system's (``flock``), so it is gone with the process that held it, however that ended and whatever the clock says.
"""

from __future__ import annotations

import os
import socket
import time
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
#: How often the lock is asked for before the directory counts as in use, and seconds in between.
_TRIES, _BETWEEN_TRIES = 5, 0.1


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
        if not _taken_soon(self._file):
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
    with open(folder / LOCK, encoding="utf-8") as file:  # only to read: results may lie where nobody can write
        return not _take(file, shared=True)


def _taken_soon(file: IO[str]) -> bool:
    """Take the lock, also when somebody asks at this very moment whether it is held and so holds it for an instant."""
    for _ in range(_TRIES - 1):
        if _take(file):
            return True
        time.sleep(_BETWEEN_TRIES)
    return _take(file)


def _take(file: IO[str], shared: bool = False) -> bool:
    if fcntl is None:
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
