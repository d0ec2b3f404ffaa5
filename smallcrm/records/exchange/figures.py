"""Figures as people type them. Which sign stands before the decimals is decided for a whole column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from smallcrm.records.exchange.problem import Unfit

MOST = Decimal(10) ** 15

_WIDE = str.maketrans(
    "０１２３４５６７８９．，－＋％（）￥＄＇’`", "0123456789.,-+%()¥$'''", "\u200b\u200e\u200f\ufeff"
)
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_SIGNS = {
    "€": "EUR", "£": "GBP", "$": "USD", "¥": "CNY", "₽": "RUB", "₺": "TRY", "₹": "INR", "₩": "KRW", "元": "CNY",
    "圆": "CNY", "人民币": "CNY", "美元": "USD", "欧元": "EUR", "港币": "HKD", "日元": "JPY", "ευρώ": "EUR",
    "ευρω": "EUR", "rmb": "CNY", "us$": "USD", "hk$": "HKD", "nt$": "TWD", "fr.": "CHF", "zł": "PLN", "kč": "CZK",
}  # fmt: skip
_SIGN = re.compile("|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)), re.IGNORECASE)
_CODE = re.compile(
    r"(?<![a-z])(eur|usd|cny|gbp|chf|jpy|hkd|twd|rub|pln|czk|huf|ron|bgn|sek|nok|dkk|cad|aud|try|aed|inr)(?![a-z])",
    re.I,
)
_TIMES = {
    "百万": 6,
    "千万": 7,
    "万": 4,
    "亿": 8,
    "千": 3,
    "k": 3,
    "m": 6,
    "mio": 6,
    "mln": 6,
    "million": 6,
    "bn": 9,
    "χιλ": 3,
    "εκ": 6,
    "εκατ": 6,
}
_TIMES_AT_END = re.compile(rf"({'|'.join(sorted(_TIMES, key=len, reverse=True))})\.?$", re.IGNORECASE)
_SCIENCE = re.compile(r"([+-]?\d+(?:[.,]\d+)?)e([+-]?\d{1,3})", re.IGNORECASE)
_FIGURE = re.compile(r"\d[\d.,']*|[.,]\d+")
_GROUPS = {mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{2,3}})*{re.escape(mark)}\d{{3}}") for mark in ".,'"}


@dataclass(frozen=True, slots=True)
class Number:
    """A figure, whether it was a percentage, and the currency named beside it (empty where none was)."""

    value: Decimal
    percent: bool = False
    currency: str = ""
    scaled: bool = False  # it named its own unit: 1.2万, 50k


@dataclass(frozen=True, slots=True)
class _Taken:
    figure: str
    negative: bool
    percent: bool
    currency: str
    power: int


def _take(text: str) -> _Taken:
    """The bare figure out of signs, units and spaces. Raises ``Unfit``."""
    if len(text) > 100:
        raise Unfit("not_a_number", text[:100])
    raw = text.translate(_WIDE).strip().lstrip("'").strip().replace("−", "-").replace("–", "-")
    currency = ""
    if found := _CODE.search(raw):
        currency, raw = found[1].upper(), raw[: found.start()] + raw[found.end() :]
    while found := _SIGN.search(raw):  # ¥5元 names it twice
        currency, raw = currency or _SIGNS[found[0].lower()], raw[: found.start()] + raw[found.end() :]
    raw = raw.strip()
    percent = raw.endswith("%") or raw.startswith("%")
    raw = raw.strip("% ")
    power = 0
    if found := _TIMES_AT_END.search(raw):
        power, raw = _TIMES[found[1].lower()], raw[: found.start()]
    raw = _SPACES.sub(" ", raw).strip()
    if re.search(r"\d \d", raw) and not re.fullmatch(r"[-+(]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?\)?-?", raw):
        raise Unfit("not_a_number", text)
    raw = raw.replace(" ", "")
    negative = False
    if len(raw) > 2 and raw[0] == "(" and raw[-1] == ")":
        negative, raw = True, raw[1:-1]
    if raw.endswith("-") and raw[:-1]:
        negative, raw = not negative, raw[:-1]
    if raw[:1] in ("-", "+"):
        negative, raw = negative ^ (raw[0] == "-"), raw[1:]
    return _Taken(raw, negative, percent, currency, power)


def currency_of(text: str) -> str:
    """The currency named beside a figure; empty where none is. Raises ``Unfit`` where there is no figure."""
    taken = _take(text)
    if not any(char.isdigit() for char in taken.figure):
        raise Unfit("not_a_number", text)
    return taken.currency


def marks(figure: str) -> str:
    """What a bare figure says of its decimal mark: ``.`` or ``,`` for sure, ``?`` for either, empty for nothing.

    Raises ValueError where it can be no figure at all.
    """
    if not _FIGURE.fullmatch(figure):
        raise ValueError(figure)
    figure = figure.replace("'", "") if _GROUPS["'"].fullmatch(re.split(r"[.,]", figure)[0]) else figure
    if "'" in figure:
        raise ValueError(figure)
    dots, commas = figure.count("."), figure.count(",")
    if not dots and not commas:
        return ""
    if dots and commas:
        last = "." if figure.rindex(".") > figure.rindex(",") else ","
        whole = figure.rpartition(last)[0]
        if figure.count(last) > 1 or not _GROUPS["," if last == "." else "."].fullmatch(whole):
            raise ValueError(figure)
        return last
    mark = "." if dots else ","
    other = "," if dots else "."
    if dots + commas > 1:
        if not _GROUPS[mark].fullmatch(figure):
            raise ValueError(figure)
        return other
    whole, _, tail = figure.partition(mark)
    return "?" + mark if len(tail) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0") else mark


def parse(text: str, decimal: str = "") -> Number:
    """The number in ``text``; ``decimal`` is its column's decimal mark, empty where that was not decided.

    Raises ``Unfit``: no number, one that needs the mark, or one that contradicts it.
    """
    taken = _take(text)
    if found := _SCIENCE.fullmatch(taken.figure):
        return _science(found, taken, text)
    try:
        said = marks(taken.figure)
    except ValueError:
        raise Unfit("not_a_number", text) from None
    if said.startswith("?"):
        if not decimal:
            raise Unfit("ambiguous_number", text)
        said = decimal
    elif said and decimal and said != decimal:
        raise Unfit("not_a_number", text)
    bare = taken.figure.replace("'", "")
    if said:
        bare = bare.replace("," if said == "." else ".", "").replace(said, ".")
    return _finished(Decimal(bare), taken, text)


def _science(found: re.Match[str], taken: _Taken, text: str) -> Number:
    """``1.5E+3``; figures whose exponent says more digits than were kept are lost."""
    mantissa, power = found[1].replace(",", "."), int(found[2])
    kept = len(mantissa.lstrip("+-").replace(".", "").lstrip("0"))
    if power > 14 or (power >= kept and power >= 6):
        raise Unfit("digits_lost", text)
    try:
        return _finished(Decimal(mantissa).scaleb(power), taken, text)
    except InvalidOperation:
        raise Unfit("not_a_number", text) from None


def _finished(value: Decimal, taken: _Taken, text: str) -> Number:
    value = Decimal(f"{value.scaleb(taken.power):f}")
    if abs(value) > MOST:
        raise Unfit("number_too_large", text)
    return Number(-value if taken.negative else value, taken.percent, taken.currency, bool(taken.power))


def of_float(value: float) -> Decimal:
    """A spreadsheet's figure in the 15 digits it really has."""
    return Decimal(f"{value:.15g}")


