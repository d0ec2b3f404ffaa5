"""What is kept about requests and erasures. None of it says who an erased person was."""

from __future__ import annotations

import peewee

from smallcrm import store
from smallcrm.base.i18n import L, Label

KINDS: dict[str, Label] = {
    "access": L("Wants to know what is kept"),
    "portability": L("Wants the data as a file"),
    "rectification": L("Wants something corrected"),
    "restriction": L("Wants the data not to be used"),
    "objection": L("Objects to advertising"),
    "erasure": L("Wants to be erased"),
}


class PrivacyRequest(store.Table):
    """What somebody asked for: when, how it was made sure who asked, until when it is due, who saw to it and how."""

    id = peewee.AutoField(constraints=[peewee.SQL("AUTOINCREMENT")])
    record_type = peewee.TextField()
    record = peewee.IntegerField()
    kind = peewee.TextField()
    asked_on = peewee.TextField()
    due_on = peewee.TextField()
    identity = peewee.TextField(default="")
    note = peewee.TextField(default="")
    handler = peewee.IntegerField()
    made_at = peewee.TextField()
    done_at = peewee.TextField(null=True)
    done_by = peewee.IntegerField(null=True)
    outcome = peewee.TextField(default="")

    ddl = (
        "CREATE INDEX ix_privacy_request_open ON privacy_request (due_on) WHERE done_at IS NULL",
        "CREATE INDEX ix_privacy_request_of ON privacy_request (record_type, record)",
    )

    class Meta:
        table_name = "privacy_request"


class Restriction(store.Table):
    """A person whose data are kept but must not be used."""

    record_type = peewee.TextField()
    record = peewee.IntegerField()
    at = peewee.TextField()
    by = peewee.IntegerField()
    reason = peewee.TextField(default="")

    class Meta:
        table_name = "privacy_restriction"
        primary_key = peewee.CompositeKey("record_type", "record")
        without_rowid = True


class Erased(store.Table):
    """That a person was erased, when and by whom."""

    record_type = peewee.TextField()
    record = peewee.IntegerField()
    at = peewee.TextField()
    by = peewee.IntegerField()

    class Meta:
        table_name = "privacy_erased"
        primary_key = peewee.CompositeKey("record_type", "record")
        without_rowid = True


class Suppressed(store.Table):
    """The hash of something an erased person was reached by, so that an import does not bring them back unsaid."""

    hash = peewee.TextField(primary_key=True)
    at = peewee.TextField()

    class Meta:
        table_name = "privacy_suppressed"
        without_rowid = True
