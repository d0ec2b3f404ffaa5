"""Colleagues who come along: they see the visit, and hear of it once when they are added."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs import notices
from smallcrm.records import access, derive, events
from smallcrm.records.drafts import Draft

MOST = 500  # visits of others that are within somebody's reach this way: the newest

notices.declare({"visit": L("Visits that you were added to")})


@derive.on("visit")
def keep(drafts: list[Draft]) -> None:
    """The rows by which a visit is found for those who come along."""
    for draft in drafts:
        if draft.touches("participants"):
            store.run("DELETE FROM visit_participant WHERE visit = ?", [draft.id])
            tokens = draft.after.get("participants") or ()
            store.run_many(
                "INSERT INTO visit_participant (token, visit) VALUES (?, ?)", [(t, draft.id) for t in tokens]
            )


def tokens_of(actor: Actor) -> list[str]:
    """As what an actor may stand among participants."""
    return [f"user/{actor.id}", *(f"team/{team}" for team in {*actor.teams, *([actor.team] if actor.team else [])})]


@access.also("visit")
def visits_with(actor: Actor, verb: str) -> Sequence[int]:
    """The visits an actor comes along to."""
    if verb != "view":
        return ()
    sql = "SELECT visit FROM visit_participant WHERE token IN (SELECT value FROM json_each(?)) ORDER BY visit DESC LIMIT ?"
    return tuple(sorted({row[0] for row in store.rows(sql, [store.json_list(tokens_of(actor)), MOST])}))


@events.on_change("visit")
def tell(drafts: list[Draft]) -> None:
    """Whoever was added by somebody else hears of it."""
    for draft in drafts:
        if draft.why not in ("form", "api") or not draft.touches("participants") or not draft.live_after:
            continue
        before = set(draft.was("participants") or ())
        for token in draft.after.get("participants") or ():
            key, _, number = token.partition("/")
            if token in before or key != "user" or int(number) == draft.actor.id:
                continue
            _notify(int(number), draft)


def _notify(user: int, draft: Draft) -> None:
    def body() -> str:
        at = draft.after.get("planned_at")
        when = formats.moment(at) if at else ""
        return " · ".join(part for part in (draft.after.get("purpose") or "", when) if part)

    notices.notify(
        user, "visit", title=L("%(name)s takes you along on a visit", name=draft.actor.name), body=body,
        link=f"/visits/{draft.id}", key=f"visit {draft.id} with {clock.today()}",
    )  # fmt: skip
