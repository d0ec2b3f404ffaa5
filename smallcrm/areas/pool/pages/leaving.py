"""What the pool offers when a user is switched off: everything to a colleague, or the customers into a pool."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template

from smallcrm.areas.people.rules import leaving
from smallcrm.areas.people.rules.leaving import Option
from smallcrm.areas.pool.pages.leaver import AT_ONCE, check, in_background
from smallcrm.areas.pool.rules import leaver, pools
from smallcrm.areas.pool.rules.leaver import Handover
from smallcrm.base import ids
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record

CUSTOMERS = "customers"


def _controls(way: str, *, pool: bool) -> str:
    return render_template(
        "pool/_leaving.html", way=way, pools=[(each.id, each.name) for each in pools.enabled(CUSTOMERS)] if pool else []
    )


def _chosen(form: Mapping[str, str], *, way: str, pool: bool) -> tuple[int | None, int | None]:
    """The colleague and the pool that the form says."""
    to, into = (form.get(f"{way}_{name}", "") for name in ("to", "pool"))
    return ids.number(to), ids.number(into) if pool else None


def _hand_over(actor: Actor, user: Record, form: Mapping[str, str], *, way: str, pool: bool) -> Handover:
    to, into = _chosen(form, way=way, pool=pool)
    return leaver.hand_over(actor, int(user.id), to=to, pool=into)


def _later(actor: Actor, user: Record, form: Mapping[str, str], *, way: str, pool: bool) -> leaving.Later | None:
    """In the background where it is much; what the form lacks is said at once."""
    number = int(user.id)
    if leaver.holding(actor, number).n <= AT_ONCE:
        return None
    to, into = _chosen(form, way=way, pool=pool)
    check(actor, number, to, into)
    return lambda progress: in_background(progress, actor, number, to, into)


def _offer(way: str, label: Label, help: Label, *, pool: bool, order: int) -> None:
    leaving.offer(
        Option(
            way,
            label,
            help,
            lambda actor, user, form: _hand_over(actor, user, form, way=way, pool=pool),
            lambda _actor, _user: _controls(way, pool=pool),
            order,
            lambda actor, user, form: _later(actor, user, form, way=way, pool=pool),
        )
    )


_offer(
    "colleague",
    L("Everything to a colleague"),
    L("What was done stays under the name of who did it; only what is open goes along."),
    pool=False,
    order=10,
)
_offer(
    "pool",
    L("Into a pool; what cannot lie there to a colleague"),
    L("Whoever belongs to the pool may then take the customers up."),
    pool=True,
    order=20,
)
