"""The measures of a comparison with unit and meaning: the data dictionary of its table of effects.

In every row ``base`` and ``other`` are the values in the two worlds and ``difference`` is other minus base.
"""

from __future__ import annotations

import pandas as pd

from expansion_sim.comparison.abroad import LABELS
from expansion_sim.comparison.levels import LEVELS
from expansion_sim.results.measures import MEASURES, Measure

#: Measures by firm that hold in every group.
COUNT_MEASURES: tuple[Measure, ...] = (
    Measure("abroad", "firms", "firms abroad: abroad_in_both plus displaced (in BASE) or additional (in OTHER)"),
    Measure("abroad_in_both", "firms", "firms abroad in both worlds"),
    Measure("additional", "firms", "firms abroad in OTHER that are not abroad in BASE"),
    Measure("displaced", "firms", "firms abroad in BASE that are not abroad in OTHER"),
    Measure("supported", "firms", "firms abroad in a mode that they entered with an award"),
    Measure("supported_additional", "firms", "supported firms that are not abroad in the counterpart"),
    Measure("deadweight", "firms", "supported firms that are abroad in the counterpart as well"),
    Measure("entitled", "firms", "firms abroad in a mode that they entered under a programme open to all"),
    Measure("entitled_additional", "firms", "entitled firms that are not abroad in the counterpart"),
    Measure("entitled_deadweight", "firms", "entitled firms that are abroad in the counterpart as well"),
)
EVER_MEASURES: tuple[Measure, ...] = (
    Measure("ever_abroad", "firms", "firms abroad in some year so far"),
    Measure("ever_additional", "firms", "firms abroad in OTHER in some year so far and in no year so far in BASE"),
    Measure("ever_displaced", "firms", "firms abroad in BASE in some year so far and in no year so far in OTHER"),
)
MONEY_MEASURES: tuple[Measure, ...] = (
    Measure("spending", "million yen 2015 a year", "public money paid out, interest waived, loans and guarantees lost, less what is paid back"),
    Measure("spending_at_home", "million yen 2015 a year",
            "part of it that serves business at home: guarantees called on debt not drawn for an entry abroad"),
    Measure("lending", "million yen 2015 a year", "public loans drawn"),
    Measure("foregone", "million yen 2015 a year", "tax not collected because of reserves, credits and exemptions"),
    Measure("awards", "firms a year", "firms that were promised an award"),
)
EFFECTS: tuple[Measure, ...] = (
    *COUNT_MEASURES,
    *EVER_MEASURES,
    *MONEY_MEASURES,
    *(measure for measure in MEASURES if measure.name in LEVELS),
)
UNITS: dict[str, str] = {measure.name: measure.unit for measure in EFFECTS}


def labelled_effects(effects: pd.DataFrame) -> pd.DataFrame:
    """The same frame with fixed categories, so that frames of several replications have the same codes."""
    known = {"measure": tuple(UNITS), **{name: ("", *labels) for name, labels in LABELS.items()}}
    columns = {name: pd.Categorical(effects[name], categories=pd.Index(labels, dtype="str")) for name, labels in known.items()}
    return effects.assign(year=effects["year"].astype("int16"), **columns)
