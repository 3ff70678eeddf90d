"""What the year brings to firms: prices, wages, markets, rates and risks, from the record or a scenario's own paths.

Money is million yen at 2015 prices. The yen acts only through prices: a scenario's yen moves host wages, markets and unit
labour costs one for one and leaves wages in Japan as they were. Growth set by a scenario moves volumes, productivity and,
with a constant labour share, wages, so that unit labour costs stay as recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from expansion_sim.codes import HOST_GROUP_OF, HOSTS
from expansion_sim.errors import InputError
from expansion_sim.history.events import credit_shocks, risk_shocks
from expansion_sim.history.fields import HOST_DTYPE, JAPAN_DTYPE
from expansion_sim.history.history import History
from expansion_sim.history.outlook import deviations, drawn_years, grow_on, hold, trend_growth
from expansion_sim.history.overrides import override_hosts, override_japan, yen_path

BASE_YEAR = 2015
CALM_YEARS = (1985, 2019)
VOLATILITY_YEARS, VOLATILITY_FLOOR = 5, 0.02
FREIGHT_BASE, FREIGHT_PER_1000_KM = 0.05, 0.012
LAST_ALLOWED = 2100


@dataclass(frozen=True)
class Drivers:
    """Drivers of the years ``first`` to ``last``.

    Attributes:
        first: First year.
        last: Last year.
        japan: Shape (years,), dtype :data:`JAPAN_DTYPE`.
        hosts: Shape (years, 16), dtype :data:`HOST_DTYPE`.
    """

    first: int
    last: int
    japan: np.ndarray
    hosts: np.ndarray

    def index(self, year: int) -> int:
        """Row of a year.

        Raises:
            InputError: The year is outside ``first`` to ``last``.
        """
        if not self.first <= year <= self.last:
            raise InputError(f"no drivers for {year} (allowed {self.first}-{self.last})", key="year")
        return year - self.first

    def year(self, year: int) -> tuple[np.void, np.ndarray]:
        """Japan's record and the hosts' row, shape (16,), of a year.

        Raises:
            InputError: The year is outside ``first`` to ``last``.
        """
        row = self.index(year)
        return self.japan[row], self.hosts[row]


class _Recorded(NamedTuple):
    """The record carried on to the last year: levels at 1955-2024 as recorded, then held or grown at constant prices."""

    years: np.ndarray
    yen: np.ndarray
    cpi: np.ndarray
    growth: np.ndarray
    labour_cost: np.ndarray
    gdp: np.ndarray
    population: np.ndarray
    employment: np.ndarray
    host_growth: np.ndarray
    host_labour_cost: np.ndarray
    host_gdp: np.ndarray
    host_population: np.ndarray


class _Volumes(NamedTuple):
    """Real GDP of the scenario: growth, volume (2015 on record = 1) and ratio of the volume to the record."""

    growth: np.ndarray
    volume: np.ndarray
    ratio: np.ndarray


def build_drivers(history: History, spec: Any = None, first: int = 1955, last: int = 2024, rng_seed: int = 0) -> Drivers:
    """Build the drivers of a run.

    Expectations and memories start in the first recorded year, so a run that begins later begins with the right past.
    After the record prices, rates, policies and risks hold their last value and volumes grow at the mean of the last five
    years without 2020; ``spec.future = "bootstrap"`` adds past shocks to the yen and to growth, drawn in blocks.

    Args:
        history: The record.
        spec: Object with ``yen``, ``yen_factor``, ``yen_hold_from``, ``japan``, ``host`` and ``future``, each optional. Entries
            have ``from_``, ``to`` and ``value`` (driver units), ``series`` in the last two lists, and ``host`` in the last.
            None replays the record.
        first: First year, not before the record.
        last: Last year.
        rng_seed: Key of the bootstrap's draws.

    Returns:
        Drivers with finite values in every field.

    Raises:
        InputError: Years or entries that cannot be used.
    """
    if not history.first_year <= first <= last <= LAST_ALLOWED:
        allowed = f"allowed within {history.first_year}-{LAST_ALLOWED}, first not after last"
        raise InputError(f"years {first}-{last} ({allowed})", key="years")
    record = _carry_on(history, max(last, history.last_year))
    yen, growth, host_growth = _bootstrap(history, record, spec, rng_seed)
    yen = yen_path(yen, record.years, spec)
    volumes = _volumes(record.years, record.growth, override_japan("growth", growth, record.years, spec))
    host_volumes = _volumes(record.years, record.host_growth, override_hosts("growth", host_growth, record.years, spec))
    japan = _japan(history, record, spec, yen, volumes)
    hosts = _hosts(history, record, spec, japan, volumes, host_volumes)
    japan["rivals"] = _rivals(history, record, hosts)
    japan["wage_abroad"] = _wage_abroad(hosts)
    keep = slice(first - history.first_year, last - history.first_year + 1)
    return Drivers(first, last, japan[keep].copy(), hosts[keep].copy())


def _carry_on(history: History, last: int) -> _Recorded:
    recorded = np.arange(history.first_year, history.last_year + 1)
    extra = last - history.last_year
    japan = {name: history.japan[name].to_numpy(float) for name in history.japan.columns}
    growth = trend_growth(japan["real_gdp_growth_percent"] / 100.0, recorded, extra)
    host_growth = trend_growth(history.matrix("real_gdp_growth_percent") / 100.0, recorded, extra)
    return _Recorded(
        years=np.arange(history.first_year, last + 1),
        yen=hold(japan["jpy_per_usd"], extra), cpi=hold(japan["cpi_2015_100"] / 100.0, extra),
        growth=growth, labour_cost=grow_on(japan["labour_cost_usd_per_worker"], growth), gdp=grow_on(japan["gdp_usd_bn"], growth),
        population=hold(japan["population_million"], extra), employment=hold(japan["employment_million"], extra),
        host_growth=host_growth, host_labour_cost=grow_on(history.matrix("labour_cost_usd_per_worker"), host_growth),
        host_gdp=grow_on(history.matrix("gdp_usd_bn"), host_growth),
        host_population=hold(history.matrix("population_million"), extra),
    )


def _bootstrap(history: History, record: _Recorded, spec: Any, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Yen, growth and host growth after the record: as carried on, or with past shocks added."""
    extra, future = int(record.years[-1]) - history.last_year, getattr(spec, "future", None) or "hold"
    if future not in ("hold", "bootstrap"):
        raise InputError(f"unknown value {future} (allowed hold, bootstrap)", key="drivers.future")
    if extra == 0 or future == "hold":
        return record.yen, record.growth, record.host_growth
    known = record.years[:-extra]
    rows = drawn_years(known, extra, seed)
    yen, growth, host_growth = record.yen.copy(), record.growth.copy(), record.host_growth.copy()
    yen[-extra:] *= np.exp(np.cumsum(deviations(_log_change(record.yen[:-extra]), known, rows)))
    growth[-extra:] += deviations(record.growth[:-extra], known, rows)
    host_growth[-extra:] += deviations(record.host_growth[:-extra], known, rows)
    return yen, growth, host_growth


