"""``python -m expansion_sim``: the command line."""

import sys

from expansion_sim.cli import main

if __name__ == "__main__":
    sys.exit(main())
