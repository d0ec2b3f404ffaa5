"""The program put together. The only module that names all areas."""

from __future__ import annotations

from flask import Flask

from smallcrm.areas.activities.area import AREA as ACTIVITIES
from smallcrm.areas.admin.area import AREA as ADMIN
from smallcrm.areas.admissions.area import AREA as ADMISSIONS
from smallcrm.areas.catalog.area import AREA as CATALOG
from smallcrm.areas.customers.area import AREA as CUSTOMERS
from smallcrm.areas.demo.area import AREA as DEMO
from smallcrm.areas.files.area import AREA as FILES
from smallcrm.areas.forecast.area import AREA as FORECAST
from smallcrm.areas.leads.area import AREA as LEADS
from smallcrm.areas.people.area import AREA as PEOPLE
from smallcrm.areas.pipeline.area import AREA as PIPELINE
from smallcrm.areas.pool.area import AREA as POOL
from smallcrm.areas.privacy.area import AREA as PRIVACY
from smallcrm.areas.reports.area import AREA as REPORTS
from smallcrm.areas.targets.area import AREA as TARGETS
from smallcrm.areas.transfer.area import AREA as TRANSFER
from smallcrm.areas.visits.area import AREA as VISITS
from smallcrm.areas.workreports.area import AREA as WORK_REPORTS
from smallcrm.config import Config
from smallcrm.identity import key
from smallcrm.records import numbers  # noqa: F401  a table that areas use
from smallcrm.web import (
    alone,
    api,
    area,
    assets,
    context,
    errors,
    gate,
    health,
    pages,
    reauth,
    requestlog,
    security,
    templating,
)

ROUND_IT = 64 * 1024  # octets a form may have beside its file

AREAS = (
    PEOPLE, CUSTOMERS, ACTIVITIES, CATALOG, POOL, FILES, LEADS, PIPELINE, ADMISSIONS, FORECAST, REPORTS, TARGETS, VISITS, WORK_REPORTS,
    TRANSFER, PRIVACY, DEMO, ADMIN,
)  # fmt: skip

area.use(AREAS)


def build_app(config: Config) -> Flask:
    """The web application over the data folder that is open."""
    key.check()
    app = Flask("smallcrm", static_folder=None, template_folder="web/templates")
    app.config.update(
        ALLOWED_HOSTS=set(config.server_allowed_hosts),
        UPLOAD_LIMIT=config.limits_upload_mb * 1024 * 1024,
        MAX_CONTENT_LENGTH=config.limits_upload_mb * 1024 * 1024 + ROUND_IT,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        CONFIG=config,
    )
    requestlog.install(app)
    templating.install(app)
    alone.install(app)
    context.install(app)
    security.install(app)
    reauth.install(app)
    errors.install(app)
    assets.install(app)
    health.install(app)
    api.install(app)
    pages.prepare(app)
    for each in AREAS:
        if each.blueprint is not None:
            app.register_blueprint(each.blueprint)
    pages.install(app)
    gate.install(app)
    return app
