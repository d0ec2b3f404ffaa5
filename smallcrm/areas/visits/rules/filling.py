"""What follows from what was given, before a visit is saved: its purpose, its customer, the day its series counts from."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm.areas.activities.rules.filling import homes_of
from smallcrm.areas.visits.records import ENDED, PLANNED
from smallcrm.base import clock
from smallcrm.base.i18n import L, speaking
from smallcrm.records import change, settings
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import CREATE, UPDATE, Draft
from smallcrm.records.fields import Cleaning
from smallcrm.records.record import by_key, declared


@change.before("visit")
def fill(drafts: list[Draft]) -> None:
    """Amend what is made or changed; deletions and returns from the bin are left as they are."""
    wanted = [d for d in drafts if d.act in (CREATE, UPDATE) and d.why not in ("undo", "merge")]
    _contacts(wanted)
    for draft in wanted:
        _purpose(draft)
        _series(draft)
        if draft.after.get("state") is None:
            draft.after["state"] = PLANNED


def _contacts(drafts: Sequence[Draft]) -> None:
    """A contact of another customer is refused, or left out where only the customer changed."""
    touched = [d for d in drafts if d.touches("customer", "contact") and d.after.get("contact")]
    homes = homes_of({("contact", d.after["contact"]) for d in touched})
    for draft in touched:
        home = homes.get(("contact", draft.after["contact"]))
        if not home or home == draft.after.get("customer"):
            continue
        if draft.touches("contact") and not draft.trusted:
            raise Wrong(draft, {"contact": [str(L("This person belongs to somebody else. Choose one of theirs."))]})
        draft.after["contact"] = None


def _purpose(draft: Draft) -> None:
    if not draft.after.get("purpose"):
        with speaking(str(settings.get("company.language"))):
            draft.after.update(declared(by_key("visit"))["purpose"].fill(str(L("Visit")), Cleaning()))


def _series(draft: Draft) -> None:
    after = draft.after
    if not after.get("repeat"):
        return
    if not after.get("planned_at"):
        if not draft.trusted and after.get("state") != ENDED:
            raise Wrong(draft, {"planned_at": [str(L("What repeats needs a first day."))]})
        return
    if not after.get("repeats_on") or (draft.before is not None and draft.touches("repeat")):
        after["repeats_on"] = clock.day_of(clock.moment(after["planned_at"])).isoformat()
