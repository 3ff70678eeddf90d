"""The vocabulary of the model: industries, hosts, modes, size classes, districts.

Every array in the package is indexed by the position of a name in one of these tuples, so this file is the only
place where an order is fixed. Appending is safe; reordering changes every stored result.
"""

from __future__ import annotations

from typing import Final

#: The eight industries of the 2023 survey, manufacturing split in three, and the rest of the non-primary economy.
INDUSTRIES: Final = (
    "light", "machinery", "process", "wholesale", "retail", "accommodation_food",
    "services", "information", "construction", "transport", "other",
)
LIGHT, MACHINERY, PROCESS, WHOLESALE, RETAIL, ACCOMMODATION_FOOD, SERVICES, INFORMATION, CONSTRUCTION, TRANSPORT, OTHER = range(11)
MANUFACTURING: Final = (LIGHT, MACHINERY, PROCESS)

#: Host countries; the order gives the bit positions of every host or market set.
HOSTS: Final = (
    "CHN", "KOR", "TWN", "HKG", "SGP", "THA", "IDN", "MYS", "VNM", "PHL", "IND", "MEX", "USA", "DEU", "GBR", "FRA",
)
HOST_NAMES: Final = (
    "China", "Korea", "Taiwan", "Hong Kong", "Singapore", "Thailand", "Indonesia", "Malaysia", "Vietnam", "Philippines",
    "India", "Mexico", "United States", "Germany", "United Kingdom", "France",
)

#: Host groups in which knowledge of doing business abroad is shared.
HOST_GROUPS: Final = ("china", "asian_nies", "asean", "india", "americas", "europe")
HOST_GROUP_OF: Final = (0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 4, 4, 5, 5, 5)

#: How a firm serves or uses the world. Index 0 is staying at home.
MODES: Final = ("home", "indirect", "direct", "ecommerce", "contract", "fdi", "cluster")
HOME, INDIRECT, DIRECT, ECOMMERCE, CONTRACT, FDI, CLUSTER = range(7)
EXPORT_MODES: Final = (INDIRECT, DIRECT, ECOMMERCE)
PLANT_MODES: Final = (CONTRACT, FDI, CLUSTER)

#: Employees at home; the upper bound is exclusive.
SIZE_CLASSES: Final = ("1-4", "5-20", "21-49", "50-99", "100+")
SIZE_EDGES: Final = (5.0, 20.5, 50.0, 100.0)

#: Stages on the way abroad, as surveyed.
STAGES: Final = ("not_interested", "interested", "planning", "abroad")
NOT_INTERESTED, INTERESTED, PLANNING, ABROAD = range(4)

#: How a firm forms expectations about costs and the yen.
EXPECTATIONS: Final = ("static", "adaptive", "band")
STATIC, ADAPTIVE, BAND = range(3)

#: Industrial districts with a municipality of their own in the model; the last one stands for the rest of Japan.
DISTRICTS: Final = (
    "Hamamatsu", "Ota-ku", "Higashi-Osaka", "Sumida", "Kawaguchi", "Amagasaki", "Katsushika", "Ota-Gunma",
    "Hitachi", "Suwa", "Tsubame-Sanjo", "Sakaki", "Seki", "Kiryu", "Imabari", "Fukui-Sabae", "Toyota-Kariya",
    "Kyoto-Nishijin", "Kitakyushu", "elsewhere",
)
ELSEWHERE: Final = len(DISTRICTS) - 1

#: Main banks; firms are spread evenly over them.
BANKS: Final = 48

#: What can happen to a firm in a year, and the bit that marks it in the column ``events``.
EVENTS: Final = ("birth", "closure", "default", "enter", "leave", "switch", "reshore", "award", "invited", "delisted", "add_host",
                 "drop_host", "succession", "claw_back", "unfunded")
