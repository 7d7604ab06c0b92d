"""The report of a take: one page with its sound, words, curves, keys and film, that needs nothing else."""

from sfp_core.report.found import Found, find
from sfp_core.report.page import Report, write_report

__all__ = ["Found", "Report", "find", "write_report"]
