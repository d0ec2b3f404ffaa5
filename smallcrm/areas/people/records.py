"""Users, teams in a tree with managers, and roles: who may do what, how far."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.identity.actor import VERBS
from smallcrm.records import fields, world
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Card, Record, all_types, register

SCOPES = (("none", L("none", "scope")), ("own", L("own", "scope")), ("team", L("team", "scope")),
          ("below", L("team and below", "scope")), ("all", L("all", "scope")))  # fmt: skip

VERB_LABELS = {
    "view": L("see", "verb"), "create": L("make", "verb"), "edit": L("change", "verb"), "delete": L("delete", "verb"),
    "assign": L("hand over", "verb"), "export": L("export", "verb"), "import": L("import", "verb"),
}  # fmt: skip

RIGHTS = (
    ("settings", L("Set up the company, fields, terms, mail")),
    ("people", L("Users, teams and roles")),
    ("audit", L("Read the audit log, undo what others did")),
    ("backup", L("Backups and jobs")),
    ("views", L("Keep views for everyone")),
    ("privacy", L("Export and erase a person's data")),
    ("everything", L("Everything, now and later")),
)


def _type_names() -> list[Option]:
    return [Option("*", L("every other type")), *(Option(k.card.key, k.card.many) for k in all_types())]


@register
class User(Record):
    """Somebody who works here. Passwords and second factors stand in ``identity``, never in this record."""

    card = Card(
        key="user", name="users", number=1, one=L("User"), many=L("Users"), icon="user", reach="open",
        sections=(("main", L("Person")), ("notify", L("What they set themselves"))),
        about=L("Everybody who signs in. A user without an e-mail address cannot sign in until one is set."),
    )  # fmt: skip

    name = fields.Text(
        L("Name"), required=True, sort=True, search="title", match="name", column=True, personal=True,
        aliases=("full name", "sales agent", "agent", "employee", "姓名", "员工", "ονοματεπώνυμο"),
    )  # fmt: skip
    email = fields.Email(
        L("E-mail"), unique=True, filter=True, search="text", match="email", column=True, personal=True,
        aliases=("mail", "e-mail address", "邮箱", "电子邮件"), inline=False,
    )  # fmt: skip
    role = fields.Link(L("Role"), "role", required=True, filter=True, column=True, inline=False)
    team = fields.Link(
        L("Team"), "team", filter=True, column=True,
        aliases=("regional office", "office", "region", "department", "部门", "团队", "ομάδα"),
    )  # fmt: skip
    active = fields.Flag(L("Active"), default=True, filter=True, column=True, inline=False)
    language = fields.Choice(L("Language"), world.our_languages)
    phone = fields.Phone(L("Phone"), search="text", personal=True)
    title = fields.Text(L("Job title"), most=80)
    away_until = fields.Date(L("Away until"), help=L("Gets no new work until then."))
    digest_at = fields.Text(L("Morning digest at"), default="08:00", most=5, section="notify")
    notify = fields.Choices(
        L("Reminders go to"), [("page", L("This page")), ("mail", L("E-mail")), ("bot", L("Group chat"))],
        default=["page", "mail"], section="notify",
    )  # fmt: skip
    theme = fields.Choice(
        L("Look"), [("system", L("as the system")), ("light", L("light")), ("dark", L("dark"))], section="notify"
    )
    chat_name = fields.Text(
        L("Phone number in the chat"), most=40, section="notify", help=L("By which a bot calls you.")
    )

    class Meta:
        table_name = "user"


@register
class Team(Record):
    """A group of users with a manager, perhaps under another one."""

    card = Card(
        key="team", name="teams", number=2, one=L("Team"), many=L("Teams"), icon="users-group", reach="open",
        about=L("Teams decide who sees whose work. A manager sees the team and every team under it."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", match="team", column=True)
    parent = fields.Link(L("Under"), "team", column=True, filter=True)
    manager = fields.Link(L("Manager"), "user", column=True, filter=True, aliases=("manager", "负责人", "υπεύθυνος"))

    class Meta:
        table_name = "team"


@register
class Role(Record):
    """What its users may do, by type and verb, with exceptions by field."""

    card = Card(
        key="role", name="roles", number=3, one=L("Role"), many=L("Roles"), icon="shield-check", reach="open",
        importable=False,
        about=L("What somebody may see and do. Six are ready; make your own where they do not fit."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", column=True, most=60)
    key = fields.Text(L("Key"), read_only=True, unique=True, filter=True, most=40)
    grants = fields.Lines(
        L("Rights"),
        [
            ("type", fields.Choice(L("Type"), _type_names, required=True)),
            *((verb, fields.Choice(label, SCOPES)) for verb, label in VERB_LABELS.items() if verb in VERBS),
        ],
    )
    field_rights = fields.Lines(
        L("Fields"),
        [
            ("type", fields.Choice(L("Type"), _type_names, required=True)),
            ("field", fields.Text(L("Field"), required=True)),
            ("right", fields.Choice(L("May"), [("hidden", L("not see")), ("read", L("only read"))], required=True)),
        ],
    )
    rights = fields.Choices(L("Beyond records"), RIGHTS)

    class Meta:
        table_name = "role"
