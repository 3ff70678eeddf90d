"""The state of a firm: one :class:`Column` per variable, and nothing else anywhere.

The population is one NumPy structured array (a record per firm, :data:`FIRM_DTYPE`). A record keeps the state of one
firm in two or three cache lines, which is what the yearly kernel walks over; ``firms["cash"]`` is still a column.
Money is million yen at 2015 prices unless the unit says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from expansion_sim.codes import HOST_GROUPS, MODES


class Column(NamedTuple):
    """One state variable.

    Attributes:
        name: Field name, in the field's own terms.
        dtype: NumPy type of one cell, or of one element when ``shape`` is given.
        unit: Unit of measurement, or the coding of the value.
        meaning: One line for the data dictionary.
        shape: Shape of the cell; empty for a scalar.
        labels: Names of the elements of a vector cell, used as suffixes in tidy tables.
    """

    name: str
    dtype: str
    unit: str
    meaning: str
    shape: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()


COLUMNS: tuple[Column, ...] = (
    # --- identity -------------------------------------------------------------------------------------------------
    Column("firm", "i8", "id", "identity, never reused; the key of all of the firm's random draws"),
    Column("alive", "u1", "0/1", "1 while the firm exists; a row with 0 is free"),
    Column("weight", "f4", "firms", "how many firms of the country this row stands for"),
    Column("birth_year", "i2", "year", "year of foundation"),
    Column("industry", "u1", "code INDUSTRIES", "industry"),
    Column("district", "u1", "code DISTRICTS", "industrial district, or elsewhere"),
    Column("parent", "i2", "row of parents, -1 none", "main customer that is a large firm"),
    Column("second_customer", "i2", "row of parents, -1 none", "second large customer"),
    # --- size and balance sheet -------------------------------------------------------------------------------------
    Column("log_size", "f4", "log persons", "permanent size: log employees at average orders"),
    Column("ability", "f4", "log points", "fixed effect of log productivity"),
    Column("productivity", "f4", "log points", "log productivity of the year, fixed effect included"),
    Column("employees", "f4", "persons", "employees at home"),
    Column("home_sales", "f4", "million yen 2015 a year", "sales in Japan"),
    Column("capital", "f4", "million yen", "paid-in capital, as the Basic Act counts it"),
    Column("assets", "f4", "million yen 2015", "total assets that can be pledged"),
    Column("cash", "f4", "million yen 2015", "cash and deposits"),
    Column("debt", "f4", "million yen 2015", "bank debt"),
    Column("interest", "f4", "fraction a year", "interest rate of the year before what public lenders waive"),
    Column("leverage", "f4", "ratio", "debt over sales that the firm is used to, relative to the median firm"),
    Column("entry_debt", "f4", "million yen 2015", "part of the bank debt that was drawn for entries abroad"),
    Column("entry_cover", "f4", "share", "mean cover of the public guarantees under which it was drawn"),
    Column("order_share", "f4", "share", "share of home sales that goes to the main customer"),
    Column("order_level", "f4", "ratio", "orders of the main customer relative to before any shift"),
    Column("owner_age", "f4", "years", "age of the owner"),
    Column("quality", "f4", "log points", "quality or differentiation of the product abroad"),
    # --- preferences --------------------------------------------------------------------------------------------------
    Column("patience", "f4", "standard normal", "owner's patience (time preference)"),
    Column("risk_tolerance", "f4", "standard normal", "owner's tolerance of risk"),
    Column("expectation", "u1", "code EXPECTATIONS", "how the firm forms expectations"),
    Column("taste", "f4", "utility", "persistent taste per mode", (len(MODES),), MODES),
    # --- the way abroad -----------------------------------------------------------------------------------------------
    Column("interested", "u1", "0/1", "interested in going abroad"),
    Column("wish_mode", "u1", "code MODES", "mode the firm plans to enter, 0 for none"),
    Column("wish_host", "i1", "code HOSTS, -1 none", "market or host of that plan"),
    Column("wish_value", "f4", "log points", "log of gain over yearly cost, above the entry threshold, of the plan"),
    Column("knowledge", "f4", "0 to 1", "knowledge of doing business per host group", (len(HOST_GROUPS),), HOST_GROUPS),
    Column("channels", "u1", "bits 1 indirect, 2 direct, 4 e-commerce", "export channels in use"),
    Column("markets", "u2", "bits HOSTS", "export markets served"),
    Column("contract_hosts", "u2", "bits HOSTS", "hosts of contract production"),
    Column("plant_hosts", "u2", "bits HOSTS", "hosts of own plants or bases"),
    Column("cluster_hosts", "u2", "bits HOSTS", "hosts of a share in a collective plant"),
    Column("since", "i2", "year, 0 not in the mode", "first year of the current spell per mode", (len(MODES),), MODES),
    Column("left", "i2", "year, 0 never", "year in which the mode was last left", (len(MODES),), MODES),
    Column("ever", "u1", "bits of MODES", "modes ever used"),
    Column("first_mode", "u1", "code MODES", "first mode ever used, 0 for none"),
    Column("first_year", "i2", "year, 0 never", "year of first going abroad"),
    Column("followed", "u1", "0/1", "a plant was opened on a main customer's invitation"),
    Column("invited_host", "i1", "code HOSTS, -1 none", "open invitation of the main customer"),
    Column("delisted", "u1", "0/1", "dropped by the main customer"),
    Column("pledge", "u1", "0/1", "bound to keep the home plant"),
    Column("pledged", "f4", "million yen 2015", "public money to be paid back when the home plant is given up"),
    Column("pledge_floor", "f4", "persons", "home jobs below which it is paid back"),
    Column("pledge_until", "i2", "year, 0 none", "last year of the pledge"),
    Column("pledge_programme", "i2", "row of programmes, -1 none", "programme that the pledge was given to"),
    Column("cooperative", "i4", "id, -1 none", "cooperative of a collective plant"),
    Column("members", "f4", "firms", "members that share its collective plant, 0 for none"),
    Column("export_sales", "f4", "million yen 2015 a year", "sales abroad from home"),
    Column("agreements", "u2", "bits HOSTS", "markets in which it uses a trade agreement"),
    Column("plant_sales", "f4", "million yen 2015 a year", "output of own and collective plants abroad"),
    Column("local_sales", "f4", "million yen 2015 a year", "part of it sold in the hosts"),
    Column("contract_output", "f4", "million yen 2015 a year", "goods made abroad under contract for sale at home"),
    Column("relocated", "f4", "share", "share of home production moved abroad"),
    Column("foreign_jobs", "f4", "persons", "persons employed in own and collective plants abroad"),
    Column("jobs_by_plant", "f4", "persons", "home jobs it has more (or less, negative) than it would have without its own plants"),
    Column("jobs_by_rivals", "f4", "persons", "home jobs lost, negative, because rivals of the industry moved abroad"),
    Column("profit", "f4", "million yen 2015 a year", "profit of the year after tax"),
    Column("borrowed", "f4", "million yen 2015", "net new bank debt of the year"),
    Column("paid_out", "f4", "million yen 2015", "owners' pay, investment and other uses of excess cash in the year"),
    Column("invested", "f4", "million yen 2015", "own money put into going abroad in the year"),
    Column("reshored", "i2", "year, 0 never", "year of last bringing work home"),
    # --- support ------------------------------------------------------------------------------------------------------
    Column("needs", "f4", "million yen 2015", "award without which the plan is not carried out, 0 for one that is carried out anyway"),
    Column("award", "f4", "million yen 2015", "public money granted for this year's plan"),
    Column("loan", "f4", "million yen 2015", "public loan promised for this year's plan"),
    Column("loan_discount", "f4", "fraction a year", "discount of the interest on that loan"),
    Column("loan_term", "f4", "years", "term of that loan"),
    Column("effort", "f4", "million yen 2015", "cost of the year's applications in people's time"),
    Column("score", "f4", "log points", "score of the plan above the cut-off of the last competition it was in"),
    Column("scored_by", "i2", "row of programmes, -1 none", "programme of that competition"),
    Column("programme", "i2", "row of programmes, -1 none", "last programme that supported the firm"),
    Column("advised", "i2", "year, 0 never", "year in which the firm registered with a programme of advice"),
    Column("awarded", "i8", "bits of programme rows", "programmes that have supported the firm so far"),
    Column("subsidy", "f4", "million yen 2015", "public money received so far"),
    Column("supported", "u1", "bits of MODES", "modes entered with support"),
    Column("public_debt", "f4", "million yen 2015", "part of the debt that is owed to public lenders"),
    Column("public_discount", "f4", "fraction a year", "mean discount of interest on it"),
    Column("public_instalment", "f4", "million yen 2015 a year", "equal parts in which it is repaid"),
    Column("loan_programme", "i2", "row of programmes, -1 none", "programme of the last public loan"),
    Column("reserve", "f4", "million yen 2015", "tax-free reserve for losses on investment abroad"),
    Column("reserve_since", "i2", "year, 0 none", "year in which the reserve was begun"),
    # --- what happened this year (scratch, overwritten every year) ------------------------------------------------------
    Column("granted", "f4", "million yen 2015", "public money received in the year"),
    Column("clawed_back", "f4", "million yen 2015", "public money paid back in the year"),
    Column("lent", "f4", "million yen 2015", "public loan drawn in the year"),
    Column("written_off", "f4", "million yen 2015", "public loans lost by the firm's default in the year"),
    Column("called", "f4", "million yen 2015", "bank debt that guarantors had to pay on its default in the year"),
    Column("called_abroad", "f4", "million yen 2015", "part of it that had been drawn for entries abroad"),
    Column("tax_deferred", "f4", "million yen 2015", "tax of the year put off by the loss reserve, negative when it falls due"),
    Column("interest_saved", "f4", "million yen 2015", "interest on public loans that the lender waived in the year"),
    Column("events", "u4", "bits of EVENTS", "what happened this year"),
    Column("event_mode", "u1", "code MODES", "mode of this year's entry"),
    Column("event_host", "i1", "code HOSTS, -1 none", "host or market of this year's entry"),
    Column("left_modes", "u1", "bits of MODES", "modes left this year"),
    Column("left_host", "i1", "code HOSTS, -1 none", "host of a plant closed this year"),
    Column("years_in_mode", "i2", "years", "length of the spell that ended this year"),
    Column("unfunded", "u1", "code MODES", "mode of a plan that would have paid but could not be paid for this year, 0 for none"),
)

#: Columns that the year of every firm reads or writes, also of one that only sells at home: they stand first in a record, so that most firms
#: need only the first half of theirs from memory; those that say who is alive and looks abroad stand before all. Tables keep the order above.
EVERY_YEAR = (
    "firm", "awarded", "employees", "alive", "interested", "wish_mode", "industry",
    "weight", "log_size", "ability", "productivity", "home_sales", "order_share", "order_level", "owner_age", "quality", "patience",
    "risk_tolerance", "leverage", "assets", "cash", "debt", "interest", "entry_debt", "profit", "borrowed", "paid_out", "invested",
    "public_debt", "public_discount", "public_instalment", "reserve", "written_off", "called", "tax_deferred", "interest_saved",
    "export_sales", "plant_sales", "local_sales", "contract_output", "relocated", "foreign_jobs", "jobs_by_plant", "jobs_by_rivals",
    "knowledge", "events", "cooperative", "parent", "second_customer", "markets", "contract_hosts", "plant_hosts", "cluster_hosts",
    "agreements", "reserve_since", "channels", "district", "invited_host", "pledge", "event_mode", "event_host", "left_modes",
)
BY_NAME = {column.name: column for column in COLUMNS}
_IN_MEMORY = (*(BY_NAME[name] for name in EVERY_YEAR), *(column for column in COLUMNS if column.name not in EVERY_YEAR))
FIRM_DTYPE = np.dtype([(c.name, c.dtype, c.shape) if c.shape else (c.name, c.dtype) for c in _IN_MEMORY], align=True)
#: Bytes of a record that hold these columns.
EVERY_YEAR_BYTES = FIRM_DTYPE.fields[EVERY_YEAR[-1]][1] + FIRM_DTYPE[EVERY_YEAR[-1]].itemsize  # type: ignore[index]


def empty_firms(rows: int) -> np.ndarray:
    """Return ``rows`` free rows, shape (rows,), dtype :data:`FIRM_DTYPE`, with the 'none' codes set.

    Args:
        rows: Number of rows, 0 or more.
    """
    firms = np.zeros(rows, FIRM_DTYPE)
    for name in ("firm", "parent", "second_customer", "wish_host", "invited_host", "cooperative", "programme", "event_host", "left_host",
                 "pledge_programme", "scored_by", "loan_programme"):
        firms[name] = -1
    return firms


def copied(records: np.ndarray) -> np.ndarray:
    """A copy of records. NumPy would go through their fields one by one; as bytes they are copied in a twentieth of the time."""
    return as_bytes(records).copy().view(records.dtype)


def joined(parts: Sequence[np.ndarray], dtype: np.dtype) -> np.ndarray:
    """Arrays of records of one type one after the other, by their bytes, see :func:`copied`."""
    return np.concatenate([as_bytes(part) for part in parts]).view(dtype) if parts else np.empty(0, dtype)


def as_bytes(records: np.ndarray) -> np.ndarray:
    """The same records as bytes of no meaning."""
    return records.view(np.dtype((np.void, records.itemsize)))


def stage_of(firms: np.ndarray) -> np.ndarray:
    """Stage of each firm on the way abroad, shape (n,), codes of STAGES.

    Abroad means any export channel, contract, own or collective plant; planning and interested count only firms not
    abroad, as in the survey.
    """
    abroad = (firms["channels"] > 0) | (firms["contract_hosts"] > 0) | (firms["plant_hosts"] > 0) | (firms["cluster_hosts"] > 0)
    stage = np.where(firms["wish_mode"] > 0, 2, np.where(firms["interested"] > 0, 1, 0))
    return np.where(abroad, 3, stage).astype(np.uint8)
