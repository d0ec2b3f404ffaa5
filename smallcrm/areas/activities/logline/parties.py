"""Who is in a clause: the contacts, the colleague who acted or shall act, and which way it went."""

from __future__ import annotations

from smallcrm.areas.activities.logline.clauses import Clause
from smallcrm.areas.activities.logline.people import Hit
from smallcrm.areas.activities.logline.tokens import Item
from smallcrm.areas.activities.logline.undated import nounish

# Chinese verbs of which a contact in front is the doer: 王总打电话…, 王总回复邮件; not 王总电话沟通.
_THEIR_HAN_VERBS = "打发回致"
_INWARD = (
    "^(?!any*had) any* got any* noun",
    "(?:got|had|^) art? noun art? from",
    "noun (?:art|duration|filler)* from (?:art|title)* (?:person|other)",
)


def contacts(clause: Clause, *, without: Hit | None = None) -> tuple[int, ...]:
    """The contacts named in a clause, but not those it is merely about."""
    found: dict[int, None] = {}
    for place, item in enumerate(clause.items):
        hit: Hit | None = item.tags.get("person")
        if hit is None or hit.contact is None or hit is without:
            continue
        before = clause.items[place - 1] if place else None
        if before is None or not before.has("topical") or before.has("prep", "for"):
            found[hit.contact] = None
    return tuple(found)


def doer(clause: Clause) -> int | None:
    """The colleague who acted: Dimitris called Bob."""
    verb = clause.at("did", "came", "noun", "verb")
    for place, item in enumerate(clause.items[: max(verb, 0)]):
        hit: Hit | None = item.tags.get("person")
        if hit is not None and hit.contact is None and not clause.before(place, "prep", "from", within=1):
            return hit.colleague
    return None


# ---------------------------------------------------------------- which way


def direction(clause: Clause, kind: str) -> str:
    """In or out for a call, message or e-mail. A meeting and a note have none, a visit only when they came."""
    inward = doer(clause) is None and _inward(clause)
    if kind in ("call", "message", "email"):
        return "in" if inward else "out"
    return "in" if kind == "visit" and inward and clause.has("came") else ""


def _inward(clause: Clause) -> bool:
    """Whether the other side acted: a verb of theirs, "got a mail", "call from Bob", or a subject from outside."""
    if clause.has("came") and not clause.find("did any* came"):
        return True
    if any(clause.find(source) for source in _INWARD):
        return True
    if clause.told and clause.find("^(?:filler|past)* (?:person|other) noun$"):
        return True
    verb = next((place for place, item in enumerate(clause.items) if _active(item)), -1)
    subject = max((place for place in range(verb) if clause.items[place].has("person", "other")), default=-1)
    if subject < clause.led or verb - subject > 2 or clause.before(subject, "prep", "from", within=1):
        return False
    if any(item.has("me", "prep", "conj", "comma") for item in clause.items[subject + 1 : verb]):
        return False
    hit: Hit | None = clause.items[subject].tags.get("person")
    return hit is None or hit.contact is not None


def _active(item: Item) -> bool:
    """A verb whose subject may stand in front. A Greek one says itself who acts: before πήρα stands whom I called."""
    if item.greek:
        return False
    if item.han and item.tags.get("did") in ("talk", "meeting", "visit"):
        return False
    return item.has("did") or (item.has("verb") and item.text[0] in _THEIR_HAN_VERBS)


# ---------------------------------------------------------------- who shall do it


def charged(clause: Clause) -> int:
    """The place of the colleague who shall do it, -1 for the one who types: Dimitris to send, 让小李, @Maria."""
    for place, item in enumerate(clause.items):
        hit: Hit | None = item.tags.get("person")
        if hit is not None and hit.colleague is not None and _is_charged(clause, place, only_ours=hit.contact is None):
            return place
    return -1


def _is_charged(clause: Clause, place: int, *, only_ours: bool) -> bool:
    """Asked to, or named where a subject stands. Who is also a contact's namesake must be asked or open the clause."""
    if clause.before(place, "atmark", within=1) or _asked(clause, place):
        return True
    if clause.before(place, "theirs", within=4) and not clause.before(place, "prep", within=1):
        return True  # να το στείλει ο Δημήτρης
    opening = ("then", "conj", "art", "title", "date", "time", "please", "open")
    opens = all(item.has(*opening) and not item.has("prep") for item in clause.items[:place])
    following = clause.items[place + 1] if place + 1 < len(clause.items) else None
    if following is not None and following.has("conj"):
        return False  # Dimitris and I
    acts = following is not None and following.has("to", "future", "colon")
    if acts and (opens or only_ours):
        return True
    return opens and only_ours and _works(clause, place + 1)


def _asked(clause: Clause, place: int) -> bool:
    """Ask Dimitris, πες στον Δημήτρη, 让小李."""
    step = 2 if clause.before(place, "art", "prep", within=1) and not clause.before(place, "delegate", within=1) else 1
    return clause.before(place - step + 1, "delegate", within=1)


def _works(clause: Clause, start: int) -> bool:
    """Whether anything to do, or a day for it, stands from ``start`` on."""
    for place, item in enumerate(clause.items[start:], start):
        if item.has("date", "time", "theirs"):
            return True
        if item.has("verb", "todo", "noun", "future") and not nounish(clause, place):
            return True
    return False
