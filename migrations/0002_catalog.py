"""Products."""

STATEMENTS = (
    """CREATE TABLE "product" (
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
        "code" TEXT,
        "series" TEXT,
        "active" INTEGER,
        "description" TEXT,
        "unit" TEXT,
        "currency" TEXT,
        "price" INTEGER,
        "cost" INTEGER,
        "name_key" TEXT,
        "code_key" TEXT,
        "series_key" TEXT,
        "price_base" INTEGER,
        "cost_base" INTEGER
    ) STRICT""",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
