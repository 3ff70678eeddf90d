"""The ODD+D document (Grimm et al. 2020; Mueller et al. 2013): prose from a template, everything else read from the model."""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Callable
from importlib import resources

from expansion_sim.documentation import source_text
from expansion_sim.documentation.markdown import filled, table
from expansion_sim.documentation.source_text import Module, Rule

TEMPLATE = "odd_template.md"
#: Modules of behaviour/ that only put rules together; they are the schedule, not submodels.
COMPOSING = ("behaviour.kernel", "behaviour.context", "behaviour.tables")
MARKS = {
    "S": "source document", "V": "published elsewhere and read", "C": "computed from published results",
    "A": "own prior, to be calibrated",
}


def odd_document() -> str:
    """The whole document, Markdown.

    Raises:
        InputError: The template asks for a section that nobody writes, or does not ask for one that is written.
    """
    template = resources.files("expansion_sim.documentation").joinpath(TEMPLATE).read_text(encoding="utf-8")
    return filled(template, TEMPLATE, SECTIONS)


# --- sections ---------------------------------------------------------------------------------------------------------


def state_variables() -> str:
    """State variables of a firm."""
    from expansion_sim.population.schema import COLUMNS

    rows = ((f"`{c.name}`" + (f" ({len(c.labels)})" if c.labels else ""), c.unit, c.meaning) for c in COLUMNS)
    return table(("variable", "unit or code", "meaning"), rows)


def other_entities() -> str:
    """State of large customers and hosts, as recorded in their tables."""
    from expansion_sim.history.fields import HOST_DTYPE, JAPAN_DTYPE
    from expansion_sim.population.parents import PARENT_DTYPE

    kinds = (("large customer", PARENT_DTYPE), ("host country", HOST_DTYPE), ("Japan", JAPAN_DTYPE))
    return table(("entity", "state"), ((name, ", ".join(f"`{field}`" for field in dtype.names or ())) for name, dtype in kinds))


def vocabularies() -> str:
    """The categories that index everything."""
    from expansion_sim import codes

    names = ("INDUSTRIES", "SIZE_CLASSES", "HOSTS", "HOST_GROUPS", "MODES", "STAGES", "EXPECTATIONS", "DISTRICTS", "EVENTS")
    return table(("category", "number", "values"), (
        (name.lower().replace("_", " "), len(getattr(codes, name)), ", ".join(getattr(codes, name))) for name in names
    ))


def schedule() -> str:
    """The year in order, from the model's own step."""
    phases = source_text.function_docs("behaviour")
    lines: list[str] = []
    for name, doc in source_text.steps_of("model.py", "ExpansionModel", "step"):
        lines.append(f"{len(lines) + 1}. `{name}`: {doc}")
        if name == "firms_live":
            from expansion_sim.agents.sme import PHASES

            lines[-1] += "".join(f"\n   - `{phase}`: {phases[phase]}" for phase in PHASES)
    return "\n".join(lines)


def switches() -> str:
    """Mechanisms that can be turned off."""
    from expansion_sim.scenario.spec import Mechanisms

    rows = ((f"`mechanisms.{name}`", field.description) for name, field in Mechanisms.model_fields.items())
    return table(("switch", "mechanism"), rows)


def streams() -> str:
    """Streams of random draws."""
    rows = source_text.members_with_comments("randomness.py", "Stream")
    plain = ((name.lower().replace("_", " "), number, comment) for name, number, comment in rows)
    return table(("stream", "number", "draws"), ((name, number, comment or name) for name, number, comment in plain))


def observations() -> str:
    """Measures of the yearly table."""
    from expansion_sim.results.measures import MEASURES

    return table(("measure", "unit", "meaning"), ((f"`{m.name}`", m.unit, m.meaning) for m in MEASURES))


def facts() -> str:
    """How many published facts the model is compared with, and by what."""
    from expansion_sim.validation.unanswered import NOT_HELD
    from expansion_sim.validation.validate import load_targets

    known = load_targets()
    held = int(known["id"].isin(NOT_HELD).sum())
    frames = known["lens"].nunique()
    return f"{len(known)} published facts through {frames} survey frames; {held} of them the model cannot answer by construction"


def input_data() -> str:
    """Yearly series of the record."""
    declared = tomllib.loads(resources.files("expansion_sim.history").joinpath("data/series.toml").read_text(encoding="utf-8"))
    rows = [
        (f"`{place}.{name}`", s["unit"], f"{s['first_year']}-{s['last_year']}", s["source"], s["filling"])
        for place in ("japan", "hosts") for name, s in declared[place].items()
    ]
    return table(("series", "unit", "years", "source", "filling"), rows)


