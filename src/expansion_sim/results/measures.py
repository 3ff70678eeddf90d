"""The measures of the tidy yearly table, with unit and meaning: the table's data dictionary.

Appending is safe; the order of :data:`STOCKS` is the order of the last axis of the model's yearly table.
"""

from __future__ import annotations

from typing import NamedTuple


class Measure(NamedTuple):
    """One measure of the yearly table.

    Attributes:
        name: Value of the column ``measure``.
        unit: Unit of the column ``value``.
        meaning: One line for the data dictionary.
    """

    name: str
    unit: str
    meaning: str


STOCK_MEASURES: tuple[Measure, ...] = (
    Measure("firms", "firms", "living firms at the end of the year"),
    Measure("births", "firms a year", "firms founded during the year"),
    Measure("closures", "firms a year", "firms gone during the year, defaults included"),
    Measure("defaults", "firms a year", "closures because cash and credit line were gone"),
    Measure("abroad", "firms", "firms with at least one mode abroad"),
    Measure("interested", "firms", "firms not abroad that are interested and have no plan"),
    Measure("planning", "firms", "firms not abroad that have a plan"),
    Measure("employees", "persons", "employees at home"),
    Measure("home_sales", "million yen 2015 a year", "sales in Japan"),
    Measure("export_sales", "million yen 2015 a year", "sales abroad from home"),
    Measure("plant_sales", "million yen 2015 a year", "output of own and collective plants abroad"),
    Measure("foreign_jobs", "persons", "persons employed in own and collective plants abroad"),
    Measure("profit", "million yen 2015 a year", "profit after tax"),
    Measure("cash", "million yen 2015", "cash and deposits"),
    Measure("debt", "million yen 2015", "bank debt"),
    Measure("relocated_jobs", "persons", "jobs at home that production moved abroad stands for"),
    Measure("borrowed", "million yen 2015 a year", "net new bank debt"),
    Measure("paid_out", "million yen 2015 a year", "owners' pay, investment and other uses of excess cash"),
    Measure("invested", "million yen 2015 a year", "own money put into going abroad"),
    Measure("local_sales", "million yen 2015 a year", "output of plants abroad that is sold in the hosts"),
    Measure("contract_output", "million yen 2015 a year", "goods made abroad under contract for sale at home"),
    Measure("jobs_by_plant", "persons", "home jobs of firms with plants abroad, more or less than without the plants"),
    Measure("jobs_by_rivals", "persons", "home jobs that stayers lost, negative, to rivals who moved"),
)

#: Names of the last axis of the model's yearly table, in order.
STOCKS: tuple[str, ...] = tuple(measure.name for measure in STOCK_MEASURES)

#: Stocks of firms by mode and by mode and host; a firm in two modes or hosts counts in both.
FIRMS_IN_MODE = "firms_in_mode"
FIRMS_IN_HOST = "firms_in_host"

FLOW_MEASURES: tuple[Measure, ...] = (
    Measure("entries", "firms a year", "firms that took up a mode"),
    Measure("leaves", "firms a year", "living firms that gave up a mode"),
    Measure("leaves_by_closure", "firms a year", "firms in a mode that closed or defaulted"),
    Measure("projects", "projects a year", "new own or collective plants: entries into the mode and further hosts"),
    Measure("reshorings", "firms a year", "firms that brought work back to Japan"),
    Measure("switches", "firms a year", "firms that took up one mode in place of another"),
)

#: Flows counted from the events of the year.
FLOWS: tuple[str, ...] = tuple(measure.name for measure in FLOW_MEASURES)

MEASURES: tuple[Measure, ...] = (
    *STOCK_MEASURES,
    Measure(FIRMS_IN_MODE, "firms", "firms using the mode; 'home' counts firms in no mode abroad"),
    Measure(FIRMS_IN_HOST, "firms", "firms using the mode in the host; for direct export: in the market"),
    *FLOW_MEASURES,
)

#: Unit of every declared measure; scalars named by the model are not in it.
UNITS: dict[str, str] = {measure.name: measure.unit for measure in MEASURES}
