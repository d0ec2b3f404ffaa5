"""The buttons of a customer's and a contact's head: call, write, plan."""

from __future__ import annotations

from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Contact
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, rows
from smallcrm.records.reach import pool_column
from smallcrm.records.record import Record, RecordType, title, values, with_record
from smallcrm.web.area import Act
from smallcrm.web.cells import dialled

SHOWN = 8  # contacts on a customer's page
PHONES = ("mobile", "phone")


def visible(actor: Actor, kind: RecordType, held: dict[str, Any], name: str) -> Any:
    """A field's value, None where the actor may not read it or a pool masks it."""
    if name not in access.readable(actor, kind):
        return None
    pools = access.masked_pools(actor, kind)
    masked = access.masked_in(kind, pools.get(held.get(pool_column(kind)) or 0)) if pools else frozenset()
    return None if name in masked else held.get(name)


def number_of(actor: Actor, kind: RecordType, held: dict[str, Any]) -> str:
    """The number one would call."""
    found = (visible(actor, kind, held, name) for name in PHONES)
    return next((number for number in found if number), "") or next(
        iter(visible(actor, kind, held, "phones") or ()), ""
    )


def address_of(actor: Actor, kind: RecordType, held: dict[str, Any]) -> str:
    """The address one would write to."""
    first = visible(actor, kind, held, "email")
    return first or next(iter(visible(actor, kind, held, "emails") or ()), "")


def _own_or_contacts(actor: Actor, record: Record, find: Any) -> tuple[str, str]:
    """(number or address, whose): the record's own, else its first contact's who has one."""
    kind, held = type(record), values(record)
    own = find(actor, kind, held)
    if own or record.card.key != "customer":
        return own, title(record)
    for each in first_contacts(actor, record):
        found = find(actor, Contact, each)
        if found:
            return found, str(each["name"])
    return "", ""


def first_contacts(actor: Actor, customer: Record) -> list[dict[str, Any]]:
    """The contacts of a customer within reach, the main one first."""
    where, params = access.reach(actor, Contact).where()
    sql = (
        f"SELECT t.id FROM contact t WHERE t.customer = ? AND t.deleted_at IS NULL AND {where}"
        " ORDER BY coalesce(t.is_main, 0) DESC, t.name_key, t.id LIMIT ?"
    )

    def look() -> list[dict[str, Any]]:
        ids = [each for (each,) in store.rows(sql, [customer.id, *params, SHOWN])]
        found = rows.load(Contact, ids)
        return [found[each] for each in ids]

    return with_record(customer, (sql, *params), look)


def count_contacts(actor: Actor, customer: Record) -> int:
    """How many contacts of a customer the actor sees."""
    first = first_contacts(actor, customer)
    if len(first) < SHOWN:
        return len(first)
    where, params = access.reach(actor, Contact).where()
    sql = f"SELECT count(*) FROM contact t WHERE t.customer = ? AND t.deleted_at IS NULL AND {where}"
    return with_record(customer, (sql, *params), lambda: int(store.value(sql, [customer.id, *params])))


def _call(actor: Actor, record: Record) -> str:
    number, _ = _own_or_contacts(actor, record, number_of)
    return f"tel:{dialled(number)}" if number else ""


def _write(actor: Actor, record: Record) -> str:
    address, _ = _own_or_contacts(actor, record, address_of)
    return f"mailto:{address}" if address else ""


def _called(actor: Actor, record: Record) -> str:
    return str(L("called %(name)s ", name=_own_or_contacts(actor, record, number_of)[1]))


def _written(actor: Actor, record: Record) -> str:
    return str(L("sent mail to %(name)s ", name=_own_or_contacts(actor, record, address_of)[1]))


ACTS = tuple(
    act
    for key in ("customer", "contact")
    for act in (
        Act(key, "call", L("Call"), "phone", _call, verb="view", page=True, order=10, place="head", logs=_called),
        Act(
            key,
            "write",
            L("E-mail"),
            "mail",
            _write,
            verb="view",
            page=True,
            order=20,
            place="head",
            logs=_written,
        ),
        Act(key, "card", L("As a contact card"), "download", f"/{key}s/{{id}}.vcf", verb="view", page=True, order=70),
    )
)
