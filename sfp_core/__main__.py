"""`python -m sfp_core` is `sfp`."""

import sys

from sfp_core.cli import main

if __name__ == "__main__":  # worker processes import this module under another name
    sys.exit(main())
