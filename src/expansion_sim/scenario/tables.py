"""What the tables of scenario files are made of: keys with unit and explanation, names that are allowed, errors of whole tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from expansion_sim.codes import DISTRICTS, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES, STAGES
from expansion_sim.history.drivers import LAST_ALLOWED
from expansion_sim.history.overrides import HOST_LIMITS, JAPAN_LIMITS
from expansion_sim.policy.instruments import INSTRUMENTS

FIRST_YEAR = 1955  # the population of firms is built for this year
#: Limits of a year that is simulated.
YEAR: dict[str, Any] = {"ge": FIRST_YEAR, "le": LAST_ALLOWED}

if TYPE_CHECKING:  # the vocabularies are tuples of the package, so their types exist only at run time
    Host: TypeAlias = str
    Industry: TypeAlias = str
    Mode: TypeAlias = str
    SizeClass: TypeAlias = str
    Stage: TypeAlias = str
    District: TypeAlias = str
    InstrumentName: TypeAlias = str
    JapanSeries: TypeAlias = str
    HostSeries: TypeAlias = str
else:
    Host, Industry, Mode = Literal[HOSTS], Literal[INDUSTRIES], Literal[MODES]
    SizeClass, Stage, District = Literal[SIZE_CLASSES], Literal[STAGES], Literal[DISTRICTS]
    InstrumentName = Literal[tuple(INSTRUMENTS)]
    JapanSeries, HostSeries = Literal[tuple(JAPAN_LIMITS)], Literal[tuple(HOST_LIMITS)]


def key(default: Any, text: str, unit: str = "", **limits: Any) -> Any:
    """A key of the schema.

    Args:
        default: Default value; ``...`` when the key is required.
        text: Explanation, one sentence.
        unit: Unit of measurement, empty where it has none.
        limits: Bounds as pydantic takes them (ge, le, gt, min_length, alias, ...).
    """
    return Field(default, description=text, json_schema_extra={"unit": unit} if unit else None, **limits)


def wrong(message: str, *below: str | int) -> PydanticCustomError:
    """An error of a whole table or array; ``below`` leads from there to the key that is to blame."""
    return PydanticCustomError("scenario", "{problem}", {"problem": message, "below": below})


class Table(BaseModel):
    """A table of a scenario file."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)
