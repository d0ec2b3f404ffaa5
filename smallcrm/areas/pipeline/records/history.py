"""What follows from opportunities and is counted again and again: where each stood when, its lines and shares as rows."""

from __future__ import annotations

import peewee

from smallcrm import store


class StageHistory(store.Table):
    """How an opportunity stood from ``at`` until ``until`` (null: now). A new row whenever one of these columns changes.

    ``from_stage`` is set where the stage changed, ``from_since`` says since when it had stood there. ``amount`` in minor units of the
    company's currency, ``own`` in those of the opportunity's own ``currency``. ``reason`` tells why somebody reopened it.
    """

    id = peewee.AutoField()
    opportunity = peewee.IntegerField()
    at = peewee.TextField()
    until = peewee.TextField(null=True)
    by = peewee.IntegerField()
    pipeline = peewee.IntegerField(null=True)
    stage = peewee.IntegerField(null=True)
    from_stage = peewee.IntegerField(null=True)
    from_since = peewee.TextField(null=True)
    entered = peewee.IntegerField()  # 1 where it came into the stage with this row
    state = peewee.TextField()
    amount = peewee.IntegerField(null=True)
    own = peewee.IntegerField(null=True)
    currency = peewee.TextField(null=True)
    chance = peewee.IntegerField(null=True)
    forecast = peewee.TextField(null=True)
    expected_close = peewee.TextField(null=True)
    closed_on = peewee.TextField(null=True)
    owner = peewee.IntegerField(null=True)
    team = peewee.IntegerField(null=True)
    reason = peewee.TextField(null=True)

    ddl = (
        "CREATE INDEX stage_history_of ON stage_history (opportunity, id)",
        "CREATE INDEX stage_history_path ON stage_history (opportunity, id, stage, at, state, pipeline) WHERE entered = 1",
        "CREATE INDEX stage_history_stage ON stage_history (stage, at, opportunity, owner, team) WHERE entered = 1",
        "CREATE INDEX stage_history_left ON stage_history (from_stage, at, opportunity, from_since, state, owner, team)"
        " WHERE from_stage IS NOT NULL",
        "CREATE INDEX stage_history_at ON stage_history (at, opportunity)",
        "CREATE INDEX stage_history_open ON stage_history (until, at, opportunity, expected_close, amount, chance, forecast, pipeline,"
        " stage, owner, team) WHERE state = 'open'",
        "CREATE INDEX stage_history_closing ON stage_history (expected_close, at, opportunity) WHERE state = 'open'",
        "CREATE INDEX stage_history_won ON stage_history (closed_on, at, until, opportunity, amount, pipeline, stage, owner, team)"
        " WHERE state = 'won'",
        "CREATE INDEX stage_history_lost ON stage_history (closed_on, at, until, opportunity, amount, pipeline, stage, owner, team)"
        " WHERE state = 'lost'",
    )

    class Meta:
        table_name = "stage_history"


class OpportunityLine(store.Table):
    """A product of a living opportunity; ``amount`` in minor units of the company's currency."""

    opportunity = peewee.IntegerField()
    line = peewee.IntegerField()
    product = peewee.IntegerField(null=True)
    quantity = peewee.IntegerField(null=True)  # in thousandths
    amount = peewee.IntegerField(null=True)

    ddl = ("CREATE INDEX opportunity_line_product ON opportunity_line (product, opportunity)",)

    class Meta:
        table_name = "opportunity_line"
        primary_key = peewee.CompositeKey("opportunity", "line")
        without_rowid = True


class OpportunityShare(store.Table):
    """How much of a living opportunity counts for whom, in hundredths of a percent; the owner's own row is among them."""

    opportunity = peewee.IntegerField()
    user = peewee.IntegerField()
    share = peewee.IntegerField()

    ddl = (
        "CREATE INDEX opportunity_share_user ON opportunity_share (user, opportunity)",
        # the few that are shared at all
        "CREATE INDEX opportunity_share_split ON opportunity_share (opportunity) WHERE share < 10000",
    )

    class Meta:
        table_name = "opportunity_share"
        primary_key = peewee.CompositeKey("opportunity", "user")
        without_rowid = True


class ForecastOverride(store.Table):
    """What a manager expects of somebody or a team in a period instead of the sum; every one is kept, the last one counts."""

    id = peewee.AutoField()
    at = peewee.TextField()
    by = peewee.IntegerField()
    subject_type = peewee.TextField()  # user | team | company
    subject = peewee.IntegerField()
    period = peewee.TextField()  # 2026-11 | 2026-Q4 | 2026
    category = peewee.TextField()  # commit | best | pipeline
    computed = peewee.IntegerField(null=True)
    amount = peewee.IntegerField(null=True)  # null takes the last one back
    note = peewee.TextField(null=True)

    ddl = ("CREATE INDEX forecast_override_of ON forecast_override (period, subject_type, subject, category, id)",)

    class Meta:
        table_name = "forecast_override"
