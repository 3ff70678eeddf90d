"""What a firm can pay for (rule 7): median profit is 2 percent of sales, so finance often binds before profit does."""

from __future__ import annotations

from numba import njit

from expansion_sim.elementary import exp, log


@njit(cache=True)
def credit_ceiling(assets: float, collateral: float, stance: float, cycle: float, guarantee: float, cover: float) -> float:
    """Most that banks lend on a firm's assets: A (lambda (1 + c s) + g cover).

    Args:
        assets: A, million yen.
        collateral: lambda, lending value of assets.
        stance: s, health of the firm's bank, -1 tight to 1 easy.
        cycle: c, how far the line moves with it.
        guarantee: g, share of assets that a full public guarantee adds.
        cover: Cover of the guarantee open to the firm, 0 to 1.

    Source: lending against collateral and guarantees as Japanese banks practise it; linear form an assumption.
    """
    return assets * (collateral * (1.0 + cycle * stance) + guarantee * cover)


@njit(cache=True)
def credit_line(ceiling: float, debt: float) -> float:
    """Unused credit line: max(0, L - D), with the ceiling L and bank debt D, million yen.

    Args:
        ceiling: L, million yen, see :func:`credit_ceiling`.
        debt: D owed to banks, million yen.

    Source: definition.
    """
    return max(0.0, ceiling - debt)


@njit(cache=True)
def cash_target(sales: float, share: float, leverage: float, power: float) -> float:
    """Cash a firm keeps: s t l^-e, million yen; who is used to much debt keeps little cash.

    Args:
        sales: s, sales a year.
        share: t, years of sales that the median firm keeps.
        leverage: l, usual debt relative to that of the median firm.
        power: e.

    Source: assumption.
    """
    return sales * share * cash_kept(leverage, power)


@njit(cache=True, forceinline=True)
def cash_kept(leverage: float, power: float) -> float:
    """Cash that a firm keeps relative to one with the median firm's debt: l^-e.

    Args:
        leverage: l, usual debt relative to that of the median firm.
        power: e.

    Source: assumption, see :func:`cash_target`.
    """
    return exp(-power * log(max(leverage, 0.05)))


@njit(cache=True)
def free_cash(cash: float, sales: float, running: float) -> float:
    """Cash that is not needed to run the business at home: max(0, c - m s), million yen.

    Args:
        cash: c.
        sales: s, home sales a year.
        running: m, years of sales kept for wages and bills.

    Source: assumption.
    """
    return max(0.0, cash - running * sales)


@njit(cache=True)
def loans_recalled(debt: float, ceiling: float, cash: float, health: float, recall: float) -> float:
    """Loans that a weak bank calls back in a year: min(cash, r max(0, -h) max(0, D - L)).

    In easy times banks live with debt above the value of its security; when they must shrink themselves they take what they can get.

    Args:
        debt: D, bank debt, million yen.
        ceiling: L, see :func:`credit_ceiling`.
        cash: What the firm can pay at once.
        health: h of its bank.
        recall: r, 1 a year.

    Source: credit crunch of 1997-98 and of 2008-09; form an assumption.
    """
    return min(max(0.0, cash), recall * max(0.0, -health) * max(0.0, debt - ceiling))


@njit(cache=True)
def bank_health(stance: float, calm: float, spread: float, condition: float) -> float:
    """Health of one main bank: h = s + (c + d max(0, -s)) z, between -1 and 1.

    Banks are alike in calm years; when credit is tight the weak ones stop lending and the sound ones go on.

    Args:
        stance: s, stance of all banks in the year, -1 tight to 1 easy.
        calm: c, spread between banks in a calm year.
        spread: d, how much more they differ per point of tightness.
        condition: z, condition of the bank, standard normal, lasting from year to year.

    Source: studies of bank health and exports in crises (T207); form an assumption.
    """
    return min(1.0, max(-1.0, stance + (calm + spread * max(0.0, -stance)) * condition))


@njit(cache=True)
def share_discounted(usual: float, cycle: float, health: float) -> float:
    """Share of a firm's export bills that its bank discounts: min(.95, max(0, b + c h)).

    Args:
        usual: b, in a normal year.
        cycle: c, how far it moves with the bank's health.
        health: h, see :func:`bank_health`.

    Source: assumption.
    """
    return min(0.95, max(0.0, usual + cycle * health))


@njit(cache=True)
def exports_financed(funds: float, receivables: float, discounted: float) -> float:
    """Share of its foreign sales that a running exporter can finance until buyers pay: min(1, F / (W (1 - d))).

    Args:
        funds: F, cash and unused credit line, million yen.
        receivables: W, stock and claims that these sales tie up, million yen.
        discounted: d, share of the claims that the bank discounts.

    Returns:
        0 to 1. In calm years nearly all is discounted and nobody is bound; where the bank is weak, firms thin in cash are.

    Source: working capital of exporters in studies of trade finance; form an assumption.
    """
    own = receivables * (1.0 - discounted)
    return min(1.0, max(0.0, funds) / own) if own > 0.0 else 1.0


@njit(cache=True)
def funding_need(sunk: float, relief: float, award: float, due: float, working_capital: float) -> float:
    """Money needed to enter: max(0, S (1 - relief) - award) due + working capital, million yen.

    Args:
        sunk: S.
        relief: Share of S that open programmes take over.
        award: Grant awarded to the plan.
        due: Share of S due before anything is earned.
        working_capital: Receivables and stock of the first year.

    Source: entry must be financed before it earns (Manova 2013, Chaney 2016).
    """
    return max(0.0, sunk * (1.0 - relief) - award) * due + working_capital


@njit(cache=True)
def can_fund(cash: float, line: float, need: float) -> bool:
    """Own cash and the credit line must cover the need.

    Args:
        cash: Free cash, million yen, like the other two; negative when the firm is in the red.
        line: Unused credit line and promised public loans.
        need: See :func:`funding_need`.

    Source: entry must be financed before it earns (Manova 2013, Chaney 2016).
    """
    return cash + line >= need


@njit(cache=True)
def debt_at_risk(debt: float, assets: float, guarantee: float, cover: float) -> float:
    """Debt that no public guarantee covers: max(0, D - g k A), million yen; banks ask no premium for the rest.

    Args:
        debt: D.
        assets: A.
        guarantee: g, share of assets that a full public guarantee adds to the line.
        cover: k of the guarantee open to the firm, 0 to 1.

    Source: assumption.
    """
    return max(0.0, debt - guarantee * cover * assets)


@njit(cache=True, error_model="numpy")  # a look at the divisor would keep loops over firms from vectors
def interest_rate(lending_rate: float, debt: float, assets: float, premium: float, discount: float) -> float:
    """Rate a firm pays: r + p min(2, D/A) - d, at least 0; fractions a year.

    Args:
        lending_rate: r, average of the year.
        debt: D, debt at risk, see :func:`debt_at_risk`.
        assets: A.
        premium: p per unit of leverage.
        discount: d of a policy loan.

    Source: premium that rises with leverage, an assumption; discount of policy loans as published.
    """
    return max(0.0, lending_rate + premium * min(2.0, debt / max(assets, 1e-6)) - discount)
