"""Customers and suppliers: jobs at home, centrality, and the pull of partners on where plants go."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, identity
from scipy.sparse.linalg import eigsh, spsolve

from expansion_sim.codes import HOSTS, INDUSTRIES
from expansion_sim.validation.virtual import regressions
from expansion_sim.validation.virtual.estimate import NEGATIVE, POSITIVE, Estimate, Expected, judged
from expansion_sim.validation.virtual.panel import Panel

JOB_YEARS, CENTRAL_YEAR = range(1998, 2008), 2005
PARTNER_YEARS, CROWD_YEARS = range(1985, 1992), range(1990, 2000)
DECAY = 0.5  # Katz decay as a share of the largest one for which centrality is finite


def supplier_jobs(panel: Panel) -> list[Estimate]:
    """Log home employees of suppliers on their main customer's share of production abroad last year, with firm and year effects.

    Suppliers that were ever abroad are left out, as in the published frame.
    """
    parts = []
    for year in JOB_YEARS:
        firms = panel.firms[year]
        firms = firms[(firms["parent"] >= 0) & (firms["ever"] == 0) & (firms["birth_year"] < year)]
        moved = panel.customers[year - 1].sum(axis=1)
        parts.append(pd.DataFrame({
            "year": year, "firm": firms["firm"], "weight": firms["weight"].astype(float),
            "log_employees": np.log(np.maximum(firms["employees"].astype(float), 1.0)), "customer_fdi": moved[firms["parent"]],
        }))
    rows = pd.concat(parts, ignore_index=True)
    fit = regressions.within(rows, "log_employees", ["customer_fdi"])
    expected = Expected(POSITIVE, "positive; the interval excludes -.05", least=-0.05, size="above -0.05")
    name = "log employees per share of the customer's production abroad"
    return [judged("jobs of suppliers", "T201", name, fit.value["customer_fdi"], fit.error["customer_fdi"], fit.n, expected)]


def katz_centrality(suppliers: np.ndarray, customers: np.ndarray, number: int, customer_count: int) -> np.ndarray:
    """Katz-Bonacich centrality of suppliers in the graph of ties with customers: x = 1 + a A x, standardised to mean one.

    Args:
        suppliers: Supplier of each tie, shape (ties,).
        customers: Customer of each tie, shape (ties,).
        number: Number of suppliers n.
        customer_count: Number of customers.

    Returns:
        Shape (n,).
    """
    size = number + customer_count
    there, back = np.concatenate([suppliers, customers + number]), np.concatenate([customers + number, suppliers])
    graph = csr_array((np.ones(there.size), (there, back)), shape=(size, size))
    largest = float(eigsh(graph, k=1, which="LA", return_eigenvectors=False, v0=np.ones(size))[0])
    central = spsolve((identity(size, format="csc") - DECAY / largest * graph).tocsc(), np.ones(size))
    return central[:number] / central[:number].mean()


def centrality(panel: Panel) -> list[Estimate]:
    """Logit of having an own plant on centrality among suppliers, with size, productivity and industry."""
    firms = panel.firms[CENTRAL_YEAR]
    firms = firms[firms["parent"] >= 0]
    rows = np.arange(firms.size)
    second = firms["second_customer"] >= 0
    ties = np.concatenate([rows, rows[second]]), np.concatenate([firms["parent"], firms["second_customer"][second]]).astype(int)
    table = pd.DataFrame({
        "weight": firms["weight"].astype(float), "industry": firms["industry"], "customer": firms["parent"],
        "plant": ((firms["plant_hosts"] | firms["cluster_hosts"]) > 0).astype(float),
        "centrality": katz_centrality(*ties, firms.size, len(panel.customers[CENTRAL_YEAR])),
        "log_employees": np.log(np.maximum(firms["employees"].astype(float), 1.0)),
        "productivity": firms["productivity"].astype(float),
    })
    table["centrality"] /= table["centrality"].std()
    table = table[table.groupby("industry")["plant"].transform("sum") > 0]
    fit = regressions.binary(table, "plant", ["centrality", "log_employees", "productivity"], ["industry"], "customer")
    return [judged("centrality", "T203", "logit of a plant per s.d. of Katz-Bonacich centrality", fit.value["centrality"],
                   fit.error["centrality"], fit.n, Expected(POSITIVE, "coefficient above zero"),
                   "ties with large customers only: firms have no other network")]


def plant_entries(panel: Panel, years: range) -> pd.DataFrame:
    """New own and collective plants by firm, from the events."""
    events = panel.events
    new = events["event"].isin(("enter", "add_host")) & events["mode"].isin(("fdi", "cluster"))
    return events[new & events["year"].isin(years)]


def partners(panel: Panel) -> list[Estimate]:
    """Conditional logit of the host of a supplier's plant on partners there, with host attributes.

    Vertical partners: share of the main customer's production there last year. Horizontal: log of last year's new plants of the
    same industry there. Controls: openness, relative wage, growth, and log of all plants of small firms there.
    """
    entries = plant_entries(panel, PARTNER_YEARS)
    entries = entries[(entries["parent"] >= 0) & (entries["host"] != "")]
    parts = []
    columns = (entries[name].tolist() for name in ("year", "industry", "parent", "host"))
    for group, (year, name, parent, place) in enumerate(zip(*columns, strict=True)):
        before, hosts, industry = year - 1, panel.hosts[year], INDUSTRIES.index(name)
        flow = panel.plants[before][industry] - panel.plants.get(before - 1, panel.plants[before])[industry]
        parts.append(pd.DataFrame({
            "group": group, "chosen": [float(code == place) for code in HOSTS], "open": hosts["openness"] > 0.0,
            "vertical": panel.customers[before][parent], "horizontal": np.log1p(np.maximum(flow, 0.0)),
            "openness": hosts["openness"], "wage": hosts["relative_wage"], "growth": hosts["growth"],
            "stock": np.log1p(panel.plants[before].sum(axis=0)),
        }))
    names = ["vertical", "horizontal", "openness", "wage", "growth", "stock"]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["group", "chosen", "open", *names])
    rows = rows[rows["open"].astype(bool)]
    fit = regressions.conditional(rows, "chosen", names, "group")
    positive = Expected(POSITIVE, "positive")
    return [judged("location of plants", "T204", name, fit.value[column], fit.error[column], fit.n, positive)
            for column, name in (("vertical", "main customer's share of production in the host"),
                                 ("horizontal", "log new plants of the industry there last year"))]


def crowding(panel: Panel) -> list[Estimate]:
    """Poisson counts of new plants by host and year on log earlier plants there and its square, with effects of hosts and years.

    The unit is the host area, as published. The effects of hosts matter: plants stand where a host is attractive for good, which alone makes
    entries rise with them.
    """
    entries = plant_entries(panel, CROWD_YEARS)
    counted = entries.groupby(["year", "host"], observed=True)["weight"].sum()
    parts = []
    for year in CROWD_YEARS:
        stock, hosts = np.log1p(panel.plants[year - 1].sum(axis=0)), panel.hosts[year]
        parts.append(pd.DataFrame({
            "year": year, "host": HOSTS, "weight": 1.0, "stock": stock, "square": stock**2, "openness": hosts["openness"],
            "wage": hosts["relative_wage"], "new": [float(counted.get((year, host), 0.0)) for host in HOSTS],
        }))
    rows = pd.concat(parts, ignore_index=True)
    fit = regressions.counts(rows, "new", ["stock", "square", "openness", "wage"], ["year", "host"], "host")
    terms = (("stock", "log earlier plants", Expected(POSITIVE, "inverted U: positive")),
             ("square", "its square", Expected(NEGATIVE, "inverted U: negative")))
    return [judged("agglomeration of plants", "T205", name, fit.value[term], fit.error[term], fit.n, expected)
            for term, name, expected in terms]


