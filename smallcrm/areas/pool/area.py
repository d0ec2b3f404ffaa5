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

AREA = Area(
    name="pool",
    needs=("people", "customers", "activities"),
    blueprint=pool_pages,
    nav=(Nav("pool", "", "ripple", "/pool", type="pool", order=60, count=customer.waiting_count, letter="l"),),
    settings=(SettingsPage("pools", L("Pools"), "/pools", group="company", order=60),),
    panels=(
        Panel("customer", "figures", customer.figure, order=30),
        Panel("customer", "middle", customer.note, order=1),
        Panel("customer", "related", customer.owners, order=80),
    ),
    today=(Section("pool", customer.soon, place="side", order=40),),
    acts=(
        Act("customer", "return", L("Return to the pool"), "ripple", "/customers/{id}/return",
            verb="view", shown=customer.may_return, order=60),
        Act("customer", "lock", L("Lock"), "lock", "/customers/{id}/lock", verb="view", shown=customer.may_lock, order=61),
        Act("customer", "unlock", L("Unlock"), "lock-open", "/customers/{id}/unlock",
            verb="view", shown=customer.may_unlock, dialog=False, order=61),
        Act("customer", "pool-assign", L("Assign"), "user-check", "/pool/assign-form?id={id}",
            verb="view", shown=customer.in_pool_of_mine, order=62),
        Act("customer", "pool-move", L("Move to another pool"), "arrows-right-left", "/pool/move-form?id={id}",
            verb="view", shown=customer.in_pool_of_mine, order=63),
        Act("user", "leaver", L("Hand over what they hold"), "user-share", "/users/{id}/leaver",
            verb="view", shown=leaver.may_hand_over, page=True, order=50),
    ),
    jobs=(RECYCLE,),
    api=VERBS,
)  # fmt: skip
