"""Everything a file lets us guess about itself, how sure each guess is, and the questions that remain.

What somebody said already (``given``) stands; what was said for a file of the same shape before (``remembered``)
settles what the file itself leaves open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from smallcrm.base import formats
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.records.exchange import conventions, currencies, words
from smallcrm.records.exchange.cells import Row, letter
from smallcrm.records.exchange.columns import ColumnGuess, Field, Labels, Profile, guess_columns, profiles
from smallcrm.records.exchange.decoding import NAMES
from smallcrm.records.exchange.layout import OWN, Layout, data_rows, guess_layout, layout_with
from smallcrm.records.exchange.mapping import Mapping, resolve, shape
from smallcrm.records.exchange.questions import Option, Question, Remark, shortened
from smallcrm.records.exchange.reading import Sheet, Workbook
from smallcrm.records.exchange.round_trip import ComingBack, coming_back

_SAMPLE_ROWS = 400
_NO = Mapping()


@dataclass
class Guess:
    """``mapping`` is complete; ``confidence`` is 0–1 per part, columns by header, values by field."""

    mapping: Mapping
    sheet: Sheet
    layout: Layout
    columns: list[ColumnGuess]
    shape: str
    rows: int
    confidence: dict[str, Any] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    fractions: tuple[str, ...] = ()  # columns of percentages that hold 0.24 for 24 %
    coming_back: ComingBack | None = None  # an export of ours

    @property
    def sure(self) -> bool:
        return not self.questions

    def as_json(self) -> dict[str, Any]:
        """What ``import --dry-run --json`` says under ``guessed``."""
        return {
            "mapping": self.mapping.as_json(), "confidence": self.confidence, "sure": self.sure,
            "questions": [question.as_json() for question in self.questions],
            "warnings": [str(remark) for remark in self.remarks],
        }  # fmt: skip


def guess(
    book: Workbook,
    fields: Iterable[Field],
    language: str = "en",
    *,
    given: Mapping = _NO,
    remembered: Mapping = _NO,
    currency: str = "",
) -> Guess:
    """Guess all that ``given`` does not say. Raises ``BadRequest`` where it names what the file or ``fields`` lack.

    ``language`` is the reader's, ``currency`` the company's. The encoding and separator were settled by opening.
    """
    labels = Labels(fields)
    questions: list[Question] = []
    remarks: list[Remark] = []
    sheet, layout, sheet_confidence = _choose_sheet(book, labels, given, questions, remarks)
    layout = _choose_header(sheet, layout, given, questions)
    names = layout.names
    back = coming_back(book, names)
    known = replace(remembered, columns={**(remembered.columns or {}), **back.fields}) if back else remembered
    columns = _choose_columns(sheet, layout, labels, given, known, questions)
    texts = _texts_of(sheet, layout, columns, labels)
    settled = conventions.settle(columns, texts, labels, names, given, remembered, language)
    settled.scaled = [index for index in conventions.figure_columns(columns, labels) if layout.scale(index)]
    formatted = sheet.facts.currencies
    remarks += currencies.settle(settled, columns, texts, labels, names, given, remembered, currency, formatted)
    questions += settled.questions
    guessed = Mapping(
        sheet=sheet.name if book.facts.kind != "text" else None,
        header_rows=layout.header_rows,
        encoding=book.facts.encoding or None,
        separator=book.facts.separator or None,
        date_order=settled.date_order,
        decimal=settled.decimal,
        currency=settled.currency,
        columns={column.name: column.field for column in columns},
        values=settled.values or None,
    )
    mapping = _complete(given, remembered, guessed, columns)
    remarks += _remarks(book, sheet, layout, columns, settled)
    confidence: dict[str, Any] = {
        **_opening(book, given, questions),
        **sheet_confidence,
        "header_rows": layout.confidence,
    }
    confidence |= {"date_order": settled.date_confidence, "decimal": settled.decimal_confidence}
    confidence["columns"] = {column.name: column.confidence for column in columns}
    confidence["values"] = settled.value_confidence
    questions.sort(key=lambda question: _ASKING_ORDER.index(question.part[0]))
    marked = shape(names, layout.unnamed)
    fractions = tuple(names[i] for i in settled.fractions)
    return Guess(
        mapping, sheet, layout, columns, marked, texts.rows, confidence, questions, remarks, fractions, back
    )  # fmt: skip


_ASKING_ORDER = (
    "encoding",
    "separator",
    "sheet",
    "header_rows",
    "columns",
    "date_order",
    "decimal",
    "currency",
    "values",
)


def _complete(given: Mapping, remembered: Mapping, guessed: Mapping, columns: Sequence[ColumnGuess]) -> Mapping:
    """The guess under what was said; columns by the file's own headers, whatever way somebody named them."""
    kept = replace(remembered.to_remember(), columns=None, values=None, date_order=None, decimal=None, currency=None)
    said = replace(given, columns=None, encoding=None, separator=None)
    return said.over(kept.over(guessed))


