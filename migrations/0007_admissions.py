"""Admissions: intakes, documents asked for and handed in, and what applications, students, stages and plans have beside that."""

STATEMENTS = (
    """CREATE TABLE "document" (
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
        "before_stage" INTEGER,
        "position" INTEGER,
        "enabled" INTEGER,
        "note" TEXT,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "intake" (
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
        "first_day" TEXT,
        "last_day" TEXT,
        "active" INTEGER,
        "position" INTEGER,
        "name_key" TEXT
    ) STRICT""",
    """CREATE TABLE "paper" (
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
        "document" INTEGER,
        "state" TEXT,
        "file" INTEGER,
        "note" TEXT,
        "set_by" INTEGER,
        "set_at" TEXT
    ) STRICT""",
    'ALTER TABLE "stage" ADD COLUMN "milestone" TEXT',
    'ALTER TABLE "customer" ADD COLUMN "intake" INTEGER',
    'ALTER TABLE "opportunity" ADD COLUMN "intake" INTEGER',
    'ALTER TABLE "opportunity" ADD COLUMN "furthest" TEXT',
    'ALTER TABLE "opportunity" ADD COLUMN "papers_missing" INTEGER',
    'ALTER TABLE "activity" ADD COLUMN "tour" TEXT',
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
