"""What a file of customers may hold besides: each row's contact. And the words of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.identity.actor import Scope
from smallcrm.records import access, change, duplicates, labels, rows
from smallcrm.records.exchange.column_words import COLUMNS
from smallcrm.records.exchange.columns import Field as Column
from smallcrm.records.fields import Choice, Email, Link, Phone, Texts
from smallcrm.records.importing import extras
from smallcrm.records.importing.extras import Extra, Written
from smallcrm.records.importing.matching import key_texts
from smallcrm.records.importing.problem import Finding
from smallcrm.records.importing.targets import describe

extras.concepts("customer", {"name": ("company",), "website": ("website",)})
extras.concepts("contact", {"name": ("person",), "customer": ("company",), "title": ("title",)})
extras.keys("customer", ("tax_number",), ("contact.mobile",), ("name",))
extras.keys("contact", ("name", "customer"), ("email",), ("mobile",), ("phone",), ("name",))

_TAKEN = ("name", "title", "role", "mobile", "phone", "phones", "email", "emails", "wechat", "salutation", "birthday")
_OWN = (
    "mobile",
    "title",
    "role",
    "salutation",
)  # a row's phone and e-mail are the contact's only where the header says so
_SAID = {
    "phone": ("联系人电话", "contact phone", "contact telephone", "τηλέφωνο επαφής", "τηλέφωνο υπευθύνου"),
    "email": ("联系人邮箱", "contact email", "email επαφής", "email υπευθύνου"),
    "wechat": ("联系人微信",),
    "birthday": ("联系人生日",),
}
_REACHES = ("mobile", "phone", "email")


@extras.add("customer")
class FirstContact(Extra):
    """The contact that stands in a customer's row: ``contact.name``, ``contact.mobile`` …"""

    prefix = "contact"
    needed = "name"

    def columns(self) -> list[Column]:
        """A contact's fields, for whoever may make contacts."""
        if self.actor.scope("contact", "create") is Scope.NONE:
            return []
        mine = access.writable(self.actor, Contact)
        found = []
        for name in _TAKEN:
            column = describe(Contact, name, mine[name]) if name in mine else None
            if column is None:
                continue
            if name == "name":
                labels_ = {str(i): str(text) for i, text in enumerate(labels.all_labels(Customer, "name"))}
                own = {key: text for key, text in column.labels.items() if text not in labels_.values()}
                column = replace(
                    column, required=False, labels=own, parts=(COLUMNS["first name"], COLUMNS["last name"])
                )
            elif name not in _OWN:
                column = replace(column, labels={}, aliases=_SAID.get(name, ()))
            found.append(column)
        return found

    def label(self, name: str) -> str:
        """``Contact: Mobile``."""
        return str(L("Contact: %(field)s", field=labels.field(Contact, name)))

    def alone(self) -> dict[str, tuple[str, ...]]:
        """A file of persons: their names and mobiles are the customer's."""
        return {"name": COLUMNS["person"], "phone": COLUMNS["mobile"]}

    # ------------------------------------------------------------ recognising

    def keys(self, name: str, value: Any, values: Mapping[str, Any]) -> list[str]:
        """Normalised phones and addresses; names as they are compared."""
        each = access.readable(self.actor, Contact).get(name)
        if each is None or not each.match:
            return []
        found = [key for one in (value if isinstance(value, list) else [value]) for key in key_texts(each, one, values)]
        return list(dict.fromkeys(found))

    def holders(self, name: str, keys: Sequence[str]) -> dict[str, set[int]]:
        """Customers whose contacts have them."""
        each = access.readable(self.actor, Contact)[name]
        held = duplicates.holders([(each.match, key) for key in keys], "contact")
        contacts = {record for records in held.values() for _, record in records}
        where, params = access.reach(self.actor, Contact).where()
        sql = (
            "SELECT t.id, t.customer FROM contact t WHERE t.deleted_at IS NULL AND t.customer IS NOT NULL"
            f" AND t.id IN (SELECT value FROM json_each(?)) AND {where}"
        )
        of = dict(store.rows(sql, [store.json_list(contacts), *params])) if contacts else {}
        return {key: {of[record] for _, record in records if record in of} for (_, key), records in held.items()}

    # ------------------------------------------------------------ one row

    def spill(self, values: dict[str, Any]) -> dict[str, Any]:
        """Without a name there is no contact: its phones and addresses are the customer's."""
        if values.get("name"):
            return {}
        found: dict[str, Any] = {}
        for name, to in (("mobile", "phone"), ("phone", "phone"), ("email", "email"), ("wechat", "wechat")):
            if name in values:
                value = values.pop(name)
                several = value if isinstance(value, list) else [value]
                found[to] = [*found.get(to, []), *several]
        values.clear()
        return {name: (value if name != "wechat" else value[0]) for name, value in found.items()}

    def check(self, values: dict[str, Any]) -> list[Finding]:
        """One phone a field; the others go among the further ones."""
        mine = access.writable(self.actor, Contact)
        for name in list(values):
            each, value = mine.get(name), values[name]
            if isinstance(each, Phone | Email) and isinstance(value, list):
                values[name] = value[0]
                further = "phones" if isinstance(each, Phone) else "emails"
                if len(value) > 1 and further in mine:
                    values[further] = list(dict.fromkeys([*values.get(further, []), *value[1:]]))
        return []

    # ------------------------------------------------------------ writing

    def changes(self, matched: Mapping[int, Sequence[Mapping[str, Any]]]) -> set[int]:
        """Customers that get a further contact, or whose contact changes."""
        held = self._held(list(matched))
        return {
            customer
            for customer, parts in matched.items()
            if any(self._new_values(held.get(customer, []), part)[1] for part in parts)
        }

    def follow(self, written: Sequence[Written]) -> dict[int, list[Finding]]:
        """Make or amend the contacts."""
        held = self._held([each.id for each in written])
        said: dict[int, list[Finding]] = {}
        fresh: list[tuple[int, dict[str, Any]]] = []
        amended: list[tuple[int, int, dict[str, Any]]] = []
        for each in written:
            mine = [dict(values) for values in held.get(each.id, [])]
            for part in each.rows:
                found, values = self._new_values(mine, part)
                if found is None:
                    made = {"customer": each.id, **values}
                    fresh.append((each.id, made))
                    mine.append(made)
                elif values and "id" in found:
                    amended.append((each.id, found["id"], values))
                    found.update(values)
                else:
                    found.update(values)
        done = change.create_many(self.actor, Contact, [values for _, values in fresh])
        for place, errors in done.errors.items():
            said.setdefault(fresh[place][0], []).extend(_findings(errors))
        if amended:
            done = change.update_many(self.actor, Contact, [(contact, values) for _, contact, values in amended])
            for place, errors in done.errors.items():
                said.setdefault(amended[place][0], []).extend(_findings(errors))
        return said

    def _held(self, customers: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
        where, params = access.reach(self.actor, Contact).where()
        sql = (
            "SELECT t.id FROM contact t WHERE t.deleted_at IS NULL"
            f" AND t.customer IN (SELECT value FROM json_each(?)) AND {where}"
        )
        ids = [row[0] for row in store.rows(sql, [store.json_list(customers), *params])]
        found: dict[int, list[dict[str, Any]]] = {}
        for values in rows.load(Contact, ids).values():
            found.setdefault(values["customer"], []).append(values)
        return found

    def _new_values(
        self, held: Sequence[dict[str, Any]], part: Mapping[str, Any]
    ) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """The contact a part means, and what of the part is new to it."""
        found = next((values for values in held if self._same(values, part)), None)
        if found is None:
            return None, dict(part)
        fresh = {name: value for name, value in part.items() if self._differs(found, name, value)}
        return found, fresh

    def _same(self, values: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
        if fold(str(values.get("name") or "")) != fold(str(part.get("name") or "")):
            return False
        for name in _REACHES:
            mine, theirs = values.get(name), part.get(name)
            if mine and theirs and set(self.keys(name, mine, values)) & set(self.keys(name, theirs, part)):
                return True
        both = [name for name in _REACHES if values.get(name) and part.get(name)]
        return not both or "mobile" not in both

    def _differs(self, values: Mapping[str, Any], name: str, value: Any) -> bool:
        each = access.readable(self.actor, Contact).get(name)
        if each is None or isinstance(each, Link):
            return False
        held = values.get(name)
        if isinstance(each, Phone | Email) and held:
            return not set(self.keys(name, value, values)) & set(self.keys(name, held, values))
        if isinstance(each, Texts | Choice):
            return bool(
                set(value if isinstance(value, list) else [value]) - set(held if isinstance(held, list) else [held])
            )
        return fold(str(held or "")) != fold(str(value))


def _findings(errors: Mapping[str, Sequence[str]]) -> list[Finding]:
    return [Finding("extra", name, None, {"text": " ".join(messages)}) for name, messages in errors.items()]
