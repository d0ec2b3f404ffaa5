"""The pool area's card."""

from __future__ import annotations

from smallcrm.areas.people import setup
from smallcrm.areas.pool import records, rules  # noqa: F401  registered by being imported
from smallcrm.areas.pool.api import VERBS
from smallcrm.areas.pool.jobs import RECYCLE
from smallcrm.areas.pool.pages import customer, leaver, leaving, pool_pages  # noqa: F401
from smallcrm.areas.pool.rules import pools
from smallcrm.base.i18n import L
from smallcrm.web.area import Act, Area, Nav, Panel, Section, SettingsPage

setup.afterwards(pools.make_first)

POOLED = {"customer": "customers", "lead": "leads"}  # the types that lie in pools, by the kinds a pool can hold

AREA = Area(
    name="pool",
    needs=("people", "customers", "activities"),
    blueprint=pool_pages,
    nav=(Nav("pool", "", "ripple", "/pool", type="pool", order=60, count=customer.waiting_count, letter="l"),),
    settings=(SettingsPage("pools", L("Pools"), "/pools", group="company", order=60),),
    panels=tuple(
        panel
        for key in POOLED
        for panel in (
            Panel(key, "figures", customer.figure, order=30),
            Panel(key, "middle", customer.note, order=1),
            Panel(key, "related", customer.owners, order=80),
        )
    ),
    today=(Section("pool", customer.soon, place="side", order=40),),
    acts=(
        *(
            Act(key, "return", L("Return to the pool"), "ripple", f"/{name}/{{id}}/return",
                verb="view", shown=customer.may_return, order=60)
            for key, name in POOLED.items()
        ),
        Act("customer", "lock", L("Lock"), "lock", "/customers/{id}/lock", verb="view", shown=customer.may_lock, order=61),
        Act("customer", "unlock", L("Unlock"), "lock-open", "/customers/{id}/unlock",
            verb="view", shown=customer.may_unlock, dialog=False, order=61),
        *(
            Act(key, "pool-assign", L("Assign"), "user-check", f"/pool/assign-form?type={key}&id={{id}}",
                verb="view", shown=customer.in_pool_of_mine, order=62)
            for key in POOLED
        ),
        *(
            Act(key, "pool-move", L("Move to another pool"), "arrows-right-left", f"/pool/move-form?type={key}&id={{id}}",
                verb="view", shown=customer.in_pool_of_mine, order=63)
            for key in POOLED
        ),
        Act("user", "leaver", L("Hand over what they hold"), "user-share", "/users/{id}/leaver",
            verb="view", shown=leaver.may_hand_over, page=True, order=50),
    ),
    jobs=(RECYCLE,),
    api=VERBS,
)  # fmt: skip
