"""Pipelines, stages, opportunities, the people and competitors around them, and where each stood when."""

import json

STATEMENTS = (
    """CREATE TABLE "buyer" (
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
        "opportunity" INTEGER,
        "contact" INTEGER,
        "part" TEXT,
        "influence" TEXT,
        "attitude" TEXT,
        "coverage" TEXT,
        "note" TEXT
    ) STRICT""",
    """CREATE TABLE "competitor" (
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
        "website" TEXT,
        "strengths" TEXT,
        "weaknesses" TEXT,
        "answer" TEXT,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "forecast_override" (
        "id" INTEGER NOT NULL PRIMARY KEY,
        "at" TEXT NOT NULL,
        "by" INTEGER NOT NULL,
        "subject_type" TEXT NOT NULL,
        "subject" INTEGER NOT NULL,
        "period" TEXT NOT NULL,
        "category" TEXT NOT NULL,
        "computed" INTEGER,
        "amount" INTEGER,
        "note" TEXT
    ) STRICT""",
    """CREATE INDEX forecast_override_of ON forecast_override (period, subject_type, subject, category, id)""",
    """CREATE TABLE "opportunity" (
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
        "name" TEXT,
        "number" TEXT,
        "customer" INTEGER,
        "contact" INTEGER,
        "pipeline" INTEGER,
        "stage" INTEGER,
        "state" TEXT,
        "source" TEXT,
        "campaign" TEXT,
        "opened_on" TEXT,
        "tags" TEXT,
        "description" TEXT,
        "currency" TEXT,
        "amount" INTEGER,
        "chance" INTEGER,
        "forecast" TEXT,
        "expected_close" TEXT,
        "pushed" INTEGER,
        "products" TEXT,
        "next_step" TEXT,
        "next_step_on" TEXT,
        "last_follow_up_at" TEXT,
        "shares" TEXT,
        "competitors" TEXT,
        "strategy" TEXT,
        "risks" TEXT,
        "ticked" TEXT,
        "closed_on" TEXT,
        "close_reason" TEXT,
        "close_note" TEXT,
        "lost_to" INTEGER,
        "ask_again_on" TEXT,
        "stage_since" TEXT,
        "name_key" TEXT,
        "number_key" TEXT,
        "source_key" TEXT,
        "campaign_key" TEXT,
        "amount_base" INTEGER,
        "close_reason_key" TEXT
    ) STRICT""",
    """CREATE INDEX opportunity_board ON opportunity (stage, expected_close, id) WHERE deleted_at IS NULL""",
    """CREATE INDEX opportunity_customer ON opportunity (customer, state) WHERE deleted_at IS NULL""",
    """CREATE INDEX opportunity_closing ON opportunity (state, expected_close) WHERE deleted_at IS NULL""",
    """CREATE INDEX opportunity_closed ON opportunity (state, closed_on) WHERE deleted_at IS NULL""",
    """CREATE INDEX opportunity_again ON opportunity (ask_again_on) WHERE ask_again_on IS NOT NULL AND deleted_at IS NULL""",
    """CREATE TABLE "opportunity_line" (
        "opportunity" INTEGER NOT NULL,
        "line" INTEGER NOT NULL,
        "product" INTEGER,
        "quantity" TEXT,
        "amount" INTEGER,
        PRIMARY KEY ("opportunity", "line")
    ) STRICT, WITHOUT ROWID""",
    """CREATE INDEX opportunity_line_product ON opportunity_line (product, opportunity)""",
    """CREATE TABLE "opportunity_share" (
        "opportunity" INTEGER NOT NULL,
        "user" INTEGER NOT NULL,
        "share" INTEGER NOT NULL,
        PRIMARY KEY ("opportunity", "user")
    ) STRICT, WITHOUT ROWID""",
    """CREATE INDEX opportunity_share_user ON opportunity_share (user, opportunity)""",
    """CREATE TABLE "pipeline" (
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
        "position" INTEGER,
        "enabled" INTEGER,
        "members" TEXT,
        "back_moves" INTEGER,
        "reason_needed" INTEGER,
        "quiet_days" INTEGER,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "stage" (
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
        "pipeline" INTEGER,
        "position" INTEGER,
        "kind" TEXT,
        "chance" INTEGER,
        "forecast" TEXT,
        "longest_days" INTEGER,
        "checklist" TEXT,
        "required_fields" TEXT,
        "roles" TEXT,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "stage_history" (
        "id" INTEGER NOT NULL PRIMARY KEY,
        "opportunity" INTEGER NOT NULL,
        "at" TEXT NOT NULL,
        "until" TEXT,
        "by" INTEGER NOT NULL,
        "pipeline" INTEGER,
        "stage" INTEGER,
        "from_stage" INTEGER,
        "entered" INTEGER NOT NULL,
        "state" TEXT NOT NULL,
        "amount" INTEGER,
        "chance" INTEGER,
        "forecast" TEXT,
        "expected_close" TEXT,
        "closed_on" TEXT,
        "owner" INTEGER,
        "team" INTEGER,
        "reason" TEXT
    ) STRICT""",
    """CREATE INDEX stage_history_of ON stage_history (opportunity, id)""",
    """CREATE INDEX stage_history_stage ON stage_history (stage, at) WHERE entered = 1""",
    """CREATE INDEX stage_history_at ON stage_history (at, until)""",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
    let_everybody_read(db, ("product", "pipeline", "stage"))


def let_everybody_read(db, keys):
    """The ready-made roles but the owner's and the reader's see what the company is set up with, and do not change it."""
    verbs = ("view", "create", "edit", "delete", "assign", "export", "import")
    lines = [{"type": key, **{verb: "all" if verb == "view" else "none" for verb in verbs}} for key in keys]
    found = db.execute_sql(
        "SELECT id, grants FROM role WHERE key IN ('manager', 'sales', 'service', 'marketing')"
    ).fetchall()
    for number, held in found:
        grants = [line for line in json.loads(held or "[]") if line["type"] not in keys]
        grants += [
            {"id": max([0, *(line.get("id") or 0 for line in grants)]) + n, **line} for n, line in enumerate(lines, 1)
        ]
        db.execute_sql("UPDATE role SET grants = ? WHERE id = ?", (json.dumps(grants), number))
