"""What is wrong with a file of labels, collected and told at once."""

from sfp_core.errors import SfpError

SHOWN = 8


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
            more = f"; and {len(self._found) - SHOWN} more" if len(self._found) > SHOWN else ""
            raise SfpError("; ".join(self._found[:SHOWN]) + more)
