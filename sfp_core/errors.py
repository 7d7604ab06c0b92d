"""The one exception family: a message in one line that says what, where, expected, got and what to do."""

from collections.abc import Sequence

_LISTED = 5


class SfpError(Exception):
    """Input that cannot be used, told in one line. The command line prints it and exits with 1."""


def listed(problems: Sequence[str]) -> str:
    """Several problems in one line: the first few in full, and how many more there are."""
    more = len(problems) - _LISTED
    return "; ".join(problems[:_LISTED]) + (f"; and {more} more" if more > 0 else "")
