"""Industrial districts: where manufacturing SMEs are."""

from __future__ import annotations

import numpy as np

from expansion_sim.codes import DISTRICTS, ELSEWHERE, INDUSTRIES, MANUFACTURING
from expansion_sim.population.paths import firms_path

#: Thousand manufacturing SMEs around 1980 by district: light, machinery, process. Assumption: orders of magnitude from what each
#: district is known for and from the rough number of its plants in the Censuses of Manufactures; about 12 percent of the country.
THOUSAND_FIRMS = {
    "Hamamatsu": (2.0, 3.9, 0.9),  # motorcycles, instruments, dyed cotton
    "Ota-ku": (0.8, 6.2, 2.2),  # machining, plating, moulds
    "Higashi-Osaka": (2.5, 4.4, 3.6),  # screws, wire, sundries
    "Sumida": (5.6, 1.6, 1.6),  # knitwear, leather, metal sundries
    "Kawaguchi": (0.6, 1.5, 1.9),  # castings
    "Amagasaki": (0.4, 1.2, 1.2),  # steel and its machinery
    "Katsushika": (4.0, 1.6, 1.4),  # toys, celluloid, small metal parts
    "Ota-Gunma": (0.4, 1.6, 0.4),  # car and aircraft parts
    "Hitachi": (0.1, 1.2, 0.2),  # electrical machinery
    "Suwa": (0.3, 2.0, 0.3),  # watches, optics
    "Tsubame-Sanjo": (1.0, 0.9, 4.6),  # cutlery, metal houseware, tools
    "Sakaki": (0.05, 0.35, 0.1),  # machine parts, plastics
    "Seki": (0.3, 0.2, 1.3),  # blades
    "Kiryu": (4.4, 0.8, 0.2),  # silk weaving, pachinko machines
    "Imabari": (1.5, 0.4, 0.1),  # towels, ships
    "Fukui-Sabae": (5.6, 0.8, 0.9),  # synthetic weaving, spectacle frames
    "Toyota-Kariya": (0.6, 3.2, 0.8),  # car parts
    "Kyoto-Nishijin": (10.5, 1.0, 0.4),  # silk brocade
    "Kitakyushu": (0.6, 0.8, 1.3),  # steel and its users
}
#: Year of the counts above.
COUNTED_YEAR = 1981


def district_shares() -> np.ndarray:
    """Share of the firms of an industry in each district, shape (11, 20), rows adding up to 1.

    Only manufacturing firms are in a district; all other firms are elsewhere. Shares do not change with the year.
    """
    shares = np.zeros((len(INDUSTRIES), len(DISTRICTS)))
    stock = firms_path(COUNTED_YEAR, COUNTED_YEAR)[0]
    for district, counts in THOUSAND_FIRMS.items():
        for industry in MANUFACTURING:
            shares[industry, DISTRICTS.index(district)] = 1000.0 * counts[industry] / stock[industry]
    shares[:, ELSEWHERE] = 1.0 - shares.sum(axis=1)
    return shares