# ---------------------------------------------------------------- the decimal mark of a column


@dataclass(frozen=True)
class MarkVote:
    """How many values of a column say ``.`` or ``,`` is the decimal mark, and how many say nothing."""

    dot: int
    comma: int
    unclear: int
    decimal: str  # empty where it does not matter or cannot be told
    sure: bool
    examples: tuple[str, ...] = ()

    @property
    def asks(self) -> bool:
        return not self.sure


def vote(values: Mapping[str, int], *, whole: bool = False, money: bool = False) -> MarkVote:
    """Decide by the texts of a column and how often each stands there.

    Where every mark has three digits behind it, it groups thousands if the figures are ``whole`` ones, and very likely
    if they are ``money`` and there are several; of other figures nobody can tell.
    """
    counts = {".": 0, ",": 0, "?": 0}
    unclear: dict[str, int] = {}
    for text, count in values.items():
        try:
            said = marks(_take(text).figure)
        except (Unfit, ValueError):
            continue
        if said:
            counts[said[0]] += count
        if said.startswith("?"):
            unclear[text] = unclear.get(text, 0) + count
    dot, comma, doubtful = counts["."], counts[","], counts["?"]
    examples = tuple(unclear)[:3]
    if dot and comma:
        best, other = (".", comma) if dot > comma else (",", dot)
        return MarkVote(dot, comma, doubtful, best, other <= 0.02 * (dot + comma), examples)
    decimal = "." if dot else "," if comma else ""
    grouping = {"," if "," in text else "." for text in unclear}
    if not decimal and len(grouping) == 1 and (whole or (money and doubtful >= 5)):
        decimal = "." if "," in grouping else ","
    return MarkVote(dot, comma, doubtful, decimal, bool(decimal) or not doubtful, examples)
