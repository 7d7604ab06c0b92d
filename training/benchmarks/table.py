"""Figures as a table for people and as one JSON object for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes
    ----------
    key : str
        JSON key; one that begins with a space is shown in the table only.
    at_least, aim : float or None
        The bound that must be kept and the one that is wished for.
    fitted : str
        What the measured weights were fitted on; empty where nothing was.
    note : str
        What exactly was measured.
    more_is_better : bool
        Else smaller is better.
    """

    key: str
    value: float
    unit: str
    at_least: float | None = None
    aim: float | None = None
    fitted: str = ""
    note: str = ""
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        """`aim`, `ok` or `MISSED`; empty without a bound."""
        if self.aim is not None and self._keeps(self.aim):
            return "aim"
        if self.at_least is None:
            return ""
        return "ok" if self._keeps(self.at_least) else "MISSED"

    def _keeps(self, bound: float) -> bool:
        return self.value >= bound if self.more_is_better else self.value <= bound


def table_text(figures: Sequence[Figure]) -> str:
    """The table, then the JSON object as last line."""
    lines = [f"{'figure':24}{'value':>10}{'at least':>10}{'aim':>8}  {'':8}what was measured; fitted on"]
    for one in figures:
        bounds = f"{_number(one.at_least):>10}{_number(one.aim):>8}"
        told = one.note + (f"; fitted on {one.fitted}" if one.fitted else "")
        lines.append(
            f"{one.key:24}{one.value:>10.4g}{bounds}  {one.verdict:8}{one.unit + ', ' if one.unit else ''}{told}"
        )
    record = {one.key: round(one.value, 6) for one in figures if not one.key.startswith(" ")}
    return "\n".join([*lines, json.dumps(record)])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