def _volumes(years: np.ndarray, recorded: np.ndarray, growth: np.ndarray) -> _Volumes:
    """Chain growth to volumes; years before a scenario's own growth keep their recorded level."""
    level = np.cumprod(1.0 + recorded, axis=0)
    ratio = np.cumprod((1.0 + growth) / (1.0 + recorded), axis=0)
    return _Volumes(growth, level / level[years == BASE_YEAR] * ratio, ratio)


def _japan(history: History, record: _Recorded, spec: Any, yen: np.ndarray, volumes: _Volumes) -> np.ndarray:
    """Japan's records for all years; the order of the formulas follows what depends on what."""
    years, extra = record.years, len(record.years) - len(history.japan)
    base = years == BASE_YEAR
    out = np.zeros(len(years), JAPAN_DTYPE)
    out["year"], out["yen"], out["cpi"] = years, yen, record.cpi
    factor = override_japan("wage_factor", np.ones(len(years)), years, spec)
    out["wage"] = record.labour_cost * record.yen / 1e6 / record.cpi * volumes.ratio * factor
    out["productivity"] = volumes.volume / (record.employment / record.employment[base])
    out["demand"] = volumes.volume
    out["gdp"] = (record.gdp * record.yen)[base] * 1e3 * volumes.volume
    out["growth"] = volumes.growth
    out["demand_outlook"] = smoothed(out["growth"])
    out["inflation"] = _rate_of_change(record.cpi)
    lending_rate = hold(history.japan["lending_rate_percent"].to_numpy() / 100.0, extra)
    out["lending_rate"] = override_japan("lending_rate", lending_rate, years, spec)
    out["real_rate"] = out["lending_rate"] - out["inflation"]
    out["tax"] = override_japan("tax", hold(history.japan["corporate_tax_percent"].to_numpy() / 100.0, extra), years, spec)
    out["reer"] = hold(history.japan["reer_2020_100"].bfill().to_numpy(), extra) * record.yen / yen
    out["credit"] = override_japan("credit", _credit_stance(history, years), years, spec)
    out["freedom"] = override_japan("freedom", hold(history.japan["outward_fdi_freedom"].to_numpy(), extra), years, spec)
    out["gpr"] = hold(history.japan["world_gpr_index"].to_numpy() / 100.0, extra)
    out["wage_growth"] = _rate_of_change(out["wage"])
    out["yen_change"] = _log_change(yen)
    out["volatility"] = yen_volatility(out["yen_change"])
    return out