def programmes() -> str:
    """Recorded support programmes."""
    from expansion_sim.policy.record import historical_programmes

    rows = ((p.id, p.name, p.agency, p.instrument, f"{p.start}-{p.end or ''}") for p in historical_programmes())
    return table(("id", "programme", "agency", "instrument", "years"), rows)


def assumed_terms() -> str:
    """Terms of support that are not known exactly, with ranges and sources."""
    from expansion_sim.policy.terms import stated_terms

    rows = (
        (f"`{term.key}`", f"{term.value:g}", f"{term.low:g} to {term.high:g}" if term.ranged else "", term.source)
        for term in stated_terms().numbers.values()
    )
    return table(("key", "value", "range", "source"), rows)


def support_keys() -> str:
    """Keys by which a scenario states programmes, agencies and instruments."""
    from expansion_sim.scenario.fields import keys

    rows = (
        (f"`{key.path}`", key.type, ", ".join(part for part in (key.range, key.unit) if part), key.default, key.text)
        for key in keys() if key.path.startswith("support")
    )
    return table(("key", "type", "range and unit", "default", "meaning"), rows)


def instruments() -> str:
    """Where each instrument acts, and up to what limit."""
    from expansion_sim.policy.instruments import INSTRUMENTS

    return table(("instrument", "lever", "limit"), ((f"`{name}`", i.lever, f"{i.limit:g}") for name, i in INSTRUMENTS.items()))


def parameters() -> str:
    """All parameters."""
    from expansion_sim.parameters import load_parameters

    rows = (
        (f"`{name}`", f"{p.value:g}", p.unit, f"{p.low:g} to {p.high:g}", f"{MARKS[p.provenance]}: {p.source}")
        for name, p in load_parameters().items()
    )
    return table(("parameter", "value", "unit", "range", "source"), rows)


def industry_constants() -> str:
    """Constants that differ between industries."""
    from expansion_sim.behaviour.tables import industry_constants as constants
    from expansion_sim.codes import INDUSTRIES

    return table(("constant", *INDUSTRIES), ((f"`{name}`", *(f"{v:g}" for v in row)) for name, row in constants().items()))


def scales() -> str:
    """Extent in time, from the scenario's defaults."""
    from expansion_sim.scenario.spec import Scenario, Years

    years, fields = Years(), Scenario.model_fields
    return f"{years.first} to {years.last}, in yearly steps; sampling share {fields['scale'].default:g} unless set otherwise"


def submodels() -> str:
    """Every rule with its equation, arguments and source, file by file."""
    found = [m for m in source_text.modules("behaviour") if m.name not in COMPOSING]
    return "\n\n".join(_submodel(module) for module in found if module.rules or "\n" in module.doc)


def _submodel(module: Module) -> str:
    head, _, rest = module.doc.partition("\n")
    title = f"#### `{module.name}`: {head.rstrip('.')}"
    parts = [title, _paragraphs(rest), *(_rule_text(rule) for rule in module.rules)]
    return "\n\n".join(part for part in parts if part)


def _rule_text(rule: Rule) -> str:
    """One rule: what it says, then its symbols."""
    body, *sections = re.split(r"^(?=(?:Args|Returns|Raises):$)", rule.doc, flags=re.MULTILINE)
    lines = [f"**{rule.name}**({', '.join(rule.arguments)}). {_paragraphs(body)}"]
    return "\n\n".join([*lines, *(_section_list(section) for section in sections)])


def _section_list(section: str) -> str:
    """A section such as Args as a list, one entry a line."""
    name, _, text = section.partition("\n")
    entries: list[str] = []
    for line in textwrap.dedent(text).strip().splitlines():
        if entries and (not line.strip() or line.startswith(" ") or name != "Args:"):
            entries[-1] = f"{entries[-1]} {line.strip()}".rstrip()
        else:
            entries.append(line.strip())
    if name == "Args:":
        return "\n".join(f"- {entry}" for entry in entries)
    return f"*{name}* {' '.join(entries)}"


def _paragraphs(text: str) -> str:
    """Docstring text with its lines joined paragraph by paragraph."""
    joined = (" ".join(line.strip() for line in block.splitlines()) for block in text.strip().split("\n\n"))
    return "\n\n".join(re.sub(r":(?:func|class|data|mod|meth):`~?([^`]+)`", r"`\1`", block) for block in joined if block)


#: Placeholder in the template -> what is written there.
SECTIONS: dict[str, Callable[[], str]] = {
    section.__name__: section for section in (
        state_variables, other_entities, vocabularies, schedule, switches, streams, observations, facts, input_data, programmes,
        assumed_terms, support_keys,
        instruments, parameters, industry_constants, scales, submodels,
    )
}
