"""Taxes on business abroad: credit and exemption for income from abroad, the overseas investment loss reserve (model, section 7)."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def tax_on_profit_abroad(host: float, home: float, credit: float, exempt: float) -> float:
    """Tax in both countries on a yen earned in a host and sent home: t + (1 - e) max(0, T (1 - (1 - c) t) - c t).

    With full credit (c = 1) the higher of the two rates is paid; without it foreign tax is only a cost (T on what is left). A dividend
    exempt by e is taxed at home on the rest alone: 5 percent since April 2009. The small credit rule for that rest is left out.

    Args:
        host: t, rate of the host, fraction.
        home: T, rate in Japan, fraction.
        credit: c, share of foreign tax that is credited (foreign tax credit, since 1953).
        exempt: e, share of dividends that is exempt (.95 since 2009).

    Source: Corporation Tax Act, foreign tax credit and exemption of dividends from foreign subsidiaries.
    """
    return host + (1.0 - exempt) * max(0.0, home * (1.0 - (1.0 - credit) * host) - credit * host)


@njit(cache=True)
def extra_tax(total: float, home: float) -> float:
    """Tax on profit abroad relative to the same profit at home: 1 - (1 - t) / (1 - T), so that after tax at T it leaves 1 - t.

    Negative where business abroad is taxed less.

    Args:
        total: t, see :func:`tax_on_profit_abroad`.
        home: T.

    Source: definition.
    """
    return 1.0 - (1.0 - min(total, 0.99)) / (1.0 - min(home, 0.95))


@njit(cache=True)
def corporation_tax(profit: float, deposit: float, release: float, rate: float) -> float:
    """Tax of a year: T max(0, P - R + Q), million yen 2015; losses are not taxed and not carried forward.

    Args:
        profit: P before tax.
        deposit: R put into the loss reserve this year.
        release: Q taken out of it this year.
        rate: T, fraction.

    Source: assumption; no loss carried forward.
    """
    return rate * max(0.0, profit - deposit + release)


@njit(cache=True)
def reserve_deposit(invested: float, share: float, profit: float) -> float:
    """Tax-free reserve for losses on an investment abroad: min(s I, max(0, P)), million yen 2015.

    Args:
        invested: I, own money put into the entry this year.
        share: s that may be put aside.
        profit: P before tax; without profit there is nothing to put aside.

    Source: Special Taxation Measures Act, overseas investment loss reserve.
    """
    return min(share * invested, max(0.0, profit))


@njit(cache=True)
def reserve_release(balance: float, years: float) -> float:
    """What goes back into taxable profit: B / (10 - y) from the fifth year on, so one fifth a year over five years.

    Special Taxation Measures Act, overseas investment loss reserve: held five years, then a fifth a year.

    Args:
        balance: B, million yen.
        years: y since it was put aside.

    Source: the same act.
    """
    if years < 5.0:
        return 0.0
    return balance / max(1.0, 10.0 - years)


@njit(cache=True)
def reserve_value(share: float, tax: float, discount: float) -> float:
    """Value of paying tax later: s T (1 - mean of (1 + d)^-k over k = 5..9), share of the investment.

    Args:
        share: s that may be put aside.
        tax: T, fraction.
        discount: d, fraction a year.

    Source: the same act; present value by arithmetic.
    """
    q = 1.0 / (1.0 + discount)
    later = q * q * q * q * q * (1.0 + q * (1.0 + q * (1.0 + q * (1.0 + q)))) / 5.0
    return share * tax * (1.0 - later)
