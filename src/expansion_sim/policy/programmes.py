"""One support programme: its terms, the years in which it is open, whom it serves and where it acts."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from expansion_sim.codes import CLUSTER, HOME, HOSTS, MODES
from expansion_sim.policy.instruments import AWARDING, GROUP_LEVERS, INSTRUMENTS, ONLY_MODES, Usual
from expansion_sim.policy.terms import stated_terms


@dataclass(frozen=True)
class Programme:
    """One support programme. Shares are fractions, money is million yen 2015, codes are positions in expansion_sim.codes.

    Attributes:
        id: Short identity, unique in a scenario.
        name: Full name.
        agency: Body that runs it.
        instrument: One of policy.instruments.INSTRUMENTS.
        start, end: First and last year; ``end`` None while it runs.
        rate: Share of cost, of need, of cover or of relief; None when not stated.
        cap: Most money for one firm, or for one group of a joint programme; None without.
        discount: Interest discount, fraction a year.
        modes: Modes served.
        hosts: Hosts served.
        small_only: Only small firms by the Basic Act.
        local: Run by a prefecture or city.
        places: Firms (groups of a joint programme) a year; None unlimited.
        selection: first_come, score or lottery.
        keep_home_plant: Whether the home plant must stay.
        industries: Industries served; all when empty.
        budget: Money a year; None unlimited.
        groups_only: Only plans for a collective plant.
        own_share: Share of the cost that the firm must bear; None for the rest of the rate.
        term: Term of a loan, years.
        threshold: Lowest score that is served, log points; None without.
        group_size: Fewest members of a group that may apply.
        size_classes: Size classes served; all when empty.
        stages: Stages on the way abroad served; all when empty.
        districts: Districts served; all when empty.
        claw_back: Fall of home jobs from which support is paid back, share.
        effort: Cost of an application; None for the instrument's.
        use_cost: What serving one firm for a year costs the agency; None for the instrument's.
        start_month: Month of the first year in which it opens, 1 to 12.
        agreement_help: Share of the cost of using trade agreements that it takes over.
        members: Share of firms that are members (mutual aid).
        dated: (first year, attribute, value), in order of years, values that change while it runs.
        usual: Terms of its instrument, which act where it states none; None for those of ``terms.toml``.
    """

    id: str
    name: str
    agency: str
    instrument: str
    start: int
    end: int | None
    rate: float | None
    cap: float | None
    discount: float | None
    modes: tuple[int, ...]
    hosts: tuple[int, ...] = tuple(range(len(HOSTS)))
    small_only: bool = False
    local: bool = False
    places: float | None = None
    selection: str = "score"
    keep_home_plant: bool = False
    industries: tuple[int, ...] = field(default=())
    budget: float | None = None
    groups_only: bool = False
    own_share: float | None = None
    term: float | None = None
    threshold: float | None = None
    group_size: int = 2
    size_classes: tuple[int, ...] = ()
    stages: tuple[int, ...] = ()
    districts: tuple[int, ...] = ()
    claw_back: float = 0.2
    effort: float | None = None
    use_cost: float | None = None
    start_month: int = 1
    agreement_help: float = 0.0
    members: float | None = None
    dated: tuple[tuple[int, str, float], ...] = ()
    usual: Usual | None = None

    def __hash__(self) -> int:
        """Of what tells most programmes apart: tables of a year are kept by their programmes, and all fields would take long."""
        return self._key

    @cached_property
    def _key(self) -> int:
        # numbers only, so that a copy in another process has the same
        return hash((zlib.crc32(self.id.encode()), self.rate or 0.0, self.cap or 0.0, self.start, self.usual or ()))

    def open_in(self, year: int) -> bool:
        """Whether the programme runs in a year."""
        return self.start <= year and (self.end is None or year <= self.end)

    def at(self, year: int) -> Programme:
        """The programme with the values that hold in a year; in its first year places and budget are those of the open months."""
        values: dict[str, Any] = {name: value for first, name, value in self.dated if first <= year}
        part = (13 - self.start_month) / 12.0 if year == self.start else 1.0
        for name in ("places", "budget"):
            limit = values.get(name, getattr(self, name))
            if limit is not None and part < 1.0:
                values[name] = part * limit
        return replace(self, **values) if values else self

    @property
    def unstated(self) -> Usual:
        """What its instrument says where the programme states nothing."""
        return stated_terms().usual[self.instrument] if self.usual is None else self.usual

    @property
    def lever(self) -> str:
        """What the instrument moves."""
        return INSTRUMENTS[self.instrument].lever

    @property
    def awards(self) -> bool:
        """Whether it selects among plans and pays or lends to the firms selected."""
        return self.lever in AWARDING

    @property
    def for_groups(self) -> bool:
        """Whether groups of firms apply, not firms."""
        return self.lever in GROUP_LEVERS

    @property
    def registers(self) -> bool:
        """Whether firms register with it: advice with a number of places."""
        return self.lever == "advice" and self.places is not None

    @property
    def acting_modes(self) -> tuple[int, ...]:
        """Modes in which it acts: those it serves, as far as its instrument acts there (a fair on direct export only)."""
        only = ONLY_MODES.get(self.instrument)
        return self.modes if only is None else tuple(mode for mode in self.modes if MODES[mode] in only)

    @property
    def host_rows(self) -> np.ndarray:
        """Hosts served as an index array."""
        return np.array(self.hosts, dtype=np.int64)

    @property
    def part(self) -> float:
        """Share of the firms it may serve that live in its area: a local programme without districts reaches part of the country."""
        return self.unstated.reach if self.local and not self.districts else 1.0

    @property
    def area(self) -> float:
        """The same for offers at large, which know no districts."""
        return self.unstated.reach if self.local or self.districts else 1.0

    @property
    def share_paid(self) -> float:
        """Share of cost (or of need) paid: the stated rate, else the instrument's."""
        return self.unstated.strength if self.rate is None else self.rate

    @property
    def share_kept(self) -> float:
        """Share of the cost that must stay with the firm however many programmes overlap."""
        if self.own_share is not None:
            return self.own_share
        return 0.0 if "loan" in self.lever else max(0.0, 1.0 - self.share_paid)

    @property
    def effort_cost(self) -> float:
        """Cost of an application in people's time, million yen 2015."""
        return self.unstated.effort if self.effort is None else self.effort

    @property
    def cost_per_use(self) -> float:
        """What serving one firm for a year costs the agency, million yen 2015."""
        return self.unstated.use_cost if self.use_cost is None else self.use_cost

    @property
    def credits(self) -> bool:
        """Whether a tax rule credits tax paid abroad: it serves exporters too; one that serves plants alone exempts."""
        return any(MODES[mode] in ("indirect", "direct", "ecommerce") for mode in self.modes)

    @property
    def loan_discount(self) -> float:
        """Discount of a loan, fraction a year."""
        return self.unstated.discount if self.discount is None else self.discount

    @property
    def loan_term(self) -> float:
        """Term of a loan, years."""
        return self.unstated.term if self.term is None else self.term

    @property
    def receivables_cover(self) -> float:
        """Share of an insured export claim that is covered."""
        return self.unstated.receivables if self.rate is None else self.rate

    @property
    def mutual_cover(self) -> float:
        """Share of a bad debt that mutual aid lends its members at once."""
        return self.unstated.mutual_cover if self.rate is None else self.rate

    @property
    def draw_key(self) -> int:
        """What tells its draws from those of other programmes: added to the year, so that a new programme changes nobody else's luck."""
        return 4096 * (1 + zlib.crc32(self.id.encode()) % 0x7FFFF)

    def levers_in(self, lever: str) -> tuple[int, ...]:
        """Rows of the support table it moves: staying at home for advice and knowledge, its modes otherwise."""
        return (HOME,) if lever in ("advice", "knowledge") else (CLUSTER,) if self.for_groups else self.acting_modes

    def award_for(self, cost: float) -> float:
        """Award for a plan that nobody else supports: min(rate S, cap), million yen."""
        return min(self.share_paid * cost, self.cap if self.cap is not None else np.inf)