def _hosts(history: History, record: _Recorded, spec: Any, japan: np.ndarray, home: _Volumes, volumes: _Volumes) -> np.ndarray:
    """The hosts' records for all years, shape (years, 16)."""
    years, extra = record.years, len(record.years) - len(history.japan)
    out = np.zeros((len(years), len(HOSTS)), HOST_DTYPE)
    _set_wages(out, record, override_hosts("wage_factor", np.ones(out.shape), years, spec), japan, volumes)
    _set_markets(out, record, japan, home, volumes)
    _set_unit_labour_cost(out, record, home, volumes)
    for name in ("wage", "relative_wage", "ulc_ratio"):
        out[name + "_expected"] = np.exp(smoothed(np.log(out[name])))
    out["growth"] = volumes.growth
    for name, column, unit in (("tariff", "tariff_percent", 100.0), ("agreement", "agreement_with_japan", 1.0),
                               ("openness", "fdi_openness", 1.0), ("tax", "corporate_tax_percent", 100.0)):
        out[name] = override_hosts(name, hold(history.matrix(column) / unit, extra), years, spec)
    out["third_tariff"] = override_hosts("third_tariff", _third_tariff(history, record), years, spec)
    out["home_tariff"] = override_hosts("home_tariff", np.zeros(out.shape), years, spec)
    out["risk"] = override_hosts("risk", _risk(history, years), years, spec)
    out["distance_km"] = history.places["distance_km"].to_numpy(float)
    out["freight"] = FREIGHT_BASE + FREIGHT_PER_1000_KM * out["distance_km"] / 1000.0
    out["group"] = HOST_GROUP_OF
    return out


def _set_wages(out: np.ndarray, record: _Recorded, factor: np.ndarray, japan: np.ndarray, volumes: _Volumes) -> None:
    """Wages in yen of 2015, and over Japan's: labour cost in USD x yen / prices x growth set by the scenario x factor."""
    out["wage"] = record.host_labour_cost / 1e6 * (japan["yen"] / record.cpi)[:, None] * volumes.ratio * factor
    out["relative_wage"] = out["wage"] / japan["wage"][:, None]


def _set_markets(out: np.ndarray, record: _Recorded, japan: np.ndarray, home: _Volumes, volumes: _Volumes) -> None:
    """GDP in yen of 2015, over Japan's GDP in yen (which the scenario's yen does not move), and both per head."""
    out["market"] = record.host_gdp * 1e3 * (japan["yen"] / record.cpi)[:, None] * volumes.ratio
    home_market = record.gdp * 1e3 * record.yen / record.cpi * home.ratio
    out["market_ratio"] = out["market"] / home_market[:, None]
    out["income"] = out["market_ratio"] * record.population[:, None] / record.host_population


def _set_unit_labour_cost(out: np.ndarray, record: _Recorded, home: _Volumes, volumes: _Volumes) -> None:
    """Output per head over Japan's in volumes, and the relative wage over it, as recorded in 2015 = 1."""
    base = record.years == BASE_YEAR
    per_head = volumes.volume / (record.host_population / record.host_population[base])
    home_per_head = home.volume / (record.population / record.population[base])
    relative = per_head / home_per_head[:, None]
    income = record.host_gdp / record.host_population / (record.gdp / record.population)[:, None]
    out["productivity_ratio"] = relative * income[base]
    out["ulc_ratio"] = out["relative_wage"] / relative / (record.host_labour_cost / record.labour_cost[:, None])[base]


