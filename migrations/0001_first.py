"""The schema of the first release. Until it is out: what the declarations ask for. ``make schema`` writes that here."""


def up(migrator, db):
    import smallcrm.app  # noqa: F401  every area, so every table
    from smallcrm.store import migrations

    for statement in migrations.declared():
        db.execute_sql(statement)
