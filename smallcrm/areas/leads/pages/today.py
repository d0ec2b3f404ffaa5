"""Today's part: the leads that wait for their first touch, the most urgent first."""

from __future__ import annotations

from markupsafe import Markup

from smallcrm import store
from smallcrm.areas.leads.records import Lead
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import values
from smallcrm.web.cells import dialled
from smallcrm.web.templating import fragment

SHOWN = 6
_WAITING = "t.status = 'todo' AND t.status IN ('todo', 'following') AND t.deleted_at IS NULL"  # the second lets the index be used


def waiting(who: Actor) -> int:
    """The rail's counter: leads of one's own that nobody has spoken to, up to a hundred."""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM lead t WHERE t.owner = ? AND {_WAITING} LIMIT 100)"
    return int(store.value(sql, [who.id]))


def _when(due: str | None) -> str:
    """How late, or at what time, or on which day."""
    if not due:
        return str(L("new", "move"))
    day = clock.day_of(clock.moment(due))
    days = (clock.today() - day).days
    if days > 0:
        return ngettext("%(n)s day", "%(n)s days", days)
    return formats.time(due) if days == 0 else formats.near_date(day)


def draw(who: Actor, team: bool) -> Markup | str:
    """The section; nothing where nothing waits."""
    if who.scope("lead", "view") is Scope.NONE:
        return ""
    where, params = access.reach(who, Lead).where()
    whose, given = ("t.owner IS NOT NULL", []) if team else ("t.owner = ?", [who.id])
    sql = (
        f"SELECT t.id FROM lead t WHERE {_WAITING} AND {whose} AND {where}"
        " ORDER BY t.first_touch_due_at IS NULL, t.first_touch_due_at, t.created_at DESC LIMIT ?"
    )
    found = [i for (i,) in store.rows(sql, [*given, *params, SHOWN + 1])]
    if not found:
        return ""
    records = access.fetch_many(who, Lead, found[:SHOWN])
    owners = access.names(who, "user", [int(each.owner or 0) for each in records]) if team else {}
    now = clock.stamp()
    rows = []
    for record in records:
        stored = values(record)
        held = {
            **dict.fromkeys(stored),
            **{n: stored.get(n) for n in access.shown_of(who, Lead, stored)},
            "id": stored["id"],
        }
        number = next((str(held[n]) for n in ("mobile", "phone") if held[n]), "")
        rows.append(
            {"held": held, "when": _when(held["first_touch_due_at"]), "late": (held["first_touch_due_at"] or "9") < now,
             "phone": dialled(number) if number else "", "owner": owners.get(held["owner"] or 0, "")}
        )  # fmt: skip
    return fragment("leads/_today.html", rows=rows, more=len(found) > SHOWN)
