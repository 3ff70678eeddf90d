"""Loans of public lenders and insurance of receivables (model, section 7)."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def loan_amount(need: float, share: float, cap: float, others: float) -> float:
    """Loan for a plan: max(0, min(s N, cap, N - B)), million yen 2015.

    Args:
        need: N, entry cost that grants leave to the firm.
        share: s, share of the need that the lender covers.
        cap: Most money for one firm (1,440 million yen at the Japan Finance Corporation).
        others: B, what other lenders have promised for the same plan.

    Source: terms of the lenders as published.
    """
    return max(0.0, min(share * need, cap, need - others))


@njit(cache=True)
def interest_saved(balance: float, rate: float, discount: float) -> float:
    """Interest that a firm does not pay in a year: B min(d, r), million yen 2015.

    Args:
        balance: B, what is left of its public loans.
        rate: r it pays on its other debt, fraction a year.
        discount: d below that, fraction a year (0.009 for the fund for business abroad).

    Source: terms of the fund for business abroad.
    """
    return balance * min(discount, rate)


@njit(cache=True)
def value_of_loan(amount: float, discount: float, term: float) -> float:
    """Interest saved over the life of a loan repaid in equal parts: L d (T + 1) / 2, million yen 2015.

    Args:
        amount: L.
        discount: d, fraction a year.
        term: T, years.

    Source: arithmetic of equal repayment.
    """
    return amount * discount * (term + 1.0) / 2.0


@njit(cache=True)
def instalment(balance: float, due: float) -> float:
    """Repayment of the year: the equal part that is due, at most what is left, million yen 2015.

    Args:
        balance: Public loans left, million yen 2015.
        due: Equal part due this year, million yen 2015.

    Source: terms of the loans.
    """
    return min(balance, due)


@njit(cache=True)
def mixed_discount(balance: float, discount: float, amount: float, new: float) -> float:
    """Discount on all public loans after a new one: (B d + L e) / (B + L), fraction a year.

    Args:
        balance: B.
        discount: d.
        amount: L of the new loan.
        new: e of the new loan.

    Source: arithmetic.
    """
    return (balance * discount + amount * new) / max(balance + amount, 1e-9)


@njit(cache=True)
def called_guarantee(debt: float, collateral: float, guarantee: float, cover: float) -> float:
    """What guarantors pay the bank when a firm defaults: D c g / (l + g), million yen 2015, before anything is recovered.

    Args:
        debt: D owed to banks.
        collateral: l, lending value of assets in the bank's eyes.
        guarantee: g, what guarantees add to it; debt stands on both in proportion.
        cover: c, share of a guaranteed loan that is covered.

    Source: assumption on which part of debt is called.
    """
    return debt * min(1.0, cover) * guarantee / max(collateral + guarantee, 1e-9)


@njit(cache=True)
def mean_cover(balance: float, cover: float, amount: float, new: float) -> float:
    """Mean cover of bank debt for business abroad after a further loan: (B c + L d) / (B + L), share.

    Args:
        balance: B, million yen 2015.
        cover: c of the guarantees under which it was drawn, 0 to 1.
        amount: L of the new loan, above zero.
        new: d of the guarantees open to it.

    Source: arithmetic.
    """
    return (balance * min(1.0, cover) + amount * min(1.0, new)) / (balance + amount)


@njit(cache=True)
def entry_debt_left(entry: float, debt: float, draw: float) -> float:
    """Bank debt for business abroad after a year: E (1 + min(0, b) / D), at most D; what is repaid is repaid on all debt alike.

    Args:
        entry: E, part of the bank debt that was drawn for entries abroad, million yen 2015.
        debt: D, bank debt before the year's borrowing.
        draw: b, net new bank debt of the year; negative when debt is repaid.

    Source: assumption on what is repaid first.
    """
    if debt <= 0.0:
        return 0.0
    return min(entry, debt) * max(0.0, 1.0 + min(0.0, draw) / debt)


@njit(cache=True)
def uncovered_receivables(receivables: float, cover: float) -> float:
    """Receivables that the firm must carry itself: W (1 - c); insured claims can be discounted at the bank.

    Args:
        receivables: W, million yen.
        cover: c of export credit insurance, 0 to 1.

    Source: terms of export credit insurance.
    """
    return receivables * (1.0 - min(1.0, cover))
