"""Errors for input that is wrong: files, keys, names and values given by the user."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any


class InputError(ValueError):
    """Input that cannot be used, told in one line.

    Args:
        message: What is wrong, what is allowed and, where known, the nearest name.
        file: File that holds the input.
        key: Key, column or series concerned.
        line: Line number in ``file``, counted from 1.
    """

    def __init__(self, message: str, *, file: str | None = None, key: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.key = key
        self.line = line

    def __str__(self) -> str:
        """Return ``file:line: key: message`` on one line, leaving out what is not known."""
        place = "" if self.file is None else self.file if self.line is None else f"{self.file}:{self.line}"
        parts = [part for part in (place, self.key, self.message) if part]
        return " ".join(": ".join(parts).split())


class InputErrors(InputError):
    """Several wrong inputs found in one pass, told one per line; place and key are those of the first.

    Args:
        errors: One or more errors, in the order in which they are told.
    """

    def __init__(self, errors: Sequence[InputError]) -> None:
        first = errors[0]
        super().__init__(first.message, file=first.file, key=first.key, line=first.line)
        self.errors = tuple(errors)

    def __reduce__(self) -> tuple[type[InputErrors], tuple[tuple[InputError, ...]]]:
        """Pickle by the list, so that worker processes can hand the error over whole."""
        return type(self), (self.errors,)

    def __str__(self) -> str:
        """Return one line per error."""
        return "\n".join(str(error) for error in self.errors)


class WithoutEffect(UserWarning):
    """Input that is legal and acts on nothing, told in one line like :class:`InputError`."""


def warn_without_effect(found: Iterable[InputError], stacklevel: int = 3) -> None:
    """Warn of input that acts on nothing; the command line prints each warning as one line.

    Args:
        found: What acts on nothing, with its place.
        stacklevel: As for :func:`warnings.warn`; by default the caller of the function that calls this one is named.
    """
    for each in found:
        warnings.warn(str(each), WithoutEffect, stacklevel=stacklevel)


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """Print warnings of :class:`WithoutEffect` as lines on standard error inside the block, each once."""
    before, told = warnings.showwarning, set[str]()

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if not issubclass(category, WithoutEffect):
            before(message, category, *where, **more)
        elif str(message) not in told:
            told.add(str(message))
            print(f"warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", WithoutEffect)
        warnings.showwarning = show
        yield


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name that looks most like ``name``, or None when nothing comes close.

    Args:
        name: What the user wrote.
        allowed: The names that would have been accepted.
    """
    folded = {candidate.lower(): candidate for candidate in allowed}
    matches = get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def allowed_names(name: str, allowed: Sequence[str], most: int = 20) -> str:
    """Return ``did you mean 'x'? (allowed: ...)`` for a message, as much of it as can be said.

    Args:
        name: What the user wrote.
        allowed: The names that would have been accepted.
        most: Longest list that is still printed.
    """
    close = nearest(name, allowed)
    listed = f"allowed: {', '.join(allowed)}" if 0 < len(allowed) <= most else ""
    if close is None:
        return listed
    return f"did you mean {close!r}?" + (f" ({listed})" if listed else "")
