"""The fields of the drivers: name, unit and meaning, and the record types made of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Field(NamedTuple):
    """One driver: name, unit and one line of meaning."""

    name: str
    unit: str
    meaning: str


JAPAN_FIELDS = (
    Field("year", "year", "calendar year"),
    Field("yen", "yen per USD", "exchange rate of the scenario"),
    Field("cpi", "2015 = 1", "consumer prices"),
    Field("wage", "million yen 2015 per worker-year", "labour cost; the scenario's yen does not move it"),
    Field("productivity", "2015 = 1", "real GDP per employed person"),
    Field("demand", "2015 = 1", "real GDP"),
    Field("growth", "fraction", "growth of real GDP"),
    Field("inflation", "fraction", "change of consumer prices; the first year takes the second's"),
    Field("lending_rate", "fraction", "bank lending rate"),
    Field("real_rate", "fraction", "lending rate less inflation"),
    Field("tax", "fraction", "national basic rate of corporation tax"),
    Field("reer", "2020 = 100", "real effective exchange rate, up = appreciation; moves with the scenario's yen"),
    Field("credit", "-1 to 1", "credit stance: -1 tight, 1 easy"),
    Field("freedom", "0 to 1", "freedom to invest abroad"),
    Field("gpr", "100 = 1", "world geopolitical risk index"),
    Field("wage_growth", "fraction", "growth of the real wage; the first year takes the second's"),
    Field("yen_change", "log points", "log change of yen per USD, negative = appreciation; 0 in the first year"),
    Field("volatility", "log points", "standard deviation of the last five yen changes, at least .02"),
    Field("gdp", "million yen 2015", "real GDP"),
    Field("demand_outlook", "fraction", "adaptive expectation of growth"),
    Field("wage_abroad", "ratio", "labour cost of other economies over Japan's at the scenario's yen, mean by GDP, openness and nearness"),
    Field("rivals", "2015 = 1", "real GDP of the other economies over Japan's, each as far as it is open"),
)

HOST_FIELDS = (
    Field("wage", "million yen 2015 per worker-year", "labour cost at the scenario's yen"),
    Field("wage_expected", "million yen 2015 per worker-year", "adaptive expectation of the wage, in logs"),
    Field("relative_wage", "ratio", "wage over Japan's"),
    Field("relative_wage_expected", "ratio", "adaptive expectation of the relative wage, in logs"),
    Field("market", "million yen 2015", "GDP at the scenario's yen"),
    Field("market_ratio", "ratio", "GDP over Japan's, at the scenario's yen"),
    Field("income", "ratio", "GDP per head over Japan's, at the scenario's yen"),
    Field("productivity_ratio", "ratio", "real GDP per head over Japan's: 2015 market prices, chained volumes"),
    Field("ulc_ratio", "2015 = 1", "unit labour cost over Japan's, both in yen; moves one for one with the scenario's yen"),
    Field("ulc_ratio_expected", "2015 = 1", "adaptive expectation of the unit labour cost ratio, in logs"),
    Field("growth", "fraction", "growth of real GDP"),
    Field("tariff", "fraction", "mean applied tariff"),
    Field("third_tariff", "fraction", "tariff of third markets on goods made there above that on goods of others, mean by market size"),
    Field("home_tariff", "fraction", "Japan's tariff on all goods made there; 0 on record: machinery is free, parts sent out come back relieved"),
    Field("agreement", "0 or 1", "trade agreement with Japan in force"),
    Field("openness", "0 to 1", "openness to Japanese direct investment"),
    Field("risk", "log points, 0 = calm", "geopolitical risk above calm, with shock events"),
    Field("tax", "fraction", "statutory corporate tax"),
    Field("distance_km", "km", "Tokyo to the main commercial city, great circle"),
    Field("freight", "fraction of value", "iceberg freight: .05 + .012 per 1,000 km"),
)

#: One record per year.
JAPAN_DTYPE = np.dtype([(field.name, "f8") for field in JAPAN_FIELDS])
#: One record per year and host, in the order of codes.HOSTS; ``group`` is the code of the host group.
HOST_DTYPE = np.dtype([(field.name, "f8") for field in HOST_FIELDS] + [("group", "i8")])
