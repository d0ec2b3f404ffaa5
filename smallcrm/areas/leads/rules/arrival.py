"""What happens as a lead arrives: is it somebody one knows already? Its owner, and that of a known customer, hear of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.leads.records import Lead
from smallcrm.base.i18n import L, ngettext
from smallcrm.jobs import notices
from smallcrm.records import change, duplicates, events, rows
from smallcrm.records.drafts import Draft
from smallcrm.records.record import by_key

NOT_LOOKED_AT = ("undo", "merge", "restore", "erase")
UNTOLD = (*NOT_LOOKED_AT, "demo")
TYPES = ("customer", "contact", "lead")
SURE = {"phone", "email", "wechat", "tax"}  # a name alone is a likeness, no news for anybody
WELL_KNOWN = 50  # records with one key: a switchboard's number tells nobody apart

notices.declare({"lead": L("New leads, and leads that wait")})


@change.before("lead")
def look(drafts: list[Draft]) -> None:
    """Flag a new lead with what it looks like most: a customer, a contact, another lead."""
    new = [d for d in drafts if d.before is None and d.why not in NOT_LOOKED_AT and not d.after.get("looks_like")]
    for draft in new:
        found = likeliest(draft.after)
        if found is not None:
            draft.after["looks_like_type"], draft.after["looks_like"] = found[0], found[1]
            draft.told["known"] = found


def likeliest(values: Mapping[str, Any], *, except_id: int = 0) -> tuple[str, int, frozenset[str]] | None:
    """(type, id, kinds of key that agree) of the living record it looks like most, whoever may see it."""
    agreeing: dict[tuple[str, int], set[str]] = {}
    keys = sorted(duplicates.keys_of(Lead, values))
    for (kind, _), records in duplicates.holders(keys).items():
        for key, number in records[:WELL_KNOWN]:
            if key in TYPES and (key, number) != ("lead", except_id):
                agreeing.setdefault((key, number), set()).add(kind)
    order = sorted(agreeing, key=lambda each: (-_weight(agreeing[each]), TYPES.index(each[0]), each[1]))
    for key, number in order:
        if rows.load(by_key(key), [number], "t.deleted_at IS NULL", only=("id",)):
            return key, number, frozenset(agreeing[key, number])
    return None


def _weight(kinds: set[str]) -> int:
    return sum(duplicates.WEIGHT.get(each, 1) for each in kinds)


# ---------------------------------------------------------------- telling


@events.on_change("lead")
def tell(drafts: list[Draft]) -> None:
    """New owners hear of their leads, one notice for several at once; owners of known customers hear who asked again."""
    new = [d for d in drafts if d.before is None and d.why not in UNTOLD]
    by_owner: dict[int, list[Draft]] = {}
    for draft in new:
        if draft.after.get("owner") and draft.after["owner"] != draft.actor.id:
            by_owner.setdefault(draft.after["owner"], []).append(draft)
        if draft.told.get("known"):
            _tell_of_known(draft)
    for owner, mine in by_owner.items():
        _tell_owner(owner, mine)


def _tell_owner(owner: int, mine: Sequence[Draft]) -> None:
    names = [_called(each.after) for each in mine[:5]]
    notices.notify(
        owner,
        "lead",
        title=lambda: ngettext("A new lead for you", "%(n)s new leads for you", len(mine)),
        body=lambda: "\n".join(names),
        link=f"/leads/{mine[0].id}" if len(mine) == 1 else "/leads?view=mine",
    )


def _tell_of_known(draft: Draft) -> None:
    key, number, kinds = draft.told["known"]
    owner = store.value(f'SELECT owner FROM "{key}" WHERE id = ?', [number]) if key in ("customer", "contact") else None
    if not owner or not kinds & SURE or owner in (draft.after.get("owner"), draft.actor.id):
        return
    name = _called(draft.after)
    notices.notify(
        owner,
        "lead",
        title=lambda: str(L("Somebody you know asked again: %(name)s", name=name)),
        body=lambda: str(L("A new lead looks like a customer of yours.")),
        link=f"/{by_key(key).card.name}/{number}",
        key=f"known/{draft.id}",
    )


def _called(values: Mapping[str, Any]) -> str:
    return ", ".join(str(values[name]) for name in ("name", "company") if values.get(name))
