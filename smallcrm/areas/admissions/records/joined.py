"""What applications, students and stages have where the company is a school."""

from __future__ import annotations

from smallcrm.areas.admissions.settings import on
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pipeline.records import Opportunity, Stage
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import added

# What a stage stands for, in order. Whoever came further has passed what lies before.
MILESTONES = (
    Option("inquiry", L("Inquiry")), Option("contacted", L("Contacted")), Option("tour", L("Tour or trial lesson")),
    Option("application", L("Application begun")), Option("submitted", L("Application handed in")),
    Option("interview", L("Interview or placement test")), Option("offer", L("Place offered")), Option("deposit", L("Deposit paid")),
)  # fmt: skip
FURTHEST = (*MILESTONES, Option("enrolled", L("Enrolled"), "good"))
_INTAKE = ("term", "intake term", "入学学期", "学期", "περίοδος εγγραφής", "περίοδος", "εξάμηνο")

added(
    Stage,
    milestone=fields.Choice(
        L("Stands for"), MILESTONES, column=True, present=on,
        help=L("Admission rates, yield and melt are counted by this. Leave it empty for a stage that none of them speaks of."),
    ),
)  # fmt: skip
added(
    Customer,
    intake=fields.Link(
        L("Intake"), "intake", filter=True, column=True, present=on, aliases=_INTAKE,
        help=L("The term in which the student begins. An enrolment brings it along."),
    ),
)  # fmt: skip
added(
    Opportunity,
    intake=fields.Link(
        L("Intake"), "intake", filter=True, column=True, present=on, aliases=_INTAKE,
        help=L("The term applied for."),
    ),
    furthest=fields.Choice(
        L("Came as far as"), FURTHEST, derived=True, filter=True, present=on, section="end",
        help=L("The furthest stage this application ever stood in, whatever became of it."),
    ),
    papers_missing=fields.Number(
        L("Documents missing"), derived=True, filter=True, sort=True, present=on, section="main", least=0,
        help=L("How many of the documents asked for are not here yet or were refused."),
    ),
)  # fmt: skip
