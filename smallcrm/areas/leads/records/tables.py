"""What is kept beside the records: where each lead came from, why somebody got it, mails that came in, what was learned."""

from __future__ import annotations

import peewee

from smallcrm import store


class LeadArrival(store.Table):
    """Something that came in from outside and was taken once: a form's answer or a mail, by its own mark."""

    origin = peewee.TextField()  # form, mail
    mark = peewee.TextField()
    lead = peewee.IntegerField(null=True)
    at = peewee.TextField()

    ddl = ("CREATE INDEX lead_arrival_lead ON lead_arrival (lead) WHERE lead IS NOT NULL",)

    class Meta:
        table_name = "lead_arrival"
        primary_key = peewee.CompositeKey("origin", "mark")
        without_rowid = True


class LeadAssignment(store.Table):
    """Why somebody got a lead: by which rule, how, and who was passed over (JSON: user, code)."""

    id = peewee.AutoField()
    lead = peewee.IntegerField()
    at = peewee.TextField()
    owner = peewee.IntegerField()
    turn = peewee.IntegerField()  # whose turn it was: the owner, or whom the owner stands in for
    rule = peewee.IntegerField()
    rule_name = peewee.TextField()
    method = peewee.TextField()
    detail = peewee.TextField()

    ddl = (
        "CREATE INDEX lead_assignment_lead ON lead_assignment (lead, id)",
        "CREATE INDEX lead_assignment_turn ON lead_assignment (rule, turn, id)",
    )

    class Meta:
        table_name = "lead_assignment"


class LeadMail(store.Table):
    """A mail that was fetched and became no lead by itself: unread (nothing fits), dropped (automatic), or settled since."""

    id = peewee.AutoField()
    mark = peewee.TextField()
    at = peewee.TextField()
    sender = peewee.TextField()
    subject = peewee.TextField()
    body = peewee.TextField()
    state = peewee.TextField()  # unread, dropped, lead, dismissed
    why = peewee.TextField()
    lead = peewee.IntegerField(null=True)

    ddl = (
        "CREATE UNIQUE INDEX lead_mail_mark ON lead_mail (mark)",
        "CREATE INDEX lead_mail_state ON lead_mail (state, id)",
    )

    class Meta:
        table_name = "lead_mail"


class LeadMailbox(store.Table):
    """How far a mailbox was read: for its UIDVALIDITY, the last UID; when, and what went wrong."""

    place = peewee.TextField(primary_key=True)  # host, user and folder
    validity = peewee.IntegerField()
    last = peewee.IntegerField()
    at = peewee.TextField()
    trouble = peewee.TextField()

    class Meta:
        table_name = "lead_mailbox"
        without_rowid = True


class LeadModel(store.Table):
    """What was learned from closed leads, the latest: weights and how well they did on leads kept aside (JSON)."""

    id = peewee.IntegerField(primary_key=True)
    at = peewee.TextField()
    model = peewee.TextField()

    class Meta:
        table_name = "lead_model"
