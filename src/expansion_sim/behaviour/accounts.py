"""Profit, tax and cash of a firm (rule 14)."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def operating_margin(mean: float, industry: float, productivity: float, weight: float, quality: float, premium: float, luck: float,
                     cycle: float, surprise: float) -> float:
    """Operating profit per sales: m k + w a + d max(0, q) + luck + c s.

    Args:
        mean: m.
        industry: k, factor of the industry.
        productivity: a relative to the mean firm, log points.
        weight: w, share of sales per log point.
        quality: q, differentiation of the product, log points of demand.
        premium: d, share of sales per log point: who sells what others cannot make sets the price.
        luck: Shock of the year, share of sales.
        cycle: c, share of sales per unit of growth.
        surprise: s, growth less its outlook.

    Source: median of 2 percent of sales (Credit Risk Database 2015), premium of niche leaders (Liu and Zhou 2024); linear form an assumption.
    """
    return mean * industry + weight * productivity + premium * max(0.0, quality) + luck + cycle * surprise


@njit(cache=True)
def capital_raised(capital: float, price: float, price_before: float) -> float:
    """Paid-in capital after a year: C p / p', million yen; firms raise it as prices rise.

    What a firm of 1960 paid in would be next to nothing thirty years later. Old firms have raised their capital, because banks, customers and,
    in 1991, the law on the least capital asked for it; the distribution of the Credit Risk Database is that of firms of all ages.

    Args:
        capital: C, million yen.
        price: p, price level that counts for capital, 1 from 1991.
        price_before: p', the year before.

    Source: assumption; least capital of 10 million yen for stock companies since the Commercial Code of 1990, in force 1991.
    """
    return capital * (price / price_before)


@njit(cache=True)
def next_cash(cash: float, profit: float, target: float, payout: float) -> float:
    """Cash at the end of the year: c = cash + profit; excess over the target is paid out: c - p max(0, c - target).

    Money that leaves goes to owners, investment and repayment.

    Args:
        cash: Cash at the start of the year, million yen, like all money here.
        profit: Profit after interest and tax.
        target: Cash the firm wants to keep, see finance.cash_target.
        payout: p, share of the excess that leaves, 0 to 1.

    Source: assumption, a buffer of cash with partial adjustment.
    """
    closing = cash + profit
    return closing - payout * max(0.0, closing - target)


@njit(cache=True)
def new_borrowing(cash: float, debt: float, line: float, target: float, usual_debt: float) -> float:
    """Net new bank debt of a year, million yen; negative when debt is repaid.

    A firm out of cash draws on its line, up to half its cash target; otherwise debt moves a tenth of the way to its usual level, repaid
    only from cash above half the target.

    Args:
        cash: Cash after the year's profit and payout.
        debt: Bank debt.
        line: Unused credit line.
        target: Cash target.
        usual_debt: Debt that firms of this size carry.

    Source: assumption; partial adjustment of debt as in studies of capital structure.
    """
    repaid = min(0.1 * (debt - usual_debt), max(0.0, cash - 0.5 * target))
    taken = min(line, 0.1 * (usual_debt - debt))
    usual = -repaid if debt > usual_debt else taken  # both are worked out: which of them a firm needs cannot be foretold
    return min(line, -cash + 0.5 * target) if cash < 0.0 else usual
