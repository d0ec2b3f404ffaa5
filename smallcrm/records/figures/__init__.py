"""Figures: what is counted, summed and compared over any record type, always within the viewer's reach.

A ``Spec`` says what is asked, ``ask`` works it out by one statement, ``drill`` gives the filter of the records behind a
number. Areas register measures (``measures.register``), ready-made figures and reports (``ready``), and what targets are set
for (``metrics``).
"""

from smallcrm.records.figures import groups, measures, metrics, periods, ready, slices, words
from smallcrm.records.figures.asking import Cell, Result, Row, ask, drill, kept
from smallcrm.records.figures.measures import Measure, Part
from smallcrm.records.figures.ready import Ready, Report
from smallcrm.records.figures.spec import CHARTS, Spec, parse, read_filter

__all__ = [
    "CHARTS", "Cell", "Measure", "Part", "Ready", "Report", "Result", "Row", "Spec", "ask", "drill", "groups",
    "kept", "measures",
    "metrics", "parse", "periods", "read_filter", "ready", "slices", "words",
]  # fmt: skip
