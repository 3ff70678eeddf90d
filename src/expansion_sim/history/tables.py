"""Reading the data files and checking them against their declarations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from expansion_sim.codes import HOSTS
from expansion_sim.errors import InputError
from expansion_sim.history.metadata import Declarations, SeriesMeta

TEXT_TABLES = ("events", "openness_steps", "programmes", "targets", "places")


def read_table(directory: Path, name: str) -> pd.DataFrame:
    """Read one CSV of the history; blank cells of text columns become empty strings.

    Args:
        directory: Folder of the data files.
        name: File name without ``.csv``.

    Raises:
        InputError: The file is missing or a row has more cells than the header.
    """
    path = directory / f"{name}.csv"
    try:
        table = pd.read_csv(path, encoding="utf-8", index_col=False, on_bad_lines="error", dtype=_text_columns(name))
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", file=str(path)) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"not a clean table: {error}", file=str(path)) from error
    text = [column for column in table.columns if not pd.api.types.is_numeric_dtype(table[column])]
    table[text] = table[text].fillna("").astype(object)
    return table


def _text_columns(name: str) -> Mapping[str, type]:
    """Columns that hold words even where every cell looks like a number."""
    return {"events": {"host": str, "channel": str, "sign": str}, "targets": {"value": str, "period": str}}.get(name, {})


def check_yearly(table: pd.DataFrame, declared: dict[str, SeriesMeta], file: str, places: tuple[str, ...] = ()) -> None:
    """Check that every declared series has a value in every declared year, at every place.

    Args:
        table: Columns year, the series, and host when ``places`` is given.
        declared: The declarations by column name.
        file: File named in errors.
        places: Host codes; empty for Japan.

    Raises:
        InputError: Naming file, series and year of the first column, row or value that is missing, doubled or undeclared.
    """
    keys = ["host", "year"] if places else ["year"]
    for name in [*keys, *declared]:
        if name not in table.columns:
            raise InputError("declared, but the file has no such column", file=file, key=name)
    for name in table.columns:
        if name not in keys and name not in declared:
            raise InputError("column without a declaration in series.toml", file=file, key=name)
    doubled = table[table.duplicated(keys)]
    if len(doubled):
        raise InputError(f"two rows for {' '.join(str(doubled.iloc[0][k]) for k in keys)}", file=file, key="year")
    for place in places or ("",):
        rows = table[table["host"] == place] if place else table
        by_year = rows.set_index("year")
        for meta in declared.values():
            _check_series(by_year[meta.name], meta, file, place)


def _check_series(values: pd.Series, meta: SeriesMeta, file: str, place: str) -> None:
    where = f" for {place}" if place else ""
    numbers = pd.to_numeric(values, errors="coerce").dropna()
    missing = sorted(set(meta.years()) - set(numbers.index))
    if missing:
        raise InputError(f"no value{where} in {missing[0]}, a declared year", file=file, key=meta.name)
    extra = sorted(set(numbers.index) - set(meta.years()))
    if extra:
        raise InputError(f"value{where} in {extra[0]}, outside the declared years", file=file, key=meta.name)
    if not numbers.abs().lt(float("inf")).all():
        raise InputError(f"a value{where} is not finite", file=file, key=meta.name)


def check_population(table: pd.DataFrame, declared: Declarations, file: str) -> None:
    """Check sme_population.csv: every series declared, with its years and number of rows, and no blank value.

    Raises:
        InputError: Naming file, series and, where it applies, year.
    """
    blank = table[table["value"].isna()]
    if len(blank):
        raise InputError(f"no value in {blank.iloc[0]['year']}", file=file, key=str(blank.iloc[0]["series"]))
    undeclared = sorted(set(table["series"]) - set(declared.population))
    if undeclared:
        raise InputError("series without a declaration in series.toml", file=file, key=undeclared[0])
    groups = dict(tuple(table.groupby("series")))
    for name, meta in declared.population.items():
        rows = groups.get(name)
        if rows is None:
            raise InputError("declared, but the file has no row of it", file=file, key=name)
        years = set(rows["year"])
        wanted = set(range(meta.first_year, meta.last_year + 1)) if meta.every_year else {meta.first_year, meta.last_year}
        if wanted - years:
            raise InputError(f"no value in {min(wanted - years)}, a declared year", file=file, key=name)
        if len(rows) != meta.rows or min(years) < meta.first_year or max(years) > meta.last_year:
            raise InputError(f"{len(rows)} rows {min(years)}-{max(years)}, declared {meta.rows} rows "
                             f"{meta.first_year}-{meta.last_year}", file=file, key=name)


def check_text(table: pd.DataFrame, name: str, declared: Declarations) -> None:
    """Check a table of words: its declared number of rows, and no blank cell in the columns that must be filled.

    Raises:
        InputError: Naming file and column.
    """
    file, meta = f"{name}.csv", declared.tables[name]
    if len(table) != meta.rows:
        raise InputError(f"{len(table)} rows, declared {meta.rows}", file=file)
    for column in meta.filled:
        if column not in table.columns:
            raise InputError("declared, but the file has no such column", file=file, key=column)
        blank = table.index[table[column].isna() | (table[column].astype(str) == "")]
        if len(blank):
            raise InputError("blank cell in a column that must be filled", file=file, key=column, line=int(blank[0]) + 2)


def check_openness(steps: pd.DataFrame, hosts: pd.DataFrame, japan: pd.DataFrame) -> None:
    """Check that the openness steps cover 1955-2024 without overlap and equal the yearly columns.

    Args:
        steps: host, from_year, to_year, value.
        hosts: Long table with columns host, year and fdi_openness.
        japan: Column outward_fdi_freedom indexed by year.

    Raises:
        InputError: Naming file, host and year.
    """
    for place in (*HOSTS, "JPN_outward"):
        own = place == "JPN_outward"
        yearly = japan["outward_fdi_freedom"] if own else hosts[hosts["host"] == place].set_index("year")["fdi_openness"]
        mine = steps[steps["host"] == place]
        stepped = {y: row.value for row in mine.itertuples() for y in range(row.from_year, row.to_year + 1)}
        length = int((mine["to_year"] - mine["from_year"] + 1).sum())
        wrong = [y for y, value in yearly.items() if stepped.get(y) != value]
        if wrong or length != len(yearly):
            raise InputError(f"steps of {place} disagree with the yearly values in {wrong[0] if wrong else 'overlapping years'}",
                             file="openness_steps.csv", key=place)
