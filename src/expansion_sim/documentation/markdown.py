"""Markdown pieces and templates with named sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from expansion_sim.errors import InputError


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    text = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines]
    return "\n".join([text[0], "|" + "---|" * len(lines[0]), *text[1:]])


def filled(template: str, name: str, sections: Mapping[str, Callable[[], str]]) -> str:
    """A template with every ``{{ section }}`` written by its function.

    Args:
        template: Markdown with placeholders.
        name: Name of the template, for the message.
        sections: Section -> function that writes it.

    Raises:
        InputError: The template asks for a section that nobody writes, or does not ask for one that is written.
    """
    asked = re.findall(r"\{\{ (\w+) \}\}", template)
    unknown, unused = sorted(set(asked) - set(sections)), sorted(set(sections) - set(asked))
    if unknown or unused:
        named = f"sections unknown: {', '.join(unknown) or 'none'}; not asked for: {', '.join(unused) or 'none'}"
        raise InputError(named, file=name)
    return re.sub(r"\{\{ (\w+) \}\}", lambda match: sections[match[1]](), template)
