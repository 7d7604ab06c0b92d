"""What is wrong with a file of labels, collected and told at once."""

from collections.abc import Sequence

from sfp_core.errors import SfpError

SHOWN = 8


def first_few(problems: Sequence[str]) -> list[str]:
    """The first problems, and a last line that counts the others."""
    more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
    return [*problems[:SHOWN], *more]


class Problems:
    """Collects malformed entries; `refuse` raises them together, the first few by name."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, where: str, reason: object) -> None:
        """One more: `where` is file and line, or file and place in it."""
        self._found.append(f"{where}: {reason}")

    def add_told(self, error: SfpError) -> None:
        """One more, which names its own place."""
        self._found.append(str(error))

    def refuse(self) -> None:
        """Raise SfpError if anything was added."""
        if self._found:
            raise SfpError("; ".join(first_few(self._found)))
