"""Which currency the amounts of a column are in that name none, where others of the same column name one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from smallcrm.records.exchange import figures
from smallcrm.records.exchange.columns import ColumnGuess, Labels
from smallcrm.records.exchange.conventions import Settled, Texts
from smallcrm.records.exchange.mapping import Mapping, for_column
from smallcrm.records.exchange.problem import Unfit
from smallcrm.records.exchange.questions import Option, Question, Remark

Names = tuple[str, ...]


def settle(
    settled: Settled,
    columns: Sequence[ColumnGuess],
    texts: Texts,
    labels: Labels,
    names: Names,
    given: Mapping,
    remembered: Mapping,
    company: str,
    formatted: dict[str, str],
) -> list[Remark]:
    """Decide per column, ask where it names several; what is to be known about it.

    ``formatted``: a column's index → the currency its cells show by their format. Another than the company's is asked
    about: it may be no more than the spreadsheet's habit.

    A column of currencies, or a default that somebody gave, says it for every row: then nothing is decided here.
    """
    money = {each.name for each in labels.fields if each.kind == "money"}
    used = {column.field for column in columns}
    settled.currency = given.currency
    takes = any(each.name == "currency" for each in labels.fields)
    if not takes or "currency" in used or isinstance(given.currency, str) or (given.defaults or {}).get("currency"):
        return []
    remarks: list[Remark] = []
    found: dict[str, str] = {}
    for column in columns:
        if column.field not in money or for_column(given.currency, column.index, names):
            continue
        named, bare = _named(texts.counts.get(column.index, Counter()), company)
        bare += texts.figures.get(column.index, 0)
        shown = formatted.get(str(column.index), "")
        dressed = bool(company and shown) and shown not in named and not _one_sign(shown, company)
        if dressed:
            named.append(shown)
        if not named or not bare:
            continue
        last = for_column(remembered.currency, column.index, names)
        code = last if last in named or (last and last == company) else named[0]
        found[column.name] = code
        if dressed and code != last:
            settled.questions.append(_question("formatted", column.name, [*named, company], bare, shown))
        elif len(named) == 1 and code != company:
            remarks.append(Remark("named_currency", {"column": column.name, "currency": code, "count": bare}))
        elif len(named) > 1 and code != last:
            settled.questions.append(_question("currency", column.name, [*named, company], bare))
    if found:
        settled.currency = {**found, **(given.currency or {})}
    return remarks


def _named(counts: Counter[str], company: str) -> tuple[list[str], int]:
    """The currencies that cells name, the frequent ones first, and how many cells name none."""
    named: Counter[str] = Counter()
    bare = 0
    for text, count in counts.items():
        try:
            code = figures.currency_of(text)
        except Unfit:
            continue
        if code:
            named["JPY" if code == "CNY" and company == "JPY" else code] += count
        else:
            bare += count
    return [code for code, _ in named.most_common()], bare


def _one_sign(code: str, company: str) -> bool:
    """Whether a format shows the two alike: ¥ is both a yuan and a yen."""
    return code == company or {code, company} == {"CNY", "JPY"}


def _question(what: str, column: str, codes: Iterable[str], bare: int, shown: str = "") -> Question:
    options = tuple(Option(code) for code in dict.fromkeys(codes) if code)
    values = {"column": column, "count": bare, "currency": shown}
    return Question(what, ("currency", column), options, (column,), (), values)
