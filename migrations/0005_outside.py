"""Visits and their positions, work reports, and the point where a customer is."""

STATEMENTS = (
    'ALTER TABLE "customer" ADD COLUMN "latitude" INTEGER',
    'ALTER TABLE "customer" ADD COLUMN "longitude" INTEGER',
    """CREATE TABLE "visit" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "via_owner" INTEGER,
        "via_team" INTEGER,
        "via_pool" INTEGER,
        "customer" INTEGER,
        "contact" INTEGER,
        "meeting_point" TEXT,
        "purpose" TEXT,
        "kind" TEXT,
        "planned_at" TEXT,
        "planned_minutes" INTEGER,
        "participants" TEXT,
        "repeat" TEXT,
        "repeat_every" INTEGER,
        "repeat_until" TEXT,
        "repeat_skip" INTEGER,
        "repeats_on" TEXT,
        "state" TEXT,
        "unplanned" INTEGER,
        "checked_in_at" TEXT,
        "in_verdict" TEXT,
        "in_distance" INTEGER,
        "in_reason" TEXT,
        "checked_out_at" TEXT,
        "out_verdict" TEXT,
        "out_distance" INTEGER,
        "minutes" INTEGER,
        "report" TEXT,
        "outcome" TEXT,
        "cancel_reason" TEXT,
        "activity" INTEGER,
        "stop" INTEGER,
        "outcome_key" TEXT
    ) STRICT""",
    """CREATE TABLE "visit_participant" (
        "token" TEXT NOT NULL,
        "visit" INTEGER NOT NULL,
        PRIMARY KEY ("token", "visit")
    ) STRICT, WITHOUT ROWID""",
    """CREATE INDEX visit_participant_visit ON visit_participant (visit)""",
    """CREATE TABLE "visit_position" (
        "visit" INTEGER NOT NULL,
        "act" TEXT NOT NULL,
        "user" INTEGER NOT NULL,
        "at" TEXT NOT NULL,
        "latitude" INTEGER NOT NULL,
        "longitude" INTEGER NOT NULL,
        "accuracy" INTEGER,
        PRIMARY KEY ("visit", "act")
    ) STRICT, WITHOUT ROWID""",
    """CREATE INDEX visit_position_at ON visit_position (at)""",
    """CREATE INDEX visit_position_user ON visit_position (user, at)""",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
