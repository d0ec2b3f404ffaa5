"""Contact cards (.vcf): what phones, Outlook and Chinese mail programs write, read into plain dicts; 3.0 written.

A card is a dict of texts and lists: ``name``, ``family``, ``given``, ``company``, ``department``, ``title``,
``phones`` and ``emails`` (each ``(kind, text)``, kind ``mobile work home fax other``), ``addresses`` (dicts of
``street city region postcode country``), ``birthday`` (ISO), ``website``, ``wechat``, ``notes``, ``tags``.

``cards_of`` is for files of other people's: a worker reads what is not small.
"""

from __future__ import annotations

import json
import quopri
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from smallcrm.records.exchange import dates, worker
from smallcrm.records.exchange.decoding import codec, guess_encoding, known_encoding
from smallcrm.records.exchange.problem import Unfit
from smallcrm.records.exchange.refusals import LIMITS, Limits, Unreadable
from smallcrm.records.exchange.values import clean_text

Card = dict[str, Any]
MOST_CARDS = 20_000
MOST_LINES, LONGEST_LINE = 400, 100_000  # of one card, of what we take; octets
SMALL = 64 * 1024
_SECONDS = 120
_BEGIN = re.compile(rb"^BEGIN:VCARD[ \t]*$", re.IGNORECASE | re.MULTILINE)
_END = re.compile(rb"^END:VCARD[ \t]*$", re.IGNORECASE | re.MULTILINE)
_CHARSET = re.compile(rb";CHARSET=\"?([\w-]+)\"?", re.IGNORECASE)
_QUOTED = re.compile(rb";(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Cards:
    """The cards of a file, and the places (from 1) of those that could not be read."""

    cards: tuple[Card, ...]
    failed: tuple[int, ...] = ()


def cards_of(path: Path, folder: Path, language: str = "en", limits: Limits = LIMITS) -> Cards:
    """``read_cards`` for an upload; ``folder`` is for what a worker hands over. Raises ``Unreadable``, DiskFull."""
    if path.stat().st_size <= SMALL:
        return read_cards(path, language, limits)
    limits, spool = replace(limits, seconds=_SECONDS), folder / "cards.jsonl"
    task: dict[str, Any] = {"path": str(path.resolve()), "target": str(spool.resolve()), "language": language}
    task |= {"limits": asdict(limits), "memory": limits.memory, "seconds": limits.seconds}
    try:
        failed = worker.run("cards", task, timeout=limits.seconds * 3)["failed"]
        with spool.open("rb") as lines:
            return Cards(tuple(json.loads(line) for line in lines), tuple(failed))
    finally:
        spool.unlink(missing_ok=True)


def spool_cards(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The worker's end of ``cards_of``."""
    found = read_cards(Path(settings["path"]), settings["language"], Limits(**settings["limits"]))
    with Path(settings["target"]).open("w", encoding="utf-8") as handle:
        handle.writelines(json.dumps(card) + "\n" for card in found.cards)
    return {"failed": found.failed}


def read_cards(path: Path, language: str = "en", limits: Limits = LIMITS) -> Cards:
    """Every card of the file. Raises ``Unreadable`` where there is none."""
    size = path.stat().st_size
    if not size:
        raise Unreadable("empty")
    if size > limits.file_size // 4:
        raise Unreadable("too_large", size=size >> 20, limit=limits.file_size >> 22)
    data = _as_utf8_if_wide(path.read_bytes()).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found = [_unfolded(raw) for raw in _pieces(data)]
    if not found:
        raise Unreadable("card")
    encoding = codec(
        guess_encoding(b"\n".join(_unquoted_bytes(line) for lines in found for line in lines), language).name
    )
    cards: list[Card] = []
    failed: list[int] = []
    for place, lines in enumerate(found, 1):
        card = _card(lines, encoding)
        cards.append(card) if card else failed.append(place)
    return Cards(tuple(cards), tuple(failed))


def _pieces(data: bytes) -> Iterator[bytes]:
    """Each card's octets: from a line that begins one to the next that ends one."""
    place = 0
    for _ in range(MOST_CARDS):
        if (begin := _BEGIN.search(data, place)) is None or (end := _END.search(data, begin.end())) is None:
            return
        yield data[begin.start() : (place := end.end())]
    if _BEGIN.search(data, place):
        raise Unreadable("cards", limit=MOST_CARDS)


def _as_utf8_if_wide(data: bytes) -> bytes:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def _unquoted_bytes(line: bytes) -> bytes:
    """8-bit text by which the file's encoding is guessed: a line that names its charset says nothing of the others."""
    return b"" if _CHARSET.search(line.partition(b":")[0]) else line


def _card(lines: list[bytes], encoding: str) -> Card | None:
    import vobject

    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        return None
    text = "\n".join(_lines(lines, encoding))
    with suppress(Exception):  # vobject raises whatever its parsing stumbles over
        parsed = next(vobject.readComponents(text, ignoreUnreadable=True, allowQP=False), None)
        if parsed is not None:
            return _taken(parsed)
    return None


def _lines(lines: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The card's properties, decoded: quoted-printable and charsets of 2.1 are settled here."""
    for line in lines:
        head, colon, value = line.partition(b":")
        charset = _CHARSET.search(head)
        if _QUOTED.search(head):
            value = quopri.decodestring(value)
            head = _QUOTED.sub(b"", head)
        with suppress(Unreadable):
            name = codec(known_encoding(charset[1].decode("ascii"))) if charset else encoding
            text = _decoded(value, name)
            yield f"{_CHARSET.sub(b'', head).decode('ascii', 'ignore')}{colon.decode()}" + re.sub(
                r"\r?\n|\r", r"\\n", text
            )


def _decoded(value: bytes, name: str) -> str:
    try:
        return (
            value.decode("utf-8") if not value.isascii() and name not in ("utf-8", "utf-8-sig") else value.decode(name)
        )
    except UnicodeDecodeError:
        return value.decode(name, "replace")


def _unfolded(raw: bytes) -> list[bytes]:
    """Logical lines of what we take: one that begins with a space goes on; a quoted-printable one after ``=``."""
    whole: list[list[bytes]] = []
    quoted = False
    for line in raw.split(b"\n"):
        if quoted and whole[-1][-1].endswith(b"="):
            whole[-1][-1] = whole[-1][-1][:-1]
            whole[-1].append(line.lstrip(b" \t"))
        elif whole and line[:1] in (b" ", b"\t"):
            whole[-1].append(line[1:])
        elif line.strip():
            whole.append([line])
            quoted = bool(_QUOTED.search(line.partition(b":")[0]))
    return [line for line in map(b"".join, whole) if _is_taken(line)]


def _is_taken(line: bytes) -> bool:
    """Whether a line is of the card's frame or of what we take: pictures, sounds and keys are left where they are."""
    name = line[:100].partition(b":")[0].partition(b";")[0].rpartition(b".")[2]
    return name.decode("ascii", "replace").strip().upper() in _FRAME | _TAKE.keys()


# ---------------------------------------------------------------- what a card holds


def _taken(parsed: Any) -> Card | None:
    card: Card = {"phones": [], "emails": [], "addresses": [], "tags": []}
    for line in parsed.getChildren():
        name = getattr(line, "name", "").upper()
        if name in _TAKE and hasattr(line, "value"):
            with suppress(AttributeError, TypeError, ValueError):
                _TAKE[name](card, line)
    if not card.get("name"):
        joined = _joined_name(card.get("family", ""), card.get("given", ""))
        card["name"] = joined or card.get("company", "") or next((text for _, text in card["emails"]), "")
    kept = {key: value for key, value in card.items() if value}
    return kept if kept.get("name") or kept.get("phones") else None


def _joined_name(family: str, given: str) -> str:
    """Chinese names without a space, family name first; others as they are spoken."""
    if family and given and all("\u3400" <= char <= "\u9fff" for char in family + given):
        return family + given
    return " ".join(part for part in (given, family) if part)


def _flat(value: Any) -> str:
    parts = value if isinstance(value, list | tuple) else [value]
    return clean_text(" ".join(str(part) for part in parts if part))


def _first(key: str) -> Any:
    def take(card: Card, line: Any) -> None:
        card.setdefault(key, _flat(line.value))

    return take


def _name(card: Card, line: Any) -> None:
    card["family"], card["given"] = _flat(line.value.family), _flat([line.value.given, line.value.additional])


def _company(card: Card, line: Any) -> None:
    parts = [_flat(part) for part in (line.value if isinstance(line.value, list) else [line.value])]
    card.setdefault("company", parts[0] if parts else "")
    card.setdefault("department", " ".join(parts[1:]))


def _kind(line: Any) -> str:
    """Mobile, work, home, fax or other, out of types, of 2.1's bare words, or of a label of Apple's."""
    said = [*(word for values in line.params.values() for word in values), *getattr(line, "singletonparams", ())]
    words = {part.strip().lower() for word in said for part in str(word).strip('"').split(",")}
    for found, names in _KINDS.items():
        if words & names:
            return found
    return "other"


_KINDS = {"fax": {"fax"}, "mobile": {"cell", "mobile", "iphone"}, "work": {"work"}, "home": {"home"}}


def _phone(card: Card, line: Any) -> None:
    text = _flat(line.value).removeprefix("tel:")
    if text and (entry := (_kind(line), text)) not in card["phones"]:
        card["phones"].append(entry)


def _email(card: Card, line: Any) -> None:
    text = _flat(line.value).removeprefix("mailto:").lower()
    if "@" in text and (entry := (_kind(line), text)) not in card["emails"]:
        card["emails"].append(entry)


def _address(card: Card, line: Any) -> None:
    value = line.value
    found = {
        "street": _flat([value.box, value.extended, value.street]), "city": _flat(value.city),
        "region": _flat(value.region), "postcode": _flat(value.code), "country": _flat(value.country),
    }  # fmt: skip
    kept = {key: text for key, text in found.items() if text}
    if kept:
        card["addresses"].append(kept)


def _birthday(card: Card, line: Any) -> None:
    with suppress(Unfit):
        days = dates.parse(_flat(line.value)).days
        if days.get(""):
            card["birthday"] = str(days[""])


def _notes(card: Card, line: Any) -> None:
    text = clean_text(str(line.value), lines=True)
    card["notes"] = "\n".join(filter(None, [card.get("notes", ""), text]))


def _tags(card: Card, line: Any) -> None:
    parts = line.value if isinstance(line.value, list) else str(line.value).split(",")
    card["tags"] += [text for text in map(_flat, parts) if text and text not in card["tags"]]


def _chat(card: Card, line: Any) -> None:
    text = _flat(line.value)
    scheme, _, rest = text.partition(":")
    said = " ".join(str(word) for values in line.params.values() for word in values).lower()
    if "wechat" in said or "weixin" in said or scheme.lower() in ("wechat", "weixin", "x-wechat"):
        card.setdefault("wechat", rest.lstrip("/") or text)


_TAKE = {
    "FN": _first("name"), "N": _name, "ORG": _company, "TITLE": _first("title"), "TEL": _phone, "EMAIL": _email,
    "ADR": _address, "BDAY": _birthday, "URL": _first("website"), "NOTE": _notes, "CATEGORIES": _tags,
    "X-WECHAT": _first("wechat"), "X-WEIXIN": _first("wechat"), "IMPP": _chat,
}  # fmt: skip
_FRAME = frozenset({"BEGIN", "VERSION", "END"})


# ---------------------------------------------------------------- writing


def write_cards(path: Path, cards: Iterable[Mapping[str, Any]]) -> int:
    """Write cards as vCard 3.0 in UTF-8, which phones, Outlook and Thunderbird read; how many."""
    count = 0
    with path.open("w", encoding="utf-8", errors="ignore", newline="") as handle:
        for card in cards:
            handle.write(card_text(card))
            count += 1
    return count


def card_text(card: Mapping[str, Any]) -> str:
    """One card as a file holds it."""
    return "".join(map(_folded, card_lines(card)))


def card_lines(card: Mapping[str, Any]) -> Iterable[str]:
    """The lines of one card, not yet folded."""
    name = card.get("name") or _joined_name(card.get("family", ""), card.get("given", ""))
    family, given = card.get("family", ""), card.get("given", "")
    if not family and not given:
        family, given = _split_name(name)
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield f"FN:{_text(name)}"
    yield f"N:{_text(family)};{_text(given)};;;"
    if card.get("company"):
        yield f"ORG:{_text(card['company'])}" + (f";{_text(card['department'])}" if card.get("department") else "")
    for key, word in (
        ("title", "TITLE"),
        ("website", "URL"),
        ("birthday", "BDAY"),
        ("notes", "NOTE"),
        ("wechat", "X-WECHAT"),
    ):
        if card.get(key):
            yield f"{word}:{_text(str(card[key]))}"
    for kind, text in card.get("phones", ()):
        yield f"TEL{_TYPES[kind]}:{_text(text)}"
    for kind, text in card.get("emails", ()):
        yield f"EMAIL;TYPE=INTERNET{_TYPES[kind].replace(';TYPE=', ',')}:{_text(text)}"
    for parts in card.get("addresses", ()):
        yield "ADR:;;" + ";".join(
            _text(parts.get(key, "")) for key in ("street", "city", "region", "postcode", "country")
        )
    if card.get("tags"):
        yield "CATEGORIES:" + ",".join(map(_text, card["tags"]))
    yield "END:VCARD"


_TYPES = {"mobile": ";TYPE=CELL", "work": ";TYPE=WORK", "home": ";TYPE=HOME", "fax": ";TYPE=FAX", "other": ""}


def _split_name(name: str) -> tuple[str, str]:
    """Family and given name of a name in one piece: a Chinese one begins with the family, others end with it."""
    if 2 <= len(name) <= 4 and all("\u3400" <= char <= "\u9fff" for char in name):
        return (name[:2], name[2:]) if len(name) == 4 else (name[:1], name[1:])
    given, _, family = name.rpartition(" ")
    return family, given


def _text(text: str) -> str:
    """Escaped as RFC 6350 asks, without what would end the line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\").replace("\n", "\\n")
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]", "", text.replace(",", "\\,").replace(";", "\\;"))


def _folded(line: str) -> str:
    """At most 75 octets a line, never inside a character; what follows begins with a space."""
    out, size = [], 0
    for char in line:
        width = len(char.encode("utf-8", "ignore"))
        if size + width > 74:
            out.append("\r\n ")
            size = 1
        out.append(char)
        size += width
    return "".join(out) + "\r\n"
