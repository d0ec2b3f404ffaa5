"""What the leads' tests set up: leads, rules, forms, a pool, and the cast as jobs know it."""

from __future__ import annotations

from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.leads.records import Absence, AssignmentRule, Lead, MailRule, ScoreRule, WebForm
from smallcrm.areas.pool.records import Pool
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, cache, change, rows
from tests.areas.pool.scene import listening, notices_of, on
from tests.cast import Cast

__all__ = ["Scene", "listening", "notices_of", "on"]


class Scene:
    """Makers. What nobody says is off."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def actor(self, part: str) -> Actor:
        return self.cast.actor(part)

    def _make(self, kind: Any, /, **values: Any) -> int:
        made = int(change.create(SYSTEM, kind, values, trusted=True).id)
        cache.current()
        return made

    def lead(self, name: str = "Peter Lane", owner: str | None = "anna", **values: Any) -> int:
        return self._make(Lead, name=name, owner=getattr(self.cast, owner) if owner else None, **values)

    def customer(self, name: str = "Lane Foods", owner: str = "anna", **values: Any) -> int:
        return self._make(Customer, name=name, owner=getattr(self.cast, owner), **values)

    def contact(self, customer: int | None, name: str = "Peter Lane", **values: Any) -> int:
        return self._make(Contact, name=name, customer=customer, **values)

    def rule(self, name: str = "All", people: Any = ("anna", "bob"), **values: Any) -> int:
        named = [getattr(self.cast, each) if isinstance(each, str) else each for each in people]
        return self._make(
            AssignmentRule,
            **{"name": name, "people": named, "active": True, "match": "all", "method": "round_robin", **values},
        )

    def points(self, name: str, points: int, *conditions: tuple[str, str, str], **values: Any) -> int:
        lines = [{"field": f, "op": op, "value": v or None} for f, op, v in conditions]
        return self._make(
            ScoreRule, **{"name": name, "points": points, "conditions": lines, "active": True, "match": "all", **values}
        )

    def mail_rule(self, sender: str, *reads: tuple[str, str, str], **values: Any) -> int:
        lines = [{"field": f, "how": how, "pattern": p or None} for f, how, p in reads]
        return self._make(
            MailRule, **{"name": f"Rule for {sender}", "sender": sender, "reads": lines, "active": True, **values}
        )

    def form(self, **values: Any) -> dict[str, Any]:
        number = self._make(WebForm, **{"name": "Inquiry", "language": "en", "active": True, **values})
        return rows.load(WebForm, [number])[number]

    def pool(self, **values: Any) -> int:
        members = [self.cast.anna, self.cast.bob]
        return self._make(
            Pool, **{"name": "Leads pool", "kind": "leads", "enabled": True, "members": members, **values}
        )

    def away(self, who: str, since: str, until: str, deputy: str | None = None) -> int:
        stands_in = getattr(self.cast, deputy) if deputy else None
        return self._make(
            Absence, reason="Away", user=getattr(self.cast, who), since=since, until=until, deputy=stands_in
        )

    def follow_up(self, lead: int, by: str = "anna", **values: Any) -> int:
        given = {
            "kind": "call",
            "subject": "Called",
            "about": {"type": "lead", "id": lead},
            "done_at": clock.stamp(),
            **values,
        }
        return int(change.create(self.actor(by), Activity, given).id)

    def record(self, number: int, kind: Any = Lead) -> Any:
        cache.current()
        return access.find(SYSTEM, kind, number, bin=True)

    def held(self, number: int, kind: Any = Lead) -> dict[str, Any]:
        return rows.load(kind, [number])[number]

    def owner(self, number: int) -> int | None:
        return self.held(number)["owner"]

    def count(self, table: str = "lead") -> int:
        return int(store.value(f'SELECT count(*) FROM "{table}" WHERE deleted_at IS NULL'))
