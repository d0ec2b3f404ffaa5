"""What an opportunity is called where nobody said: after its customer and product, else by its number."""

from __future__ import annotations

from smallcrm.areas.pipeline.rules import numbering  # noqa: F401  the number is given first, the name may be made of it
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import CREATE, UPDATE, Draft
from smallcrm.records.fields import Cleaning
from smallcrm.records.record import by_key


@change.before("opportunity")
def give_names(drafts: list[Draft]) -> None:
    """Fill in the name of those that have none."""
    bare = [draft for draft in drafts if draft.act in (CREATE, UPDATE) and not draft.after.get("name")]
    if not bare:
        return
    names = {
        key: access.names(SYSTEM, key, [draft.after[key] for draft in bare if draft.after.get(key)])
        for key in ("customer", "product")
        if by_key(key)
    }
    field = fields_of(bare[0].kind)["name"]
    for draft in bare:
        parts = [names[key].get(draft.after.get(key) or 0, "") for key in names]
        called = " · ".join(part for part in parts if part) or str(draft.after.get("number") or "")
        draft.after.update(field.fill(called, Cleaning()))
