"""What ``--json`` prints."""

from __future__ import annotations

import json
import math
from typing import Any

from expansion_sim.errors import InputError, InputErrors


def print_json(value: Any) -> None:
    """Print a value as JSON; what is not finite becomes null."""
    print(json.dumps(jsonable(value), indent=2, allow_nan=False))


def jsonable(value: Any) -> Any:
    """Plain JSON values: NumPy scalars become Python's, what is not finite becomes null, anything else text."""
    if isinstance(value, dict):
        return {str(key): jsonable(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(part) for part in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def errors_json(error: InputError) -> list[dict[str, Any]]:
    """File, line, key and message of every error."""
    errors = error.errors if isinstance(error, InputErrors) else (error,)
    return [{"file": e.file, "line": e.line, "key": e.key, "message": e.message} for e in errors]
