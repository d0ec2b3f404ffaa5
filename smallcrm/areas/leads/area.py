"""The leads area's card."""

from __future__ import annotations

from smallcrm.areas.leads import importing, jobs, records, rules, views  # noqa: F401  registered by being imported
from smallcrm.areas.leads.api import VERBS
from smallcrm.areas.leads.pages import acts, leads, mails, origin, panels, settings, sharing, today, webforms
from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Command, Nav, Section, SettingsPage
from smallcrm.web.pages import options, record

AREA = Area(
    name="leads",
    needs=("people", "customers", "activities", "pool", "files"),
    blueprint=leads,
    nav=(Nav("leads", "", "user-plus", "/leads", type="lead", order=5, letter="e", count=today.waiting),),
    settings=(
        SettingsPage("away", L("When I am away"), "/settings/away", right="", group="mine", order=45),
        SettingsPage("leads", L("Leads"), "/settings/leads", group="data", order=20),
        SettingsPage("lead-mail", L("Mailbox for leads"), "/settings/lead-mail", group="data", order=21),
    ),
    commands=(
        Command("lead-card", L("Lead from a business card"), "camera", "/leads/card", type="lead", verb="create"),
        Command("web-forms", L("Web forms"), "forms", "/web-forms", right="settings"),
        Command("assignment-rules", L("Assignment rules"), "arrows-split", "/assignment-rules/order", right="settings"),
        Command("score-rules", L("Score rules"), "gauge", "/score-rules", right="settings"),
        Command("lead-sources", L("Lead sources"), "flag", "/lead-sources", right="settings"),
        Command("lead-mails", L("Mails that became no lead"), "mail", "/leads/mails", right="settings"),
        Command("away", L("When I am away"), "beach", "/settings/away"),
    ),
    panels=(*panels.PANELS, *origin.PANELS, *sharing.PANELS, *webforms.PANELS, *settings.PANELS),
    today=(Section("leads", today.draw, place="main", order=20),),
    acts=(*acts.ACTS, *sharing.ACTS, *webforms.ACTS, *mails.ACTS),
    jobs=jobs.JOBS,
    api=VERBS,
)

record.shown_elsewhere(
    "lead", "number", "status", "company", "score", "chance", "first_touch_due_at", "next_follow_up_on", "last_follow_up_at",
    "converted_customer", "converted_contact", "converted_deal", "looks_like",
)  # fmt: skip
record.shown_elsewhere("web_form", "address_key")
for _key in ("lead", "web_form", "mail_rule"):
    options.propose(_key, "source", rules.capture.names)
