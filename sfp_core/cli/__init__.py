"""The `sfp` command: results to stdout or `-o`, talk to stderr; exit 0 done, 1 wrong input or failure, 2 wrong usage.

One small module a command group; each imports what it needs when its command runs, so that help is at once there.
"""

import signal
import sys
import time
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; without `arguments`, that of this process.

    Returns
    -------
    int
        The exit code: 0 done, 1 wrong input or a failure told in one line, 2 wrong usage, 130 stopped by Ctrl-C.
    """
    try:
        from sfp_core.cli.app import app

        if arguments is None:
            signal.signal(signal.SIGTERM, _terminated)
        from sfp_core.summary import process_age_s

        began_s = time.perf_counter() - (process_age_s() if arguments is None else 0.0)
        app(args=None if arguments is None else list(arguments), prog_name="sfp", obj=began_s)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:  # before or after the command itself, which tells it on its own
        print("sfp: stopped", file=sys.stderr)
        return 130
    return 0


def _terminated(number: int, frame: object) -> None:
    """Leave by an exception when asked to end, so that half-written files are removed on the way out."""
    raise SystemExit(128 + number)
