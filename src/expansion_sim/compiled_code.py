"""Where compiled code is kept between runs, so that no run ever uses code compiled from rules that have changed since.

Numba compares a compiled function with the file it stands in, not with the files of the functions and constants it uses: after an
edit of one rule the kernel would go on with the old one. So the folder of compiled code is named after the content of all files
that compiled code is made from, and a changed rule finds an empty folder. Numba itself is not imported here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec, source_hash

#: Parts of the package that compiled code is made from, files and folders with all below them: its functions and the constants they use.
SOURCES = ("behaviour", "population", "policy", "agents/cooperative.py", "agents/municipality.py", "agents/support_agency.py",
           "results/event_log.py", "validation/docking", "codes.py", "elementary.py", "prefetch.py", "randomness.py")
#: Folders of compiled code that are kept, so that going back to an earlier state of the code need not compile again.
KEPT = 8
_VARIABLE = "NUMBA_CACHE_DIR"
_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def choose_folder() -> str | None:
    """Make Numba keep compiled code in the folder of this state of the code.

    To be called before Numba compiles anything of the package. A folder that the user has set in NUMBA_CACHE_DIR is left
    alone; one that a parent process has set by this function is chosen anew, because the code may have changed since.

    Returns:
        The folder, a temporary one when the sources cannot be read; None when the user's own is used.
    """
    asked = os.environ.get(_VARIABLE)
    if asked and not is_ours(asked):
        return None
    try:
        folder = _ready(os.path.join(user_folder(), fingerprint()))
    except OSError:  # without a name that follows the rules, nothing kept could be trusted
        folder = _temporary()
    os.environ[_VARIABLE] = folder
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = folder
    return folder


def user_folder() -> str:
    """Folder in which every state of the code has its own, ``expansion_sim/numba`` where the system keeps caches of the user."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return os.path.join(os.path.abspath(os.path.expanduser(base)), "expansion_sim", "numba")


def is_ours(folder: str) -> bool:
    """Whether a folder is one of those that this module makes and clears."""
    return os.path.dirname(os.path.abspath(folder)) == user_folder()


def fingerprint() -> str:
    """Name of this state of the code, 16 digits: Python, Numba and the content of :data:`SOURCES`.

    Raises:
        OSError: The source files cannot be read.
    """
    numba = find_spec("numba")
    files = [("numba", os.path.join(os.path.dirname(numba.origin), "_version.py"))] if numba and numba.origin else []
    files += ((path.removeprefix(_PACKAGE), path) for path in source_files())
    content = [f"{sys.implementation.cache_tag} {sys.maxsize}".encode()]
    for name, path in files:
        with open(path, "rb") as file:
            content += (name.encode(), file.read())
    return source_hash(b"\0".join(content)).hex()


def source_files() -> Iterator[str]:
    """Files that compiled code is made from, in a fixed order."""
    for name in SOURCES:
        path = os.path.join(_PACKAGE, name)
        if name.endswith(".py"):
            yield path
        else:
            yield from _python_files(path)


def _python_files(folder: str) -> Iterator[str]:
    """Python files of a folder and of the folders below it, in a fixed order."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _python_files(entry.path)
        elif entry.name.endswith(".py"):
            yield entry.path


def drop_damaged(folder: str | None = None) -> int:
    """Remove compiled code whose end is missing, as after a crash of the machine: Numba would refuse it in every run.

    Numba writes pickles, and a whole pickle ends with a full stop.

    Args:
        folder: Folder of compiled code; None for the one that :func:`choose_folder` has set.

    Returns:
        Number of files removed; they are compiled again when they are needed.
    """
    if folder is None:
        folder = os.environ.get(_VARIABLE, "")
        if not is_ours(folder):
            return 0
    damaged = [path for path in _compiled_files(folder) if not _ends_whole(path)]
    for path in damaged:
        with suppress(FileNotFoundError):  # another run has seen to it
            os.unlink(path)
    if damaged:
        import warnings

        told = f"{len(damaged)} damaged files of compiled code removed from {folder}; they are compiled again"
        warnings.warn(told, stacklevel=2)
    return len(damaged)


def _compiled_files(folder: str) -> list[str]:
    """Numba's index and data files, in one folder per folder of sources."""
    with suppress(FileNotFoundError):
        places = [entry.path for entry in os.scandir(folder) if entry.is_dir()]
        return [entry.path for place in places for entry in os.scandir(place) if entry.name.endswith((".nbi", ".nbc"))]
    return []


def _ends_whole(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            return file.read(1) == b"."
    except FileNotFoundError:
        return True


def _ready(folder: str) -> str:
    """The folder, made if needed and marked as used now; a temporary one where it cannot be written."""
    try:
        if not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
            _remove_old(folder)
        os.utime(folder)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:  # no home, no space, no permission
        pass
    return _temporary()


def _temporary() -> str:
    """A folder for this process and its children; never shared by name, because compiled code is loaded unseen."""
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="expansion_sim-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _remove_old(new: str) -> None:
    """Remove the folders of other states of the code but those used last."""
    import shutil

    others = [entry for entry in os.scandir(os.path.dirname(new)) if entry.is_dir() and entry.path != new]
    others.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    for old in others[KEPT - 1 :]:
        shutil.rmtree(old.path, ignore_errors=True)
