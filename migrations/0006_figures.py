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
        "enabled" INTEGER,
        "name_key" TEXT
    ) STRICT""",
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
        "frozen_at" TEXT,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "segment_member" (
        "segment" INTEGER NOT NULL,
        "record" INTEGER NOT NULL,
        PRIMARY KEY ("segment", "record")
    ) STRICT, WITHOUT ROWID""",
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
    found = db.execute_sql("SELECT id, grants FROM role WHERE key IN ('sales', 'service', 'marketing')").fetchall()
    for number, held in found:
        grants = [line for line in json.loads(held or "[]") if line["type"] not in ("target", "commission_plan")]
        grants += [
            {"id": max([0, *(line.get("id") or 0 for line in grants)]) + n, **line} for n, line in enumerate(lines, 1)
        ]
        db.execute_sql("UPDATE role SET grants = ? WHERE id = ?", (json.dumps(grants), number))
