"""What kind of business this is: the terms, fields, lists and settings that each kind starts with. Data only.

A part that speaks of a type, field or setting that is not there (yet) is passed over. Everything can be changed later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smallcrm.base.i18n import L, Label

Names = Mapping[str, tuple[str, str]]  # language → (one, several); a field's second text is empty


@dataclass(frozen=True)
class View:
    """A list for everyone."""

    type: str
    name: Label
    filter: Any = None
    sort: str | None = None


@dataclass(frozen=True)
class NewField:
    """A custom field."""

    type: str
    kind: str
    labels: Mapping[str, str]
    flags: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Preset:
    """One kind of business. ``terms``: type → field ("" for the type itself) → names."""

    key: str
    label: Label
    about: Label
    terms: Mapping[str, Mapping[str, Names]] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    fields: tuple[NewField, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def _when(name: str, op: str, value: Any = None) -> dict[str, Any]:
    condition = {"field": name, "op": op}
    return {"all": [condition if value is None else {**condition, "value": value}]}


SALES = Preset(
    "sales",
    L("Selling goods"),
    L("Customers are companies; quotes, orders, deliveries."),
    views=(
        View("customer", L("Key accounts"), _when("grade", "eq", "A"), "next_follow_up_on"),
        View("customer", L("New this month"), _when("created_at", "within_days", -30), "-created_at"),
    ),
)

_ADVISER: Names = {"en": ("Adviser", ""), "zh": ("招生顾问", ""), "el": ("Σύμβουλος", "")}

EDUCATION = Preset(
    "education",
    L("School or courses"),
    L("Customers are students, contacts their parents; applications and enrolments."),
    terms={
        "customer": {
            "": {"en": ("Student", "Students"), "zh": ("学员", "学员"), "el": ("Μαθητής", "Μαθητές")},
            "owner": _ADVISER,
            "parent": {"en": ("Family or school", ""), "zh": ("家庭或学校", ""), "el": ("Οικογένεια ή σχολείο", "")},
            "grade": {"en": ("Priority", ""), "zh": ("优先级", ""), "el": ("Προτεραιότητα", "")},
            "since": {"en": ("Student since", ""), "zh": ("入学日期", ""), "el": ("Μαθητής από", "")},
            "grade_proposed": {
                "en": ("Proposed priority", ""), "zh": ("建议优先级", ""), "el": ("Προτεινόμενη προτεραιότητα", ""),
            },
        },
        "contact": {
            "": {"en": ("Guardian", "Guardians"), "zh": ("家长", "家长"), "el": ("Κηδεμόνας", "Κηδεμόνες")},
            "customer": {"en": ("Student", ""), "zh": ("学员", ""), "el": ("Μαθητής", "")},
            "owner": _ADVISER,
        },
        "activity": {
            "customer": {"en": ("Student", ""), "zh": ("学员", ""), "el": ("Μαθητής", "")},
            "contact": {"en": ("Guardian", ""), "zh": ("家长", ""), "el": ("Κηδεμόνας", "")},
            "owner": _ADVISER,
        },
        "team": {"": {"en": ("Counsellor team", "Counsellor teams"), "zh": ("招生组", "招生组"), "el": ("Ομάδα συμβούλων", "Ομάδες συμβούλων")}},
        "pool": {"": {"en": ("Unassigned inquiries", "Unassigned inquiries"), "zh": ("待分配咨询", "待分配咨询"), "el": ("Αδιάθετα αιτήματα", "Αδιάθετα αιτήματα")}},
        "lead": {
            "": {"en": ("Prospect", "Prospects"), "zh": ("意向学员", "意向学员"), "el": ("Ενδιαφερόμενος", "Ενδιαφερόμενοι")},
            "owner": _ADVISER,
        },
        "opportunity": {
            "": {"en": ("Application", "Applications"), "zh": ("报名申请", "报名申请"), "el": ("Αίτηση", "Αιτήσεις")},
            "customer": {"en": ("Student", ""), "zh": ("学员", ""), "el": ("Μαθητής", "")},
            "contact": {"en": ("Guardian", ""), "zh": ("家长", ""), "el": ("Κηδεμόνας", "")},
            "product": {"en": ("Course", ""), "zh": ("课程", ""), "el": ("Πρόγραμμα", "")},
            "pipeline": {"en": ("Programme", ""), "zh": ("招生项目", ""), "el": ("Κύκλος σπουδών", "")},
            "amount": {"en": ("Tuition", ""), "zh": ("学费", ""), "el": ("Δίδακτρα", "")},
            "expected_close": {"en": ("Expected enrolment", ""), "zh": ("预计入学日期", ""), "el": ("Αναμενόμενη εγγραφή", "")},
            "chance": {"en": ("Chance of enrolment", ""), "zh": ("入学可能性", ""), "el": ("Πιθανότητα εγγραφής", "")},
            "competitors": {"en": ("Other schools", ""), "zh": ("其他学校", ""), "el": ("Άλλα σχολεία", "")},
            "lost_to": {"en": ("Went to", ""), "zh": ("去往学校", ""), "el": ("Πήγε σε", "")},
        },
        "paper": {"opportunity": {"en": ("Application", ""), "zh": ("报名申请", ""), "el": ("Αίτηση", "")}},
        "pipeline": {"": {"en": ("Programme", "Programmes"), "zh": ("招生项目", "招生项目"), "el": ("Κύκλος σπουδών", "Κύκλοι σπουδών")}},
        "competitor": {"": {"en": ("Other school", "Other schools"), "zh": ("其他学校", "其他学校"), "el": ("Άλλο σχολείο", "Άλλα σχολεία")}},
        "visit": {
            "": {"en": ("Visit to a family", "Visits to families"), "zh": ("家访", "家访"), "el": ("Επίσκεψη σε οικογένεια", "Επισκέψεις σε οικογένειες")},
            "customer": {"en": ("Student", ""), "zh": ("学员", ""), "el": ("Μαθητής", "")},
            "contact": {"en": ("Guardian", ""), "zh": ("家长", ""), "el": ("Κηδεμόνας", "")},
            "owner": _ADVISER,
        },
        "product": {"": {"en": ("Course", "Courses"), "zh": ("课程", "课程"), "el": ("Πρόγραμμα", "Προγράμματα")}},
        "price_list": {"": {"en": ("Tuition list", "Tuition lists"), "zh": ("学费表", "学费表"), "el": ("Κατάλογος διδάκτρων", "Κατάλογοι διδάκτρων")}},
        "quote": {"": {"en": ("Fee offer", "Fee offers"), "zh": ("学费方案", "学费方案"), "el": ("Προσφορά διδάκτρων", "Προσφορές διδάκτρων")}},
        "contract": {"": {"en": ("Enrolment", "Enrolments"), "zh": ("入学协议", "入学协议"), "el": ("Συμφωνητικό φοίτησης", "Συμφωνητικά φοίτησης")}},
        "order": {"": {"en": ("Registration", "Registrations"), "zh": ("注册", "注册"), "el": ("Εγγραφή", "Εγγραφές")}},
        "ticket": {"": {"en": ("Student request", "Student requests"), "zh": ("学员请求", "学员请求"), "el": ("Αίτημα μαθητή", "Αιτήματα μαθητών")}},
        "campaign": {"": {"en": ("Open day", "Open days"), "zh": ("开放日", "开放日"), "el": ("Ημέρα γνωριμίας", "Ημέρες γνωριμίας")}},
    },
    fields=(
        NewField("customer", "text", {"en": "School", "zh": "就读学校", "el": "Σχολείο"}),
        NewField("customer", "text", {"en": "Class", "zh": "年级", "el": "Τάξη"}, ("column", "filter")),
    ),
    views=(
        View("customer", L("New inquiries"), _when("created_at", "within_days", -14), "-created_at"),
        View("customer", L("Nobody has spoken to for two weeks"), _when("last_follow_up_at", "older_than_days", 14)),
        View("opportunity", L("Documents missing"), {"all": [{"field": "state", "op": "eq", "value": "open"}, {"field": "papers_missing", "op": "gt", "value": 0}]}, "expected_close"),
        View("opportunity", L("Offered, not answered yet"), {"all": [{"field": "state", "op": "eq", "value": "open"}, {"field": "furthest", "op": "in", "value": ["offer", "deposit"]}]}, "expected_close"),
    ),
    settings={"customers.default_kind": "person"},
)  # fmt: skip

SERVICES = Preset(
    "services",
    L("Services"),
    L("Customers are clients; projects, visits and requests."),
    terms={
        "customer": {
            "": {"en": ("Client", "Clients")},
            "owner": {"en": ("Responsible", ""), "zh": ("服务负责人", ""), "el": ("Υπεύθυνος", "")},
        },
        "contact": {"customer": {"en": ("Client", "")}},
        "activity": {"customer": {"en": ("Client", "")}},
        "opportunity": {
            "": {"en": ("Project", "Projects"), "zh": ("项目", "项目"), "el": ("Έργο", "Έργα")},
            "customer": {"en": ("Client", "")},
        },
        "product": {"": {"en": ("Service", "Services"), "zh": ("服务项目", "服务项目"), "el": ("Υπηρεσία", "Υπηρεσίες")}},
        "order": {"": {"en": ("Assignment", "Assignments"), "zh": ("委托", "委托"), "el": ("Ανάθεση", "Αναθέσεις")}},
        "ticket": {"": {"en": ("Request", "Requests"), "zh": ("服务请求", "服务请求"), "el": ("Αίτημα", "Αιτήματα")}},
    },
    views=(
        View("customer", L("Key clients"), _when("grade", "eq", "A"), "next_follow_up_on"),
        View("customer", L("No next step"), _when("next_follow_up_on", "is_empty")),
    ),
)  # fmt: skip

PRESETS = {preset.key: preset for preset in (SALES, EDUCATION, SERVICES)}
