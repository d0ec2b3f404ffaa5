"""Which column is which field: by what its header says, and by what its cells look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from smallcrm.base.text import fold
from smallcrm.records.exchange.cells import Cell
from smallcrm.records.exchange.column_words import plain_header
from smallcrm.records.exchange.layout import OWN
from smallcrm.records.exchange.values import LISTS, TEXTS, Choice, ColumnReader, Conventions

SURE, WORTH_ASKING = 0.75, 0.45
_UNDECIDED = frozenset({"ambiguous_date", "ambiguous_number"})
# A cell with one of these still belongs to the field: it is a phone whose digits are lost, a grade with another name.
_BELONGS = _UNDECIDED | {"digits_lost", "no_result", "no_such_date", "unknown_choice", "cell_error"}
_SAMPLE = 200


@dataclass(frozen=True)
class Field:
    """A field that a column may go to. ``labels`` are its names per language, ``aliases`` other headers people use
    (``column_words``), ``kind`` one of ``values.KINDS``. ``parts`` are the headers of given and of family names, for a
    person's name that a file may hold in two columns."""

    name: str
    kind: str = "text"
    labels: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    open: bool = True
    required: bool = False
    parts: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    @property
    def takes_several(self) -> bool:
        """Whether more than one column may go to it."""
        return self.kind in LISTS or self.kind == "long_text" or self.parts is not None

    def part(self, header: str) -> int | None:
        """0 for a column of given names, 1 for one of family names, None for any other."""
        plain = plain_header(header.rpartition(" / ")[2])
        sides = enumerate(self.parts or ())
        return next((side for side, texts in sides if any(plain_header(text) == plain for text in texts)), None)


@dataclass(frozen=True)
class ColumnGuess:
    """What a column is taken for. ``fits`` is the share of its filled cells that the field could read."""

    index: int
    name: str
    field: str | None
    confidence: float
    fits: float
    filled: int
    samples: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # fields that are nearly as likely
    hidden: bool = False
    named: bool = True
    varied: float = 0.0  # the share of its sampled cells that differ from each other

    @property
    def sure(self) -> bool:
        return self.field is None or self.confidence >= SURE