# ---------------------------------------------------------------- encoding and separator


def _opening(book: Workbook, given: Mapping, questions: list[Question]) -> dict[str, float]:
    """How sure the text was read rightly; asks where it was not."""
    facts = book.facts
    if facts.kind != "text":
        return {}
    if not facts.encoding_sure:
        options = tuple(
            Option(name, "\n".join(facts.previews.get(name, ())) or NAMES.get(name, name))
            for name in (facts.encoding, facts.encoding_other)
            if name
        )
        code = "bad_lines" if facts.bad_lines else "encoding"
        values = (
            {"lines": facts.bad_lines[0], "encoding": NAMES.get(facts.encoding, facts.encoding)}
            if facts.bad_lines
            else {}
        )
        questions.append(Question(code, ("encoding",), options, values=values))
    if not facts.separator_sure:
        options = tuple(Option(char) for char in (facts.separator, facts.separator_other) if char)
        questions.append(Question("separator", ("separator",), options))
    return {"encoding": facts.encoding_confidence, "separator": facts.separator_confidence}


# ---------------------------------------------------------------- sheet and header


def _choose_sheet(
    book: Workbook, labels: Labels, given: Mapping, questions: list[Question], remarks: list[Remark]
) -> tuple[Sheet, Layout, dict[str, float]]:
    if given.sheet is not None and book.facts.kind != "text":
        sheet = book.sheet(given.sheet)
        if sheet is None:
            names = shortened([each.name for each in book.sheets])
            raise BadRequest(L("There is no sheet “%(sheet)s”. There are: %(names)s.", sheet=given.sheet, names=names))
        return sheet, guess_layout(sheet, labels.__contains__), {"sheet": 1.0}
    rated = sorted(((_rate(sheet, labels), -i) for i, sheet in enumerate(book.sheets)), key=lambda r: (-r[0][0], -r[1]))
    (best, layout), place = rated[0]
    sheet = book.sheets[-place]
    rivals = [book.sheets[-p] for (score, _), p in rated[1:] if score > 0.25 and score > best * 0.6]
    if rivals:
        options = tuple(Option(each.name, fits=each.facts.filled) for each in (sheet, *rivals))
        questions.append(Question("sheet", ("sheet",), options))
    elif others := [each.name for each in book.sheets if each is not sheet and each.facts.filled]:
        remarks.append(Remark("other_sheets", {"sheet": sheet.name, "others": shortened(others)}))
    confidence = 1.0 if len(book.sheets) == 1 else 0.5 if rivals else 0.95
    return sheet, layout, {} if book.facts.kind == "text" else {"sheet": confidence}


def _rate(sheet: Sheet, labels: Labels) -> tuple[float, Layout]:
    """How much a sheet looks like the one that was meant: visible, a table, with names we know."""
    layout = guess_layout(sheet, labels.__contains__)
    if not sheet.facts.filled:
        return 0.0, layout
    named = [name for i, name in enumerate(layout.names) if i not in layout.unnamed]
    known = sum(name in labels or name.rpartition(" / ")[2] in labels for name in named) / max(1, len(named))
    score = 0.2 + 0.5 * known + 0.3 * min(1.0, sheet.facts.filled / 20)
    if layout.last < layout.first:
        score *= 0.3
    if sheet.facts.hidden:
        score *= 0.1
    if words.means_explanation(sheet.name):
        score *= 0.3
    return score, layout


def _choose_header(sheet: Sheet, layout: Layout, given: Mapping, questions: list[Question]) -> Layout:
    if given.header_rows is not None:
        beyond = [row for row in given.header_rows if row > sheet.facts.rows]
        if beyond:
            raise BadRequest(
                L("There is no row %(row)s: the sheet has %(rows)s.", row=beyond[0], rows=sheet.facts.rows)
            )
        return layout_with(sheet, given.header_rows)
    if layout.confidence < 0.6:
        options = [Option(list(layout.header_rows)), *(Option(list(rows)) for rows in layout.rivals)]
        if layout.header_rows:
            options.append(Option([]))
        else:
            options += [Option([number]) for number, _ in sheet.head(3)]
        questions.append(Question("header_rows", ("header_rows",), tuple(options)))
    return layout


# ---------------------------------------------------------------- columns


