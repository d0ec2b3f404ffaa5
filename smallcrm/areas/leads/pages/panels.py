"""What stands beside a lead: its state and owner, score and chance with their reasons, the first touch, what it looks like."""

from __future__ import annotations

from typing import Any

from flask import render_template
from markupsafe import Markup

from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules import assigning, learning, pooling, scoring
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, _, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, duplicates, labels
from smallcrm.records.custom import fields_of
from smallcrm.records.record import Record, by_key, values
from smallcrm.web.area import Panel
from smallcrm.web.context import actor
from smallcrm.web.drawn import filled
from smallcrm.web.templating import fragment, macros


def _figure(*given: Any, **more: Any) -> Markup:
    return Markup(macros("parts/section.html").figure(*given, **more))  # noqa: S704  a macro escapes for itself


def _state(_actor: Actor, record: Record) -> str:
    return str(fields_of(Lead)["status"].show(values(record)["status"], {}, access.reading(_actor)))


def _company(actor: Actor, record: Record) -> str:
    held = values(record)
    return str(held["company"] or "") if "company" in access.readable(actor, Lead) else ""


def _owner(who: Actor, record: Record) -> Markup | str:
    held = values(record)
    if not held["owner"]:
        return "" if held.get("pool") else str(L("Without owner"))
    name = access.names(who, "user", [held["owner"]]).get(held["owner"], "–")
    text = str(L("%(name)s is in charge", name=name))
    if assigning.given(int(record.id), held["owner"]) is None:
        return text
    why = str(L("Why %(name)s?", name=name.split()[0] if name.split() else name))
    return filled('{} <a class="why" href="/leads/{}/why-owner" data-dialog>{}</a>', text, record.id, why)


def _number(who: Actor, record: Record) -> str:
    number = values(record)["number"] if "number" in access.readable(who, Lead) else None
    return str(L("No. %(number)s", number=number)) if number else ""


# ---------------------------------------------------------------- figures


def _score(who: Actor, record: Record) -> Markup | str:
    held = values(record)
    if held["score"] is None or "score" not in access.readable(who, Lead):
        return ""
    return _figure(
        labels.field(Lead, "score"),
        formats.number(held["score"]),
        why=f"/leads/{record.id}/why-score",
        meter=held["score"],
    )


def _chance(who: Actor, record: Record) -> Markup | str:
    held = values(record)
    if held["chance"] is None or "chance" not in access.readable(who, Lead):
        return ""
    return _figure(
        labels.field(Lead, "chance"), f"{formats.number(held['chance'])} %", why=f"/leads/{record.id}/why-chance"
    )


def _touch(_who: Actor, record: Record) -> Markup | str:
    due = values(record)["first_touch_due_at"]
    if not due:
        return ""
    late = due < clock.stamp()
    return _figure(
        labels.field(Lead, "first_touch_due_at"),
        formats.moment(due),
        _("late") if late else "",
        tone="bad" if late else "",
    )


def _next(who: Actor, record: Record) -> Markup | str:
    on = values(record)["next_follow_up_on"]
    if not pooling.in_hand(values(record)) or "next_follow_up_on" not in access.readable(who, Lead):
        return ""
    late = bool(on) and on < clock.today().isoformat()
    return _figure(_("Next step"), formats.near_date(on) or "–", _("late") if late else "", tone="bad" if late else "")


def _last(who: Actor, record: Record) -> Markup | str:
    if "last_follow_up_at" not in access.readable(who, Lead):
        return ""
    return _figure(
        labels.field(Lead, "last_follow_up_at"), formats.ago(values(record)["last_follow_up_at"]) or _("never")
    )


# ---------------------------------------------------------------- notes and related


def _banner(who: Actor, record: Record) -> Markup | str:
    """What became of it, where something did."""
    held = values(record)
    shown = {name: held.get(name) for name in access.shown_of(who, Lead, held)}
    if held["status"] == "converted":
        customer = access.names(who, "customer", [shown.get("converted_customer") or 0]).get(
            held["converted_customer"] or 0
        )
        contact = access.names(who, "contact", [shown.get("converted_contact") or 0]).get(
            held["converted_contact"] or 0
        )
        return fragment("leads/_converted.html", held=held, customer=customer, contact=contact, deal=_deal(who, held))
    if held["status"] in ("invalid", "void"):
        return fragment("leads/_closed.html", held={**held, "invalid_reason": shown.get("invalid_reason")})
    return ""


def _deal(who: Actor, held: dict[str, Any]) -> tuple[str, str] | None:
    key, number = held.get("converted_deal_type"), held.get("converted_deal")
    name = access.names(who, key, [number]).get(number) if key and number else None
    return (name, f"/{by_key(str(key)).card.name}/{number}") if name else None