class Labels:
    """The headers of a list of fields, ready to be compared with."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self.fields = list(fields)
        self._exact: dict[str, dict[str, float]] = {}
        for each in self.fields:
            for text, weight in _said(each):
                known = self._exact.setdefault(plain_header(text), {})
                known[each.name] = max(known.get(each.name, 0.0), weight)

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and plain_header(text) in self._exact

    def scores(self, header: str) -> dict[str, float]:
        """Field → how well the header names it, 0 to 1."""
        found: dict[str, float] = {}
        for text, weight in _readings(header):
            for name, own in self._exact.get(text, {}).items():
                found[name] = max(found.get(name, 0.0), weight * own)
            if " / " in header and found:
                break  # the group makes it plain: "Contact / Name" is not the company's name
        if not found or max(found.values()) < 0.8:
            for name, score in self._nearly(plain_header(header.rpartition(" / ")[2])).items():
                found[name] = max(found.get(name, 0.0), score)
        return found

    def _nearly(self, header: str) -> dict[str, float]:
        """By likeness: slips of the pen, and headers that say more than the label."""
        found: dict[str, float] = {}
        if len(header) < 2:
            return found
        for text, names in self._exact.items():
            score = _likeness(header, text)
            if score:
                for name, weight in names.items():
                    found[name] = max(found.get(name, 0.0), score * weight)
        return found


def _said(each: Field) -> list[tuple[str, float]]:
    own = each.name.rpartition(".")[2]
    return [
        *((label, 1.0) for label in each.labels.values() if label),
        (each.name.replace(".", " "), 0.97),
        *([(own, 0.9)] if own == each.name else []),
        *((alias, 0.94) for alias in each.aliases),
        *((header, 0.9) for side in each.parts or () for header in side),
    ]


_COUNTER = re.compile(r"[\s(（]*[0-9一二三]+[)）]?$")


def _readings(header: str) -> list[tuple[str, float]]:
    """What a header may say, the whole first: with its group, without, without a counting number."""
    last = header.rpartition(" / ")[2]
    whole = plain_header(header.replace(" / ", " "))
    readings = [(whole, 1.0), (plain_header(last), 1.0 if last == header else 0.96)]
    readings += [(_COUNTER.sub("", text), 0.88) for text, _ in readings if _COUNTER.search(text)]
    return readings


def _likeness(header: str, label: str) -> float:
    """0 to 0.86: the label within a longer header, or another spelling of it that begins or ends alike."""
    if len(label) < 2:
        return 0.0
    han = label[0] > "\u2e80"
    if label in header:
        whole = han or f" {label} " in f" {header} "
        return 0.5 + 0.3 * len(label) / len(header) if whole and (han or len(label) >= 3) else 0.0
    shorter, longer = sorted((len(header), len(label)))
    if han or shorter < 5 or shorter < longer * 0.7 or (header[0] != label[0] and header[-1] != label[-1]):
        return 0.0
    matcher = SequenceMatcher(None, header, label)
    if matcher.quick_ratio() < 0.84:
        return 0.0
    ratio = matcher.ratio()
    return ratio * 0.86 if ratio >= 0.84 else 0.0


# ---------------------------------------------------------------- what the cells look like


@dataclass
class Profile:
    """A column's cells, looked at once: a sample of filled ones, and of what kinds they are."""

    filled: int
    cells: list[Cell]
    _shares: dict[str, tuple[float, float]] = field(default_factory=dict)

    def fit(self, each: Field) -> float:
        """The share of the sample that the field can read, once dates and figures are decided."""
        return self._share(each)[0]

    def belongs(self, each: Field) -> float:
        """How much the cells look like the field's, readable or not; texts that are plainly something else do less."""
        return self._text_belongs(each) if each.kind in TEXTS else self._share(each)[1]

    def _share(self, each: Field) -> tuple[float, float]:
        if not self.cells:
            return 1.0, 1.0
        key = each.kind if not each.choices else f"{each.kind} {each.name}"
        if key not in self._shares:
            reader = ColumnReader(each.kind, Conventions(choices=each.choices, open=each.open))
            problems = [reader(cell)[1] for cell in self.cells]
            fine = sum(p is None or p.drops == "nothing" or p.code in _UNDECIDED for p in problems)
            own = sum(p is None or p.drops == "nothing" or p.code in _BELONGS for p in problems)
            self._shares[key] = fine / len(self.cells), own / len(self.cells)
        return self._shares[key]

    def _text_belongs(self, each: Field) -> float:
        for kind in ("email", "date", "phone", "number"):
            if (
                self.cells
                and self.fit(Field("", kind)) >= 0.9
                and not (kind == "phone" and self.fit(Field("", "date")) > 0.5)
            ):
                return 0.75 if each.kind == "long_text" else 0.6
        return 1.0

    def looks_like(self) -> str:
        """A kind that the cells speak for without any header; empty where they do not."""
        if len(self.cells) < 3 or len({str(cell) for cell in self.cells}) < min(3, len(self.cells)):
            return ""
        texts = [cell for cell in self.cells if isinstance(cell, str)]
        if len(texts) == len(self.cells) and self.fit(Field("", "email")) >= 0.9:
            return "email"
        phones = [cell for cell in self.cells if len(re.sub(r"\D", "", str(cell))) >= 7]
        if (
            len(phones) >= 0.9 * len(self.cells)
            and self.fit(Field("", "phone")) >= 0.9
            and self.fit(Field("", "date")) < 0.3
        ):
            mobile = sum(bool(_MOBILE.search(re.sub(r"\D", "", str(cell)))) for cell in phones) >= 0.6 * len(phones)
            marked = any(re.search(r"[+\-()\s]", str(cell).strip()) for cell in phones)
            return "phone" if mobile or marked else ""
        return ""


_MOBILE = re.compile(r"^(?:0?0?86)?1[3-9]\d{9}$|^(?:0?0?30)?69\d{8}$")


def profiles(rows: Iterable[Sequence[Cell]], width: int) -> list[Profile]:
    """A profile of each of ``width`` columns."""
    found = [Profile(0, []) for _ in range(width)]
    for row in rows:
        for index, cell in enumerate(row[:width]):
            if cell is not None and not (isinstance(cell, str) and not cell.strip()):
                profile = found[index]
                profile.filled += 1
                if len(profile.cells) < _SAMPLE:
                    profile.cells.append(cell)
    return found


# ---------------------------------------------------------------- putting both together


