"""Whom a line speaks of: names in any case, nicknames, titles (王总, Mr Wang, τον κ. Παπαδόπουλο), pinyin, Latin for
Greek, and a slip of the finger where only one person can be meant.

Where several fit, the closest form wins, then whoever comes first: contacts are given most recently touched first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from smallcrm.areas.activities.logline import words_zh
from smallcrm.areas.activities.logline.lexicon import language_modules, lexicon
from smallcrm.areas.activities.logline.tokens import Token, fold
from smallcrm.areas.activities.logline.understood import Person
from smallcrm.base.text import HAN, latin_of_greek, pinyin

# How sure a form is: the name itself, a case of it, a nickname, Latin letters for it, pinyin of the surname alone.
EXACT, CASE, NICK, LATIN, LOOSE, SLIP = range(6)

_piece = re.compile(f"[{HAN}]+|[^\\W\\d_{HAN}]+(?:'[^\\W\\d_]+)?")
_greek = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]+")
_PARTICLES = {"de", "la", "van", "der", "von", "da", "di", "el", "al", "den", "del", "bin", "le", "dos"}
_HAN_TITLES = sorted(words_zh.TITLES, key=len, reverse=True)
_TITLE_STARTS = {title[0] for title in _HAN_TITLES}
Key = tuple[int, str, tuple[str, ...]]


@dataclass(frozen=True)
class Hit:
    """Tokens ``start`` to ``end`` name somebody: a contact, a colleague, or one of either."""

    start: int
    end: int
    contact: int | None
    colleague: int | None


def _cases(word: str) -> list[str]:
    """The cases of a Greek name from its nominative (folded): νικοσ → νικο, νικου, νικε. Latin -os, -is, -as too."""
    endings = {
        "οσ": "ο ου ε ον",
        "ησ": "η",
        "ασ": "α",
        "α": "ασ",
        "η": "ησ",
        "ω": "ωσ",
        "ου": "ουσ",
        "ισ": "ι",
        "εσ": "ε",
        "ουσ": "ου",
    }
    latin = {"os": "o ou", "is": "i", "as": "a"}
    table = endings if _greek.fullmatch(word) else latin if len(word) > 4 else {}
    found: list[str] = []
    for ending in sorted(table, key=len, reverse=True):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            found = [word[: -len(ending)] + other for other in table[ending].split()]
            break
    if found and word.endswith("οπουλοσ"):
        found.append(word[:-2] + "ου")
    return found


def _latin(word: str) -> list[str]:
    plain = latin_of_greek(word)
    return [plain, plain.replace("ch", "h"), plain.replace("gia", "ya").replace("gio", "yo"), plain.replace("nt", "d")]


@lru_cache(maxsize=1)
def _nicknames() -> dict[str, set[str]]:
    table: dict[str, set[str]] = {}
    for module in language_modules():
        for group in module.NICKNAMES:
            names = {fold(name)[0] for name in group.split()}
            for name in names:
                table.setdefault(name, set()).update(names - {name})
    return table


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    return frozenset(words[0] for words, tags in lexicon().phrases.items() if "title" in tags)


def _han_parts(name: str) -> tuple[str, str]:
    """Surname and given name of a Chinese name."""
    size = 2 if name[:2] in words_zh.COMPOUND_SURNAMES and len(name) > 2 else 1
    return name[:size], name[size:]


class Index:
    """Every form under which a group of people may be typed."""

    def __init__(self, people: Sequence[Key]) -> None:
        self.people = [number for number, _, _ in people]
        self.forms: dict[str, dict[int, int]] = {}
        self.han: dict[str, dict[int, int]] = {}
        self.surnames: dict[str, dict[int, int]] = {}
        for rank, (_, name, aliases) in enumerate(people):
            for text in (name, *aliases):
                self._add(fold(text)[0], rank)

    def _put(self, form: str, rank: int, sure: int, *, into: dict[str, dict[int, int]] | None = None) -> None:
        if form:
            table = (self.forms if into is None else into).setdefault(form, {})
            table[rank] = min(sure, table.get(rank, SLIP))

    def _add(self, name: str, rank: int) -> None:
        pieces = [p for p in _piece.findall(name) if p not in _titles()]
        for piece in pieces:
            if re.match(f"[{HAN}]", piece):
                self._add_han(piece, rank)
            elif len(piece) > 1 and piece not in _PARTICLES:
                self._add_word(piece, rank)
        if pieces and not re.match(f"[{HAN}]", pieces[0]):
            self._put(pieces[0], rank, LOOSE, into=self.surnames)
            self._put(pieces[-1], rank, LOOSE, into=self.surnames)

    def _add_word(self, word: str, rank: int) -> None:
        self._put(word, rank, EXACT)
        for other in _nicknames().get(word, ()):
            self._put(other, rank, NICK)
            for case in _cases(other):
                self._put(case, rank, NICK)
        for case in _cases(word):
            self._put(case, rank, CASE)
        if _greek.fullmatch(word):
            for form in [word, *_cases(word), *_nicknames().get(word, ())]:
                for latin in _latin(form):
                    self._put(latin, rank, LATIN)

    def _add_han(self, name: str, rank: int) -> None:
        surname, given = _han_parts(name)
        self._put(name, rank, EXACT, into=self.han)
        if len(name) > 1:
            self._put(surname, rank, EXACT, into=self.surnames)
        if len(given) > 1:
            self._put(given, rank, CASE, into=self.han)
        for readings in pinyin(name)[:2]:
            size = len(surname)
            first, last = "".join(readings[:size]), "".join(readings[size:])
            self._put(first, rank, LOOSE)
            self._put(first, rank, LOOSE, into=self.surnames)
            self._put(last, rank, LATIN if len(given) > 1 else LOOSE)
            for form in (first + last, last + first):
                self._put(form, rank, LATIN)

    def choose(self, found: dict[int, int]) -> int | None:
        """The id of the surest of ``found`` (rank → sureness), the first where several are."""
        return self.people[min(found, key=lambda rank: (found[rank], rank))] if found else None

    def slip(self, word: str) -> dict[int, int]:
        """Who is meant by a word with one slip in it; nobody unless it is one person only."""
        near: set[int] = set()
        for form, ranks in self.forms.items():
            if form[0] == word[0] and len(form) > 3 and abs(len(form) - len(word)) < 2 and _one_slip(form, word):
                near.update(rank for rank, sure in ranks.items() if sure < LOOSE)
        return {near.pop(): SLIP} if len(near) == 1 else {}


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter more, less, other, or two swapped make ``b`` of ``a``."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    if len(a) == len(b):
        return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    return rest_a[1:] == rest_b or rest_a == rest_b[1:]


@lru_cache(maxsize=256)
def _index(people: tuple[Key, ...]) -> Index:
    return Index(people)


def index(people: Iterable[Person]) -> Index:
    """The index of ``people``, kept between the keystrokes of one line."""
    return _index(tuple((p.id, p.name, tuple(p.aliases)) for p in people))


def find(tokens: Sequence[Token], contacts: Index, colleagues: Index) -> list[Hit]:
    """Everybody named, from left to right, without overlaps."""
    hits: list[Hit] = []
    at = 0
    while at < len(tokens):
        hit = None
        if tokens[at].form == "han":
            hit = _han(tokens, at, contacts, colleagues)
        elif tokens[at].form == "word":
            hit = _word(tokens, at, contacts, colleagues)
        if hit is None:
            at += 1
        else:
            hits.append(replace(hit, start=_titled(tokens, hit.start, hits[-1].end if hits else 0)))
            at = hit.end
    return hits


def _titled(tokens: Sequence[Token], start: int, low: int) -> int:
    """``start`` moved back over a title and its full stop: ο κ. Νίκος, Mr. Wang."""
    place = start - 1
    if place > low and tokens[place].text == ".":
        place -= 1
    return place if low <= place < start and "title" in lexicon().single(tokens[place].text) else start


# ---------------------------------------------------------------- names in Han characters


def _han(tokens: Sequence[Token], at: int, contacts: Index, colleagues: Index) -> Hit | None:
    run = "".join(t.text for t in tokens[at : at + 8])
    run = run[: next((i for i, t in enumerate(tokens[at : at + 8]) if t.form != "han"), len(run))]
    for size in range(min(len(run), 5), 1, -1):
        word = run[:size]
        if word not in contacts.han and word not in colleagues.han:
            continue
        if not _is_word(word) or _is_name(word, contacts, colleagues):
            title = _title(run[size:])
            return _hit(
                at,
                at + size + len(title),
                contacts,
                contacts.han.get(word, {}),
                colleagues,
                colleagues.han.get(word, {}),
            )
    return _surname(tokens, at, run, contacts, colleagues)


def _is_word(text: str) -> bool:
    """Whether the tables know these Han characters as one phrase."""
    found = lexicon().longest(text, 0)
    return found is not None and found[0] == len(text)


def _is_name(word: str, contacts: Index, colleagues: Index) -> bool:
    """Whether this is somebody's whole name, and not only the given one."""
    return EXACT in contacts.han.get(word, {}).values() or EXACT in colleagues.han.get(word, {}).values()


