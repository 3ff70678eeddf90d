"""The estimators of the virtual studies recover what made the data, and their verdicts follow the published sign."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("statsmodels")

from expansion_sim.codes import HOSTS, INDUSTRIES
from expansion_sim.history.fields import HOST_DTYPE
from expansion_sim.validation import estimators
from expansion_sim.validation.virtual import credit, network, regressions, support
from expansion_sim.validation.virtual.estimate import (
    AGREES,
    DISAGREES,
    NEGATIVE,
    NONE,
    NOT_COMPUTED,
    POSITIVE,
    UNCLEAR,
    Expected,
    format_table,
    judged,
    missing,
    table_of,
)
from expansion_sim.validation.virtual.panel import Panel


def verdict(value: float, error: float, expected: Expected) -> str:
    return judged("study", "T1", "coefficient", value, error, 10, expected).verdict


@pytest.mark.parametrize(("value", "error", "expected", "told"), [
    (1.0, 0.4, Expected(POSITIVE, ""), AGREES),
    (1.0, 0.6, Expected(POSITIVE, ""), UNCLEAR),
    (-1.0, 0.4, Expected(POSITIVE, ""), DISAGREES),
    (-1.0, 0.6, Expected(POSITIVE, ""), UNCLEAR),
    (-1.0, 0.4, Expected(NEGATIVE, ""), AGREES),
    (1.0, 0.4, Expected(NEGATIVE, ""), DISAGREES),
    (0.02, 0.02, Expected(POSITIVE, "", least=-0.05), AGREES),
    (-0.01, 0.001, Expected(POSITIVE, "", least=-0.05), DISAGREES),
    (0.02, 0.2, Expected(POSITIVE, "", least=-0.05), UNCLEAR),
    (0.3, 0.2, Expected(NONE, ""), AGREES),
    (0.3, 0.1, Expected(NONE, ""), DISAGREES),
    (0.3, 0.1, Expected(NONE, "", negligible=0.6), AGREES),
    (math.nan, 0.1, Expected(NONE, ""), NOT_COMPUTED),
])
def test_verdicts(value: float, error: float, expected: Expected, told: str) -> None:
    assert verdict(value, error, expected) == told


def test_table_shows_what_is_missing_and_counts() -> None:
    told = judged("a", "T1", "x", 1.0, 0.1, 5, Expected(POSITIVE, "up"))
    table = table_of([told, missing("b", "", "y", Expected(NONE, "0"), "no data")])
    text = format_table(table)
    assert "no data" in text
    assert text.endswith("2 coefficients: 1 agrees, 1 not computed")


def panel_of(effect: float, trend: float = 0.3) -> pd.DataFrame:
    """200 firms over six years: own level, common trend, treatment of half of them from the fourth year on, chosen by level."""
    rng = np.random.default_rng(1)
    firm, year = np.repeat(np.arange(200), 6), np.tile(np.arange(6), 200)
    level = rng.normal(0.0, 5.0, 200)
    treated = ((level > 0)[firm] & (year >= 3)).astype(float)
    outcome = level[firm] + trend * year + effect * treated + rng.normal(0.0, 0.1, firm.size)
    weight = rng.uniform(1.0, 3.0, firm.size)
    return pd.DataFrame({"firm": firm, "year": year, "treated": treated, "outcome": outcome, "weight": weight})


@pytest.mark.parametrize("effect", [0.0, 0.5])
def test_within_regression_finds_the_effect_behind_levels_and_trend(effect: float) -> None:
    fit = regressions.within(panel_of(effect), "outcome", ["treated"])
    assert abs(fit.value["treated"] - effect) < 4.0 * fit.error["treated"] < 0.1
    assert fit.n == 1200


def test_within_regression_is_that_with_dummies() -> None:
    rows = panel_of(0.5).query("firm < 20")
    dummies = pd.get_dummies(rows[["firm", "year"]].astype(str), dtype=float)
    design = np.column_stack([rows["treated"], dummies]) * np.sqrt(rows["weight"].to_numpy())[:, None]
    exact = np.linalg.lstsq(design, rows["outcome"] * np.sqrt(rows["weight"]), rcond=None)[0][0]
    assert regressions.within(rows, "outcome", ["treated"]).value["treated"] == pytest.approx(exact, abs=1e-9)


def test_linear_regression_with_dummies_by_hand() -> None:
    """Two groups of different level, slope two within each; the clusters leave the estimate alone."""
    rows = pd.DataFrame({"x": [0.0, 1.0, 2.0, 0.0, 1.0, 2.0], "group": list("aaabbb"), "weight": 1.0, "firm": range(6)})
    rows["y"] = 2.0 * rows["x"] + 10.0 * (rows["group"] == "b")
    fit = regressions.linear(rows, "y", ["x"], ["group"], "firm")
    assert (fit.value["x"], fit.n) == (pytest.approx(2.0), 6)
    assert math.isnan(regressions.linear(rows.head(2), "y", ["x"], ["group"], "firm").value["x"])


def binary_rows(link: str) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    x = rng.normal(size=20_000)
    index = -1.0 + 0.7 * x
    chance = 1.0 / (1.0 + np.exp(-index)) if link == "logit" else 1.0 - np.exp(-np.exp(index))
    return pd.DataFrame({"x": x, "y": (rng.random(x.size) < chance).astype(float), "weight": 2.0, "id": np.arange(x.size)})


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_binary_models_recover_the_slope(link: str) -> None:
    fit = regressions.binary(binary_rows(link), "y", ["x"], [], "id", link)
    assert abs(fit.value["x"] - 0.7) < 4.0 * fit.error["x"] < 0.15


def test_logit_agrees_with_the_estimator_of_the_surveys() -> None:
    rows = binary_rows("logit").assign(weight=np.random.default_rng(3).uniform(1.0, 4.0, 20_000))
    own = estimators.logit(rows["y"].to_numpy(), rows[["x"]].to_numpy(), rows["weight"].to_numpy())[0]
    assert regressions.binary(rows, "y", ["x"], [], "id").value["x"] == pytest.approx(own, rel=1e-4)


def test_outcome_that_never_varies_gives_no_estimate() -> None:
    rows = binary_rows("logit").assign(y=0.0)
    assert math.isnan(regressions.binary(rows, "y", ["x"], [], "id").value["x"])
    assert judged("s", "", "x", math.nan, math.nan, 0, Expected(POSITIVE, "")).verdict == NOT_COMPUTED


def test_counts_recover_the_semielasticity_with_effects() -> None:
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({"host": np.repeat(np.arange(16), 40), "x": rng.normal(size=640), "weight": 1.0})
    rows["new"] = rng.poisson(np.exp(1.0 + 0.2 * rows["host"] / 16 + 0.4 * rows["x"]))
    rows.loc[rows["host"] == 3, "new"] = 0  # an effect without events is left out
    fit = regressions.counts(rows, "new", ["x"], ["host"], "host")
    assert abs(fit.value["x"] - 0.4) < 4.0 * fit.error["x"] < 0.15
    assert fit.n == 600


def test_conditional_logit_recovers_the_weights_of_hosts() -> None:
    rng = np.random.default_rng(5)
    groups, hosts = 600, 6
    a, b = rng.normal(size=(2, groups * hosts))
    rows = pd.DataFrame({"group": np.repeat(np.arange(groups), hosts), "a": a, "b": b})
    utility = (0.8 * rows["a"] - 0.5 * rows["b"] + rng.gumbel(size=len(rows))).to_numpy().reshape(groups, hosts)
    rows["chosen"] = (utility == utility.max(axis=1, keepdims=True)).astype(float).ravel()
    fit = regressions.conditional(rows, "chosen", ["a", "b"], "group")
    assert abs(fit.value["a"] - 0.8) < 4.0 * fit.error["a"] < 0.4
    assert abs(fit.value["b"] + 0.5) < 4.0 * fit.error["b"] < 0.4
    assert math.isnan(regressions.conditional(rows.assign(b=1.0), "chosen", ["a", "b"], "group").value["a"])


def test_katz_centrality_by_hand() -> None:
    """Suppliers 0 and 1 of customer A, supplier 1 also of B: supplier 1 is the more central one."""
    central = network.katz_centrality(np.array([0, 1, 1]), np.array([0, 0, 1]), 2, 2)
    adjacency = np.zeros((4, 4))
    for supplier, customer in ((0, 2), (1, 2), (1, 3)):
        adjacency[supplier, customer] = adjacency[customer, supplier] = 1.0
    alpha = network.DECAY / np.linalg.eigvalsh(adjacency).max()
    exact = np.linalg.solve(np.eye(4) - alpha * adjacency, np.ones(4))[:2]
    assert central == pytest.approx(exact / exact.mean())
    assert central[1] > central[0]


def test_mean_is_clustered_by_firm() -> None:
    """Two years of the same firm are one piece of evidence: by hand, mean 1, firm sums of deviations -2 and 2, times 1/4 each."""
    mean, error, n = credit._clustered_mean(np.array([1, 1, 2, 2]), np.array([0.0, 0.0, 2.0, 2.0]), np.ones(4))
    assert (mean, n) == (1.0, 4)
    assert error == pytest.approx(math.sqrt(2 * 0.5**2))


def test_crowding_is_told_from_the_lasting_pull_of_hosts() -> None:
    """Where hosts that are attractive for good have more plants, entries rise with plants; within a host they first rise and then fall."""
    rng = np.random.default_rng(1)
    pull, years = rng.normal(0.0, 1.5, len(HOSTS)), network.CROWD_YEARS
    plants, hosts, rows = {}, {}, []
    for year in range(years[0] - 1, years[-1] + 1):
        stock = np.exp(4.0 + 0.7 * pull + 0.25 * (year - years[0]) + rng.normal(0.0, 0.3, len(HOSTS)))
        plants[year] = np.zeros((len(INDUSTRIES), len(HOSTS)))
        plants[year][0] = stock
        hosts[year] = np.zeros(len(HOSTS), HOST_DTYPE)
        hosts[year]["openness"], hosts[year]["relative_wage"] = rng.uniform(0.5, 1.0, len(HOSTS)), rng.uniform(0.1, 0.9, len(HOSTS))
        if year > years[0] - 1:
            before = np.log1p(plants[year - 1][0])
            new = np.exp(pull + 1.0 * before - 0.1 * before**2 + 0.5)
            rows += [("enter", "fdi", year, host, "light", weight) for host, weight in zip(HOSTS, new, strict=True)]
    events = pd.DataFrame(rows, columns=["event", "mode", "year", "host", "industry", "weight"])
    linear, square = network.crowding(Panel({}, {}, None, events, plants, hosts, {}))
    assert (linear.estimate, square.estimate) == (pytest.approx(1.0, abs=0.05), pytest.approx(-0.1, abs=0.01))
    assert (linear.verdict, square.verdict) == (AGREES, AGREES)


def test_users_of_fairs_are_compared_with_firms_of_their_kind() -> None:
    """Machinery grows for everybody; users, all in machinery, gain half a log point more than firms like them."""
    names = ("firm", "weight", "employees", "industry", "channels", "export_sales", "awarded")
    machinery, years = np.arange(400) < 200, range(support.USE_YEARS[0] - 1, support.USE_YEARS[-1] + support.LATER + 1)
    user, start = machinery & (np.arange(400) % 2 == 0), 2008
    firms = {}
    for year in years:
        growth = 0.2 * machinery * (year - years[0]) + 0.5 * (user & (year >= start))
        employees = np.where(np.arange(400) // 2 % 2 == 0, 30.0, 70.0)
        columns = (np.arange(400), np.ones(400), employees, machinery.astype(int), np.ones(400, int), np.expm1(1.0 + growth),
                   2 * (user & (year >= start)))
        firms[year] = np.rec.fromarrays(columns, names=",".join(names)).view(np.ndarray)
    panel = Panel(firms, {}, None, pd.DataFrame(), {}, {}, {}, ("P01", "P07"))
    (estimate,) = support.fair_users(panel)
    assert estimate.estimate == pytest.approx(0.5)
    assert "100 users" in estimate.note
    nobody = panel._replace(programmes=("P01",))
    assert support.fair_users(nobody)[0].verdict == NOT_COMPUTED


def test_sizes_stand_beside_published_ones_only() -> None:
    told = judged("a", "T1", "x", 1.0, 0.1, 5, Expected(POSITIVE, "up", size="0.2"), size="0.5")
    assert (told.simulated_size, told.published_size) == ("0.5", "0.2")
    assert judged("a", "T1", "x", 1.0, 0.1, 5, Expected(POSITIVE, "up"), size="0.5").simulated_size == ""