def guess_columns(
    names: Sequence[str],
    columns: Sequence[Profile],
    labels: Labels,
    *,
    unnamed: Iterable[int] = (),
    hidden: Iterable[int] = (),
    taken: Mapping[int, str | None] | None = None,
) -> list[ColumnGuess]:
    """The likeliest field of each column, each field at most once. ``taken`` has what somebody already said.

    A hidden column is never filled in by guess: what was hidden (an identity number) was not meant to be handed on.
    """
    taken, bare, unseen = dict(taken or {}), set(unnamed), set(hidden)
    by_name = {each.name: each for each in labels.fields}
    ranked: list[tuple[float, int, str]] = []
    likely: dict[int, list[tuple[float, str]]] = {}
    for index, (name, profile) in enumerate(zip(names, columns, strict=True)):
        if index in taken or name.endswith(OWN) or index in unseen:
            continue
        scores = _scores("" if index in bare else name, profile, labels)
        likely[index] = sorted(((score, field_) for field_, score in scores.items()), reverse=True)
        ranked.extend((score, -index, field_) for score, field_ in likely[index] if score >= WORTH_ASKING)
    chosen = _assign(ranked, taken, by_name, names)
    found = []
    for index, (name, profile) in enumerate(zip(names, columns, strict=True)):
        target, confidence = (taken[index], 1.0) if index in taken else chosen.get(index, (None, 0.0))
        rivals = [(score, f) for score, f in likely.get(index, []) if f != target and score > confidence - 0.05]
        others = tuple(f for _, f in rivals if f not in {c for c, _ in chosen.values()} | set(taken.values()))
        found.append(
            ColumnGuess(
                index, name, target, round(min(confidence, 0.7) if others and target else confidence, 3),
                round(profile.fit(by_name[target]), 3) if target in by_name else 1.0,
                profile.filled, _samples(profile), others[:3], index in unseen, index not in bare,
                round(len({str(cell) for cell in profile.cells}) / max(1, len(profile.cells)), 3),
            )
        )  # fmt: skip
    return found


def _scores(header: str, profile: Profile, labels: Labels) -> dict[str, float]:
    said = labels.scores(header) if header else {}
    found = {}
    for each in labels.fields:
        score = said.get(each.name, 0.0)
        if score >= 0.5:
            weight = 0.35 + 0.65 * profile.belongs(each) if profile.cells else 0.9
            found[each.name] = max(score * weight, 0.5 if score >= 0.9 else 0.0)
    if max(found.values(), default=0.0) < WORTH_ASKING and (kind := profile.looks_like()):
        for each in labels.fields:
            if each.kind in (kind, f"{kind}s"):
                found[each.name] = 0.55 if not header else 0.5
                break
    return found


def _assign(
    ranked: list[tuple[float, int, str]],
    taken: Mapping[int, str | None],
    fields: Mapping[str, Field],
    names: Sequence[str],
) -> dict[int, tuple[str, float]]:
    used: dict[str, list[int]] = {}
    for index, said in taken.items():
        if said:
            used.setdefault(said, []).append(index)
    chosen: dict[int, tuple[str, float]] = {}
    for score, minus, target in sorted(ranked, key=lambda entry: (-entry[0], -entry[1], entry[2])):
        index = -minus
        before = [names[i] for i in used.get(target, ())]
        if index in chosen or (before and not _joins(fields[target], names[index], before, score)):
            continue
        chosen[index] = (target, score)
        used.setdefault(target, []).append(index)
    return chosen


def _joins(target: Field, header: str, before: list[str], score: float) -> bool:
    """Whether one more column may go to a field: to a list, or a family name beside a given one."""
    if target.parts is None:
        return target.takes_several and score >= 0.85
    part = target.part(header)
    return part is not None and all(target.part(other) == 1 - part for other in before)


def _samples(profile: Profile) -> tuple[str, ...]:
    from smallcrm.records.exchange.cells import shown

    texts: dict[str, None] = {}
    for cell in profile.cells:
        text = " ".join(shown(cell).split())[:80]
        if text:
            texts.setdefault(text, None)
        if len(texts) == 3:
            break
    return tuple(texts)


def same_header(left: str, right: str) -> bool:
    """Whether two headers say the same but for case, accents, stars and brackets."""
    return fold(left) == fold(right) or plain_header(left) == plain_header(right)