def _title(rest: str) -> str:
    """The title at the front of ``rest``: 总 of 总，下周, but not of 总共."""
    for title in _HAN_TITLES if rest[:1] in _TITLE_STARTS else ():
        if rest.startswith(title):
            follow = rest[len(title) : len(title) + 1]
            return "" if follow and follow in words_zh.TITLE_NOT.get(title, "") else title
    return ""


def _surname(tokens: Sequence[Token], at: int, run: str, contacts: Index, colleagues: Index) -> Hit | None:
    """王总, 欧阳老师, 小王, 老李."""
    size = 2 if run[:2] in words_zh.COMPOUND_SURNAMES else 1
    before = tokens[at - 1].text if at else ""
    if title := _title(run[size:]):
        if before and before in words_zh.SURNAME_NOT.get(run[:size], ""):
            return None
        hit = _by_surname(at, at + size + len(title), run[:size], contacts, colleagues)
        return replace(hit, colleague=None) if hit and hit.contact is not None else hit
    if run[:1] in words_zh.FAMILIAR and len(run) > 1 and not _is_word(run[:2]):
        size = 2 if run[1:3] in words_zh.COMPOUND_SURNAMES else 1
        return _by_surname(at, at + 1 + size, run[1 : 1 + size], contacts, colleagues)
    return None