def _choose_columns(
    sheet: Sheet, layout: Layout, labels: Labels, given: Mapping, remembered: Mapping, questions: list[Question]
) -> list[ColumnGuess]:
    names = layout.names
    known = [each.name for each in labels.fields]
    said = resolve(given.columns, names, known) if given.columns else {}
    _refuse_doubles(said, names, labels)
    for header, target in (remembered.columns or {}).items():
        try:
            said = {**resolve({header: target}, names, known), **said}
        except BadRequest:
            continue
    sample = _spread_sample(sheet, layout)
    hidden = sheet.facts.hidden_columns
    columns = guess_columns(names, sample, labels, unnamed=layout.unnamed, hidden=hidden, taken=said)
    if given.columns is not None:
        # Somebody said where the columns go: what is only likely then stays out, and nobody is asked.
        columns = [column if column.sure else replace(column, field=None) for column in columns]
    for column in columns:
        if not column.sure:
            options = tuple(Option(target) for target in (column.field, *column.others, None))
            questions.append(
                Question(
                    "columns",
                    ("columns", column.name),
                    options,
                    (column.name,),
                    column.samples,
                    {"column": column.name},
                )
            )
    if not any(column.field for column in columns):
        questions.append(Question("no_columns", ("columns",)))
    return columns


def _refuse_doubles(said: dict[int, str | None], names: Sequence[str], labels: Labels) -> None:
    several = {each.name for each in labels.fields if each.takes_several}
    counts = Counter(target for target in said.values() if target and target not in several)
    for target, count in counts.items():
        if count > 1:
            columns = shortened([names[i] for i, said_target in said.items() if said_target == target])
            raise BadRequest(
                L("The mapping sends several columns to “%(field)s”: %(columns)s.", field=target, columns=columns)
            )


def _spread_sample(sheet: Sheet, layout: Layout) -> list[Profile]:
    """Profiles from the first rows and from some all over the sheet."""
    step = max(1, (layout.last - layout.first) // _SAMPLE_ROWS)
    rows: list[Row] = []
    for place, (_, row) in enumerate(data_rows(sheet, layout)):
        if place < _SAMPLE_ROWS // 2 or place % step == 0:
            rows.append(row)
        if len(rows) >= _SAMPLE_ROWS * 2:
            break
    return profiles(rows, len(layout.names))


def _texts_of(sheet: Sheet, layout: Layout, columns: Sequence[ColumnGuess], labels: Labels) -> conventions.Texts:
    """Every text of the columns whose reading is decided by all their cells, counted."""
    kinds = {each.name: each for each in labels.fields}
    wanted = {
        column.index: kinds[column.field]
        for column in columns
        if column.field and (kinds[column.field].kind in conventions.DECIDED or kinds[column.field].choices)
    }
    return conventions.collect(data_rows(sheet, layout), wanted)


# ---------------------------------------------------------------- remarks


def _remarks(
    book: Workbook,
    sheet: Sheet,
    layout: Layout,
    columns: Sequence[ColumnGuess],
    settled: conventions.Settled,
) -> list[Remark]:
    facts, found = sheet.facts, list[Remark]()
    if layout.last < layout.first:
        found.append(Remark("no_rows"))
    hidden = [
        column.name for column in columns if column.hidden and column.field is None and not column.name.endswith(OWN)
    ]
    if hidden:
        found.append(Remark("hidden_columns", {"columns": shortened(hidden)}))
    if facts.hidden_rows:
        found.append(Remark("hidden_rows", {"count": facts.hidden_rows}))
    for index, count in facts.unsolved.items():
        name = layout.names[int(index)] if int(index) < len(layout.names) else letter(int(index))
        found.append(Remark("no_results", {"column": name, "count": count}))
    if any(bottom > top and top >= layout.first - 1 for top, _, bottom, _ in facts.merged):
        found.append(Remark("merged"))
    if book.facts.lone_quotes:
        found.append(Remark("lone_quotes", {"row": book.facts.lone_quotes[0]}))
    if book.facts.zeros:
        found.append(Remark("zeros", {"count": book.facts.zeros}))
    if book.facts.lost_letters:
        found.append(Remark("lost_letters", {"count": book.facts.lost_letters}))
    if layout.left_out:
        found.append(Remark("left_out", {"rows": shortened([str(row) for row, _ in layout.left_out])}))
    for column in columns:
        power = layout.scale(column.index) if column.field and column.index in settled.scaled else 0
        if power:
            found.append(Remark("scaled", {"column": column.name, "unit": formats.number(10**power)}))
    found += [Remark("fractions", {"column": layout.names[index]}) for index in settled.fractions]
    return found
