"""``expansion-sim doctor``: is everything here that a run needs?"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import NamedTuple

OK, WARNING, BROKEN = "ok", "warning", "broken"
_GIGABYTE = 1024**3
#: Packages a run imports, with the versions that are supported (first included, second excluded).
_PACKAGES = {
    "mesa": ("3.3", "4"), "networkx": ("3.0", None), "numpy": ("1.26", None), "numba": ("0.60", None), "scipy": ("1.11", None),
    "pandas": ("2.2", None), "pyarrow": ("15", None), "matplotlib": ("3.8", None), "pydantic": ("2.7", "3"),
    "tqdm": ("4.66", None),
}
#: First block of Philox4x32-10 for a counter and a key of zeros (Random123, known answers).
_PHILOX_OF_ZEROS = (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)


class Finding(NamedTuple):
    """Result of one check: what was looked at, ok, warning or broken, and what was found."""

    check: str
    state: str
    text: str


def examine() -> list[Finding]:
    """Run every check; a check that fails by itself is a finding, too."""
    findings = []
    for name, check in CHECKS.items():
        try:
            state, text = check()
        except Exception as error:  # whatever is broken in an environment must be told, not raised
            state, text = BROKEN, f"{type(error).__name__}: {' '.join(str(error).split())}"
        findings.append(Finding(name, state, text))
    return findings


def check_python() -> tuple[str, str]:
    """Python 3.11 to 3.13."""
    version = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return (OK, version) if supported else (BROKEN, f"{version}; 3.11, 3.12 or 3.13 is needed")


def check_packages() -> tuple[str, str]:
    """Every required package is installed in a supported version and can be imported."""
    found, wrong = [], []
    for name, (low, high) in _PACKAGES.items():
        try:
            version = metadata.version(name)
            import_module(name)
        except ImportError as error:
            wrong.append(f"{name} cannot be imported ({error})")
            continue
        found.append(f"{name} {version}")
        if _numbers(version) < _numbers(low) or (high is not None and _numbers(version) >= _numbers(high)):
            wrong.append(f"{name} {version} is not supported ({low} or later{f', before {high}' if high else ''})")
    return (BROKEN, "; ".join(wrong)) if wrong else (OK, ", ".join(found))


def check_numba() -> tuple[str, str]:
    """Compiled code runs and the generator gives its known answer."""
    import numba

    from expansion_sim.randomness import philox_block

    words = tuple(int(word) for word in philox_block(0, 0, 0, 0, 0, 0))
    if words != _PHILOX_OF_ZEROS:
        return BROKEN, f"the random generator gives {words}, not its known answer"
    return OK, f"compiled code works, {numba.get_num_threads()} threads"


def check_data() -> tuple[str, str]:
    """The record, the parameters and the shipped scenarios are complete."""
    from expansion_sim.history import load_history
    from expansion_sim.parameters import load_parameters
    from expansion_sim.scenario import list_scenarios, load_scenario

    history = load_history()
    names = [entry.name for entry in list_scenarios()]
    if "history" not in names:
        return BROKEN, "the shipped scenarios are missing; install the package again"
    for name in names:
        load_scenario(name)
    span = f"{history.first_year}-{history.last_year}"
    return OK, f"record {span}, {len(history.programmes)} programmes, {len(load_parameters())} parameters, {len(names)} scenarios"


def check_cache() -> tuple[str, str]:
    """Compiled code can be kept between runs."""
    asked = os.environ.get("NUMBA_CACHE_DIR")
    package = Path(__file__).parent / "__pycache__"
    folders = [Path(asked)] if asked else [package, _user_cache()]
    for folder in folders:
        if _writable(folder):
            return OK, f"compiled code is kept in {folder}"
    return WARNING, f"none of {', '.join(map(str, folders))} can be written: every start compiles anew; set NUMBA_CACHE_DIR"


def check_font() -> tuple[str, str]:
    """Matplotlib finds the font of the figures and draws with it."""
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    path = font_manager.findfont("DejaVu Sans", fallback_to_default=False)
    figure = Figure(figsize=(1, 1))
    figure.text(0.1, 0.5, "Ōta 1955")
    FigureCanvasAgg(figure).draw()
    return OK, f"DejaVu Sans ({path})"


def check_memory() -> tuple[str, str]:
    """Free memory: a sample needs some hundred megabytes, the whole country up to 3 gigabytes."""
    free = _free_memory()
    if free is None:
        return OK, "this system does not tell"
    text = f"{free / _GIGABYTE:.1f} GB free"
    if free < 0.5 * _GIGABYTE:
        return BROKEN, f"{text}; a run of a sample needs 0.5 GB"
    return (WARNING, f"{text}; scale = 1 needs up to 3 GB") if free < 3 * _GIGABYTE else (OK, text)


def check_disk() -> tuple[str, str]:
    """The working directory takes a run."""
    here = Path.cwd()
    if not _writable(here):
        return WARNING, f"{here} cannot be written; name another place with --out"
    free = shutil.disk_usage(here).free
    return (OK if free > _GIGABYTE else WARNING), f"{free / _GIGABYTE:.1f} GB free in {here}"


CHECKS: dict[str, Callable[[], tuple[str, str]]] = {
    "python": check_python, "packages": check_packages, "numba": check_numba, "data": check_data, "cache": check_cache,
    "font": check_font, "memory": check_memory, "disk": check_disk,
}


def _numbers(version: str) -> tuple[int, ...]:
    """Leading numbers of a version: 3.5.1rc1 -> (3, 5)."""
    numbers = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _writable(folder: Path) -> bool:
    """Whether a file can be made in a folder, or in the nearest folder above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _free_memory() -> int | None:
    """Free memory in bytes, None where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
