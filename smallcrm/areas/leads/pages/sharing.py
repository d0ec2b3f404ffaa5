"""Who would get this lead? The assignment rules tried out, those switched off too; and on their pages what keeps them from working."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from markupsafe import Markup

from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.pages.panels import passed_words
from smallcrm.areas.leads.records import AssignmentRule, Lead
from smallcrm.areas.leads.rules import absences, assigning, conditions
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, rows
from smallcrm.records.clean import clean
from smallcrm.records.fields import Cleaning, FieldError
from smallcrm.records.query import describe
from smallcrm.records.record import Record, values
from smallcrm.web import inputs
from smallcrm.web.area import Act, Panel
from smallcrm.web.context import actor
from smallcrm.web.templating import fragment

FIELDS = (
    "company",
    "source",
    "campaign",
    "interest",
    "industry",
    "country",
    "region",
    "city",
    "language",
    "grade",
    "email",
    "phone",
)


def _need(who: Actor) -> None:
    if not who.may("settings"):
        raise Forbidden(access.refusal(who, "edit"))


@leads.get("/assignment-rules/try")
def try_rules() -> str:
    """Type what a lead says, see who would get it and why the others not. Nothing is kept."""
    who = actor()
    _need(who)
    known = access.readable(who, Lead)
    typed = {name: request.args.get(name, "")[:300] for name in FIELDS if name in known and request.args.get(name)}
    also_off = request.args.get("off") == "1"
    controls = [inputs.of(who, Lead, name, known[name], {}, typed=typed) for name in FIELDS if name in known]
    result = _result(who, typed, also_off=also_off) if request.args.get("try") else None
    return render_template("leads/try_rules.html", controls=controls, also_off=also_off, result=result)


def _result(who: Actor, typed: dict[str, str], *, also_off: bool) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, text in typed.items():
        field = access.readable(who, Lead)[name]
        try:
            given[name] = field.read(text, Cleaning(actor=who))
        except FieldError:
            continue
    columns, _ = clean(who, Lead, given, trusted=True)
    lead = {**rows.empty(Lead), "name": "?", "status": "unassigned", **columns}
    found = assigning.choose(lead, rules=assigning.every(also_off=also_off))
    name = access.names(who, "user", [found.owner or 0]).get(found.owner or 0, "")
    return {
        "name": name,
        "rule": found.rule.name if found.rule else "",
        "tried": [(rule.name, str(_TRIED[why]) if why != "trouble" else rule.trouble) for rule, why in found.tried],
        "passed": passed_words(who, found.passed),
    }


_TRIED = {"no fit": L("does not fit"), "nobody": L("fits, but nobody is free"), "trouble": L("cannot be asked")}


def _trouble(who: Actor, record: Record) -> Markup | str:
    """On a rule's page: conditions that cannot be asked, people who have left or are away, nobody at all."""
    held = values(record)
    said: list[str] = []
    if text := conditions.trouble(held):
        said.append(str(L("It fits no lead: %(why)s", why=text)))
    if record.card.key == AssignmentRule.card.key:
        said += people_trouble(who, held)
    return fragment("leads/_trouble.html", said=said) if said else ""


def people_trouble(who: Actor, held: dict[str, Any]) -> list[str]:
    """What is wrong with whom a rule names."""
    gone = assigning.gone_from(held)
    people = assigning.named_by(held)
    away = absences.away()
    names = access.names(who, "user", [*gone, *(i for i in people if i in away)])
    said = [str(L("%(name)s has left or is switched off and is passed over.", name=names.get(i, "–"))) for i in gone]
    said += [str(L("%(name)s is away today.", name=names.get(i, "–"))) for i in people if i in away and i not in gone]
    if not people:
        said.append(str(L("It names nobody, so it gives to nobody.")))
    return said


@leads.get("/assignment-rules/order")
def rule_order() -> str:
    """All rules in their order, as sentences, with what is wrong with each."""
    who = actor()
    _need(who)
    found = []
    for rule in assigning.every(also_off=True):
        said = [str(L("It fits no lead: %(why)s", why=rule.trouble))] if rule.trouble else []
        found.append({"id": rule.id, "held": rule.values, "trouble": said + people_trouble(who, dict(rule.values)),
                      "words": _sentence(who, rule.values)})  # fmt: skip
    return render_template("leads/rule_order.html", rules=found)


def _sentence(who: Actor, held: Any) -> dict[str, str]:
    from smallcrm.records.custom import fields_of

    known, reading = fields_of(AssignmentRule), access.reading(who)
    words = {
        name: known[name].show(held.get(name), held, reading) for name in ("conditions", "method", "people", "table")
    }
    if held.get("conditions") and not conditions.trouble(held):
        glue = f" {L('or', 'filter')} " if held.get("match") == "any" else f" {L('and', 'filter')} "
        told = describe(who, Lead, conditions.tree(held["conditions"], "all"))
        words["conditions"] = glue.join(f"{each.label} {each.op} {each.value}".strip() for each in told)
    return words


PANELS = (Panel("assignment_rule", "middle", _trouble, 1), Panel("score_rule", "middle", _trouble, 1))
ACTS = (
    Act("assignment_rule", "try", L("Who would get this lead?"), "help-circle", lambda _who, _record: "/assignment-rules/try",
        verb="view", page=True, order=10, place="head", shown=lambda who, _record: who.may("settings")),
)  # fmt: skip
