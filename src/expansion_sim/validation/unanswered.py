"""Facts that cannot be computed from the tables of a run, and why; nothing is left out silently.

Some of them are questions of a regression on a panel of its own: :mod:`expansion_sim.validation.econometrics` runs these.
"""

from __future__ import annotations

from typing import Final

#: Id of the fact -> concrete reason.
NOT_HELD: Final[dict[str, str]] = {
    "T001": "needs the number of large firms, which the model does not hold",
    "T013": "needs the FDI of large firms in dollars, which the model does not hold",
    "T014": "needs the FDI of large firms in dollars, which the model does not hold",
    "T040": "needs large firms' exports, which the model does not hold",
    "T061": "needs the number of large exporters, which the model does not hold",
    "T136": "needs large exporters, which the model does not hold",
    "T144": "the frame, firms in JETRO's address book, has no counterpart: it selects on the wish that is asked",
    "T173": "needs the jobs of large direct exporters, which the model does not hold",
    "T189": "plans to bring work home are not part of a firm's state, only the act is",
    "T195": "barriers act through costs and attention; firms do not name them",
    "T201": "needs a yearly panel of suppliers with their customers' output abroad: a run's tables hold none, virtual econometrics builds one",
    "T202": "ties between firms end only with a supplier's delisting; other ties are not modelled",
    "T203": "no network among firms beyond ties with at most two large customers; virtual econometrics tries centrality in those",
    "T204": "needs the plants of large customers by host, which are not in a run's tables; virtual econometrics collects them",
    "T207": "needs a panel of exporters with their banks' condition; banks differ by year only, so virtual econometrics compares worlds",
    "T208": "needs applicants beside the cut-off, which are not in a run's tables; virtual econometrics collects them",
    "T210": "needs firms before and after a guarantee, which are not in a run's tables; virtual econometrics collects them",
    "T215": "the upper tail consists of large firms, which the model does not hold",
}
