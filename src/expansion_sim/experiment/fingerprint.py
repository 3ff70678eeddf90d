"""The code that results depend on: a hash per source file and the versions of the packages that touch the numbers."""

from __future__ import annotations

import hashlib
import platform
import sys
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

#: Packages whose version may change a number or a byte of the store.
PACKAGES = ("mesa", "numpy", "numba", "scipy", "pandas", "pyarrow", "pydantic", "SALib")
#: Parts of the package that no number depends on.
_ASIDE = ("app", "calibration", "figures", "experiments", "scenarios", "experiment/analysis")
_ASIDE_FILES = (
    "cli.py",
    "arguments.py",
    "doctor.py",
    "progress.py",
    "__main__.py",
    "experiment/commands.py",
    "experiment/progress.py",
)
#: Beginning of the name of a file outside the package.
_MODEL = "model "
_ROOT = Path(__file__).resolve().parents[1]


def code_record(model: str = "") -> dict[str, Any]:
    """Hash of every file that numbers depend on, and versions.

    Args:
        model: Class of a model outside the package, whose file counts too.
    """
    return {"files": {**source_hashes(), **_model_file(model)}, "versions": versions()}


@cache
def source_hashes() -> dict[str, str]:
    """SHA-256 of the package's source and data files by relative name."""
    found = {}
    for path in sorted(_ROOT.rglob("*")):
        name = path.relative_to(_ROOT).as_posix()
        counted = path.suffix in (".py", ".toml", ".csv") and name not in _ASIDE_FILES
        if counted and not any(name == part or name.startswith(f"{part}/") for part in _ASIDE):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that touch the numbers; those not installed are left out."""
    found = {"python": sys.version.split()[0], "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


@cache
def code_hash() -> str:
    """One hash of the package's files and the versions, which driver and workers compare."""
    text = repr((sorted(source_hashes().items()), sorted(versions().items())))
    return hashlib.sha256(text.encode()).hexdigest()


def difference(recorded: dict[str, Any], now: dict[str, Any]) -> str:
    """What differs between two code records, in words; empty when nothing does."""
    told = []
    for name in sorted({*recorded["versions"], *now["versions"]}):
        before, after = recorded["versions"].get(name, "absent"), now["versions"].get(name, "absent")
        if before != after:
            told.append(f"{name} was {before} and is {after}")
    files = [
        name for name in sorted({*recorded["files"], *now["files"]}) if recorded["files"].get(name) != now["files"].get(name)
    ]
    for name in [name for name in files if name.startswith(_MODEL) and name not in now["files"]]:
        files.remove(name)
        told.append(f"the file of the {name} is not found")
    if files:
        told.append(f"{', '.join(files[:3])}{f' and {len(files) - 3} more files' if len(files) > 3 else ''} changed")
    return "; ".join(told)


def _model_file(model: str) -> dict[str, str]:
    if not model:
        return {}
    try:
        spec = find_spec(model.partition(":")[0])
    except (ImportError, ValueError):  # its package is not there; a script's own module has no origin
        return {}
    if spec is None or not spec.origin or not Path(spec.origin).is_file():
        return {}
    return {f"{_MODEL}{Path(spec.origin).name}": hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()}