def _by_surname(start: int, end: int, surname: str, contacts: Index, colleagues: Index) -> Hit | None:
    ours, theirs = contacts.surnames.get(surname, {}), colleagues.surnames.get(surname, {})
    if not ours and not theirs:
        latin = "".join(pinyin(surname)[0])
        ours, theirs = contacts.surnames.get(latin, {}), colleagues.surnames.get(latin, {})
    return _hit(start, end, contacts, ours, colleagues, theirs)


# ---------------------------------------------------------------- names in letters


def _strip(word: str) -> str:
    """Without the English genitive: bob's → bob."""
    return word[:-2] if word.endswith("'s") else word


def _word(tokens: Sequence[Token], at: int, contacts: Index, colleagues: Index) -> Hit | None:
    token = tokens[at]
    word = _strip(token.text)
    ours, theirs = dict(contacts.forms.get(word, {})), dict(colleagues.forms.get(word, {}))
    place = _place(tokens, at)
    if not ours and not theirs:
        return _slipped(token, word, place, at, contacts, colleagues)
    end = at + 1
    while end < len(tokens):
        step = 2 if tokens[end].text == "." and end + 1 < len(tokens) and len(tokens[end - 1].text) == 1 else 1
        following = _strip(tokens[end + step - 1].text)
        more, more_theirs = contacts.forms.get(following, {}), colleagues.forms.get(following, {})
        both = {rank: min(sure, EXACT) for rank, sure in ours.items() if rank in more}
        both_theirs = {rank: min(sure, EXACT) for rank, sure in theirs.items() if rank in more_theirs}
        if tokens[end].form != "word" or not (both or both_theirs) or following == word:
            break
        ours, theirs, end = both, both_theirs, end + step
    if end == at + 1 and not _trusted(tokens, at, word, place, [*ours.values(), *theirs.values()]):
        return None
    return _hit(at, end, contacts, ours, colleagues, theirs)


def _place(tokens: Sequence[Token], at: int) -> str:
    """What stands before a word: ``title``, ``person`` (called, with, στον …), ``article``, ``start`` or nothing."""
    before = at - 1
    if before >= 1 and tokens[before].text == "." and tokens[before - 1].text in _titles():
        return "title"
    if before < 0 or tokens[before].form in ("mark", "line"):
        return "start"
    tags = lexicon().single(tokens[before].text)
    if "title" in tags:
        return "title"
    if any(tag in tags for tag in ("did", "did_who", "came", "verb", "verb_who", "delegate")):
        return "act"
    if any(tag in tags for tag in ("prep", "from")):
        return "person"
    return "article" if "art" in tags else "conj" if "conj" in tags else ""


def _trusted(tokens: Sequence[Token], at: int, word: str, place: str, sure: list[int]) -> bool:
    """Whether a single word that is a form of a name is the name here: will, may, Παρασκευή and long are words too."""
    capital = tokens[at].capital
    tags = lexicon().single(word)
    if place == "title":
        return True
    if "weekday" in tags or "month_name" in tags:
        return capital and place == "person"
    if tags:
        return capital and place in ("act", "person", "article", "conj", "")
    if min(sure) >= LOOSE or len(word) < 3:
        return capital or place in ("act", "person")
    return True


def _slipped(token: Token, word: str, place: str, at: int, contacts: Index, colleagues: Index) -> Hit | None:
    if lexicon().single(word) or len(word) < (4 if token.capital else 5):
        return None
    if place not in ("act", "title") and not (token.capital and place in ("person", "article", "conj")):
        return None
    ours = contacts.slip(word)
    return _hit(at, at + 1, contacts, ours, colleagues, {} if ours else colleagues.slip(word))


def _hit(
    start: int, end: int, contacts: Index, ours: dict[int, int], colleagues: Index, theirs: dict[int, int]
) -> Hit | None:
    if not ours and not theirs:
        return None
    return Hit(start, end, contacts.choose(ours), colleagues.choose(theirs))