def _rivals(history: History, record: _Recorded, hosts: np.ndarray) -> np.ndarray:
    """Output of the other economies over Japan's in volumes, so that the yen does not move it, each weighed by openness; record of 2015 = 1."""
    over_japan = hosts["productivity_ratio"] * record.host_population / record.population[:, None]
    recorded_openness = hold(history.matrix("fdi_openness"), len(record.years) - len(history.japan))
    base = record.years == BASE_YEAR
    recorded = (record.host_gdp / record.gdp[:, None])[base] * recorded_openness[base]
    return (over_japan * hosts["openness"]).sum(axis=1) / recorded.sum()


def _wage_abroad(hosts: np.ndarray) -> np.ndarray:
    """Labour cost over Japan's where Japan's exporters sell: mean of the hosts by gravity, GDP times openness over distance.

    Where every host is closed, all count, so that there is always a mean.
    """
    near = hosts["market"] / hosts["distance_km"]
    weight = near * hosts["openness"]
    weight = np.where(weight.sum(axis=1, keepdims=True) > 0.0, weight, near)
    return (weight * hosts["relative_wage"]).sum(axis=1) / weight.sum(axis=1)


def _rate_of_change(values: np.ndarray) -> np.ndarray:
    """Yearly change, fraction, shape (n,); the first year takes the second's."""
    change = values[1:] / values[:-1] - 1.0
    return np.concatenate([change[:1], change])


def _log_change(values: np.ndarray) -> np.ndarray:
    """Yearly log change, shape (n,); 0 in the first year."""
    return np.diff(np.log(values), prepend=np.log(values[0]))


def smoothed(values: np.ndarray) -> np.ndarray:
    """Adaptive expectation with a half-life of one year: e_t = (e_{t-1} + x_t) / 2, starting at the first value.

    Args:
        values: Shape (n,) or (n, k).
    """
    result = values.copy()
    for t in range(1, len(values)):
        result[t] = 0.5 * result[t - 1] + 0.5 * values[t]
    return result


def yen_volatility(change: np.ndarray) -> np.ndarray:
    """Standard deviation of the last five yearly log changes of the yen, at least .02, shape (n,).

    Years before the first count as unchanged: the yen stood at its par of 1949.
    """
    padded = np.concatenate([np.zeros(VOLATILITY_YEARS - 1), change])
    spread = np.lib.stride_tricks.sliding_window_view(padded, VOLATILITY_YEARS).std(axis=1, ddof=1)
    return np.maximum(spread, VOLATILITY_FLOOR)


def _credit_stance(history: History, years: np.ndarray) -> np.ndarray:
    """Credit from -1 tight to +1 easy, shape (n,): fall of the discount rate against its last three years / 4, plus events."""
    rate = hold(history.japan["discount_rate_year_end_percent"].ffill().to_numpy(), len(years) - len(history.japan))
    padded = np.concatenate([np.full(3, rate[0]), rate])
    before = np.lib.stride_tricks.sliding_window_view(padded[:-1], 3).mean(axis=1)
    return np.clip((before - rate) / 4.0 + credit_shocks(history.event_effects, years), -1.0, 1.0)


def _third_tariff(history: History, record: _Recorded) -> np.ndarray:
    """Extra tariff on goods of each host over the markets of the others, shape (n, 16): the United States' times their share of those."""
    extra = hold(history.matrix("us_tariff_above_others_percent") / 100.0, len(record.years) - len(history.japan))
    others = record.host_gdp.sum(axis=1, keepdims=True) - record.host_gdp
    return extra * record.host_gdp[:, [HOSTS.index("USA")]] / others


def _risk(history: History, years: np.ndarray) -> np.ndarray:
    """Risk above calm, 0 or more, shape (n, 16): log of (1 + index / its mean of 1985-2019) / 2, plus shock events."""
    index = hold(history.matrix("gpr"), len(years) - len(history.japan))
    calm = index[(years >= CALM_YEARS[0]) & (years <= CALM_YEARS[1])].mean(axis=0)
    above = np.maximum(np.log1p(index / calm) - np.log(2.0), 0.0)
    return np.maximum(above + risk_shocks(history.event_effects, years), 0.0)
