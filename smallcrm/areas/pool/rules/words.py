"""The pool in words: why something fell or falls in, and what a move was. In the reader's language."""

from __future__ import annotations

from smallcrm.base.i18n import L, Label, ngettext

MOVES: dict[str, Label] = {
    "new": L("new", "move"),
    "claim": L("claimed", "move"),
    "assign": L("assigned", "move"),
    "transfer": L("handed over", "move"),
    "auto": L("fell into the pool", "move"),
    "manual": L("returned", "move"),
    "move": L("moved to another pool", "move"),
    "undo": L("taken back", "move"),
}
KEPT: dict[str, Label] = {
    "locked": L("locked"),
    "won": L("with a deal"),
    "open": L("with open business"),
    "tag": L("by a tag"),
    "safe": L("still safe"),
}


def cause(why: str | None, days: int | None) -> str:
    """Why it falls in by itself: ``no follow-up for 35 days``."""
    n = days or 0
    if why == "follow_up":
        return ngettext("no follow-up for %(n)s day", "no follow-up for %(n)s days", n)
    if why == "deal":
        return ngettext("no deal for %(n)s day", "no deal for %(n)s days", n)
    if why == "opportunity":
        return ngettext("no opportunity for %(n)s day", "no opportunity for %(n)s days", n)
    if why == "longest":
        return ngettext("held for %(n)s day", "held for %(n)s days", n)
    if why == "owner":
        return str(L("owner no longer here"))
    return str(L("left by a colleague who went")) if why == "leaver" else ""


def reason(why: str | None, days: int | None, said: str | None) -> str:
    """Why it lies in the pool: the rule's words, else what somebody wrote."""
    return cause(why, days) or said or ""


def label(why: str | None) -> str:
    """The rule by which something is about to fall in."""
    from smallcrm.areas.customers.records import RECYCLE_REASONS

    return str(dict(RECYCLE_REASONS).get(why or "", ""))