def _looks_like(who: Actor, record: Record) -> Markup | str:
    """Whom it looks like, within reach; that there is somebody out of reach is said without a name."""
    held = values(record)
    if record.deleted_at or held["status"] == "converted" or access.masked_fields(who, record):
        return ""
    found = duplicates.find(who, Lead, held, except_id=int(record.id), types=["customer", "contact", "lead"])
    found = [each for each in found if set(each.by) - {"site"}]
    hidden = bool(held["looks_like"]) and not found
    if not found and not hidden:
        return ""
    return fragment(
        "leads/_looks_like.html",
        record=record,
        matches=found[:4],
        more=ngettext("and %(n)s more", "and %(n)s more", len(found) - 4) if len(found) > 4 else "",
        hidden=hidden,
        may=pooling.in_hand(held) and access.may(who, record, "edit"),
        reading=access.reading(who),
    )


# ---------------------------------------------------------------- why


@leads.get("/leads/<int:number>/why-owner")
def why_owner(number: int) -> str:
    """Why its owner got it: the rule, how, and who was passed over."""
    who = actor()
    record = access.find(who, Lead, number)
    return render_template("pool/_why.html", reasons=owner_reasons(who, record))


def owner_reasons(who: Actor, record: Record) -> list[tuple[str, bool]]:
    """The reasons in words."""
    found = assigning.given(int(record.id), record.owner)
    if found is None:
        return [(str(L("Somebody chose the owner, or it was taken up by them.")), True)]
    return [*_how(who, found), *passed_words(who, found.passed)]


def _how(who: Actor, found: assigning.Given) -> list[tuple[str, bool]]:
    said = [
        (
            str(
                L(
                    "The rule “%(rule)s” fitted when it arrived on %(day)s.",
                    rule=found.rule_name,
                    day=formats.moment(found.at),
                )
            ),
            True,
        )
    ]
    words = {
        "round_robin": L("It was their turn."),
        "least_busy": L("They had the fewest open leads."),
        "table": L("The rule's table names them for such leads."),
        "person": L("The rule always gives to them."),
    }
    if found.method in words:
        said.append((str(words[found.method]), True))
    return said


def passed_words(who: Actor, passed: tuple[assigning.Passed, ...]) -> list[tuple[str, bool]]:
    """Who was passed over, and why."""
    names = access.names(who, "user", [i for each in passed for i in (each.user, each.deputy) if i])
    said = []
    for each in passed:
        name, why = names.get(each.user, "–"), str(assigning.WHY_NOT.get(each.why, each.why))
        if each.deputy:
            text = L("%(name)s %(why)s; %(deputy)s stands in.", name=name, why=why, deputy=names.get(each.deputy, "–"))
        else:
            text = L("%(name)s %(why)s.", name=name, why=why)
        said.append((str(text), False))
    return said


@leads.get("/leads/<int:number>/why-score")
def why_score(number: int) -> str:
    """How the score came about."""
    record = access.find(actor(), Lead, number)
    found = scoring.of(values(record))
    said = [(f"{name}: {points:+d}", points >= 0) for name, points in found.points]
    if not said:
        said = [(str(L("No rule fits it.")), False)]
    if found.weeks and found.lost:
        said.append(
            (
                ngettext(
                    "%(n)s week without anything: −%(lost)s",
                    "%(n)s weeks without anything: −%(lost)s",
                    found.weeks,
                    lost=found.lost,
                ),
                False,
            )
        )
    return render_template("pool/_why.html", reasons=said)


@leads.get("/leads/<int:number>/why-chance")
def why_chance(number: int) -> str:
    """What speaks for and against it, by what was learned."""
    who = actor()
    record = access.find(who, Lead, number)
    model = learning.latest()
    said: list[tuple[str, bool]] = []
    if model is not None and model.shown:
        held, readable = values(record), access.readable(who, Lead)
        for name, value, weight in learning.reasons(model, held):
            if name in readable:
                said.append((_said(who, held, name, value), weight > 0))
        said.append((ngettext("Learned from %(n)s closed lead.", "Learned from %(n)s closed leads.", model.n), True))
    return render_template("pool/_why.html", reasons=said or [(str(L("Too little is known yet.")), False)])


def _said(who: Actor, held: dict[str, Any], name: str, value: str) -> str:
    label = labels.field(Lead, name)
    if not value:
        return (
            str(L("%(field)s: filled in", field=label)) if held.get(name) else str(L("%(field)s: missing", field=label))
        )
    mine = (name, value) in learning.said(held)
    shown = fields_of(Lead)[name].show(held.get(name), held, access.reading(who)) if mine else value
    return f"{label}: {shown}" if mine else str(L("%(field)s: not “%(value)s”", field=label, value=value))


PANELS = (
    Panel("lead", "head", _state, 5), Panel("lead", "head", _company, 10), Panel("lead", "head", _owner, 20),
    Panel("lead", "head", _number, 30),
    Panel("lead", "figures", _score, 10), Panel("lead", "figures", _chance, 15), Panel("lead", "figures", _touch, 20),
    Panel("lead", "figures", _next, 25), Panel("lead", "figures", _last, 70),
    Panel("lead", "middle", _banner, 2), Panel("lead", "related", _looks_like, 10),
)  # fmt: skip
