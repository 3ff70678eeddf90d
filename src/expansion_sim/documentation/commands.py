"""The commands ``doc odd`` and ``doc validation``: thin, over the functions that make the documents."""

from __future__ import annotations

import argparse
import sys

DONE, FAILED = 0, 1


def odd(args: argparse.Namespace) -> int:
    """``doc odd``: write the ODD+D description; with ``--check`` 1 when the file says something else."""
    from expansion_sim.documentation.odd import odd_document
    from expansion_sim.documentation.write import write_document

    text = odd_document()
    if args.check:
        current = args.out.is_file() and args.out.read_text(encoding="utf-8") == text
        print(f"{args.out}: {'up to date' if current else f'stale; make it again with: expansion-sim doc odd --out {args.out}'}")
        return DONE if current else FAILED
    write_document(args.out, text)
    print(args.out)
    return DONE


def validation(args: argparse.Namespace) -> int:
    """``doc validation``: write the validation report and its figures."""
    from expansion_sim.arguments import settings_of
    from expansion_sim.documentation.validation_report import build_report

    def tell(what: str) -> None:
        if not args.quiet:
            print(what, file=sys.stderr, flush=True)

    print("\n".join(map(str, build_report(args.out, args.scenario, settings_of(args), tell))))
    return DONE
