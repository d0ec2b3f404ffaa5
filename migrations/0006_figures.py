"""Saved figures, dashboards, segments, alerts, workbooks by mail; targets with their reviews and actions, commission plans."""

import json

STATEMENTS = (
    """CREATE TABLE "alert" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "name" TEXT,
        "figure" TEXT,
        "side" TEXT,
        "threshold" INTEGER,
        "recipients" TEXT,
        "note" TEXT,
        "enabled" INTEGER,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "alert_crossing" (
        "id" INTEGER NOT NULL PRIMARY KEY,
        "alert" INTEGER NOT NULL,
        "user" INTEGER NOT NULL,
        "at" TEXT NOT NULL,
        "crossed" INTEGER NOT NULL,
        "value" TEXT
    ) STRICT""",
    """CREATE INDEX alert_crossing_of ON alert_crossing (alert, user, id)""",
    """CREATE TABLE "alert_state" (
        "alert" INTEGER NOT NULL,
        "user" INTEGER NOT NULL,
        "crossed" INTEGER NOT NULL,
        "value" TEXT,
        "at" TEXT NOT NULL,
        "crossings" INTEGER NOT NULL,
        "asked" TEXT NOT NULL,
        PRIMARY KEY ("alert", "user")
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "commission_plan" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "name" TEXT,
        "enabled" INTEGER,
        "members" TEXT,
        "bands" TEXT,
        "untargeted" INTEGER,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "dashboard" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "name" TEXT,
        "shared" TEXT,
        "role" TEXT,
        "subtitle" TEXT,
        "tiles" TEXT,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "dashboard_choice" (
        "user" INTEGER NOT NULL PRIMARY KEY,
        "dashboard" TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE "figure" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "name" TEXT,
        "about" TEXT,
        "conditions" TEXT,
        "measure" TEXT,
        "by" TEXT,
        "then_by" TEXT,
        "date_field" TEXT,
        "period" TEXT,
        "compare" TEXT,
        "chart" TEXT,
        "shared" TEXT,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "mailing" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "name" TEXT,
        "day" INTEGER,
        "period" TEXT,
        "recipients" TEXT,
        "note" TEXT,
        "enabled" INTEGER,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "mailing_sent" (
        "mailing" INTEGER NOT NULL,
        "slot" TEXT NOT NULL,
        "user" INTEGER NOT NULL,
        "at" TEXT NOT NULL,
        PRIMARY KEY ("mailing", "slot", "user")
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "segment" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "name" TEXT,
        "about" TEXT,
        "conditions" TEXT,
        "shared" TEXT,
        "added" TEXT,
        "left_out" TEXT,
        "frozen_at" TEXT,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "segment_member" (
        "segment" INTEGER NOT NULL,
        "record" INTEGER NOT NULL,
        PRIMARY KEY ("segment", "record")
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "target" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "metric" TEXT,
        "year" INTEGER,
        "whom" TEXT,
        "user" INTEGER,
        "for_team" INTEGER,
        "m01" INTEGER,
        "m02" INTEGER,
        "m03" INTEGER,
        "m04" INTEGER,
        "m05" INTEGER,
        "m06" INTEGER,
        "m07" INTEGER,
        "m08" INTEGER,
        "m09" INTEGER,
        "m10" INTEGER,
        "m11" INTEGER,
        "m12" INTEGER,
        "note" TEXT
    ) STRICT""",
    """CREATE INDEX target_of ON target (year, metric, whom) WHERE deleted_at IS NULL""",
    """CREATE TABLE "target_action" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "what" TEXT,
        "period" TEXT,
        "metric" TEXT,
        "whom" TEXT,
        "user" INTEGER,
        "for_team" INTEGER,
        "due_on" TEXT,
        "done" INTEGER,
        "result" TEXT,
        "period_key" TEXT
    ) STRICT""",
    """CREATE TABLE "target_review" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        "version" INTEGER NOT NULL,
        "created_at" TEXT,
        "updated_at" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "deleted_at" TEXT,
        "merged_into" INTEGER,
        "custom" TEXT,
        "period" TEXT,
        "metric" TEXT,
        "whom" TEXT,
        "user" INTEGER,
        "for_team" INTEGER,
        "note" TEXT,
        "follows" TEXT,
        "period_key" TEXT
    ) STRICT""",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
    limit_what_staff_do(db)


def limit_what_staff_do(db):
    """Those who are measured see their targets and do not set them; commission plans are the owners' and managers' affair."""
    verbs = ("view", "create", "edit", "delete", "assign", "export", "import")
    lines = [
        {"type": "target", **{verb: "own" if verb == "view" else "none" for verb in verbs}},
        {"type": "commission_plan", **dict.fromkeys(verbs, "none")},
    ]
    plans = {"type": "commission_plan", **{verb: "all" if verb == "view" else "none" for verb in verbs}}
    for keys, given in (("'sales', 'service', 'marketing'", lines), ("'manager'", [plans])):
        for number, held in db.execute_sql(f"SELECT id, grants FROM role WHERE key IN ({keys})").fetchall():
            grants = [line for line in json.loads(held or "[]") if line["type"] not in {each["type"] for each in given}]
            grants += [
                {"id": max([0, *(line.get("id") or 0 for line in grants)]) + n, **line}
                for n, line in enumerate(given, 1)
            ]
            db.execute_sql("UPDATE role SET grants = ? WHERE id = ?", (json.dumps(grants), number))
