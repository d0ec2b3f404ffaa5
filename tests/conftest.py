"""What every test may ask for.

``folder``: an open, empty data folder with the whole schema. ``cast``: an open one with a company of people in it.
``web``: that company's pages and API, asked as any of them. ``live``: the same over a real port, for browsers and raw sockets.
``chromium``: a browser.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from smallcrm import store
from smallcrm.base import i18n
from smallcrm.jobs import directory
from smallcrm.jobs.outbox import settings as outbox_settings
from smallcrm.records import cache, settings
from smallcrm.web import bundle
from tests import cast as casting
from tests import works
from tests.browser import launched
from tests.cast import Cast, make_schema
from tests.client import Live, Web

if TYPE_CHECKING:
    from playwright.sync_api import Browser


# The same examples at every run, and as long as they take: neither chance nor a busy machine decides over a landing.
hypothesis.settings.register_profile(
    "gate", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("gate")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """A page in another language leaves nothing of it to the test after."""
    with i18n.speaking("en"):
        yield


@pytest.fixture(autouse=True)
def _people_known() -> Iterator[None]:
    """Whoever a test tells jobs of, and whatever server, the next one has the company's users and settings again."""
    known, sources = directory._directory, outbox_settings._sources
    yield
    directory.register(known)
    outbox_settings._sources = sources


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An open data folder with every table that has been imported."""
    store.open_folder(tmp_path, create=True)
    make_schema()
    yield tmp_path
    store.close()


@pytest.fixture(scope="session")
def company_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cast]:
    """The company, built once, closed."""
    made = tmp_path_factory.mktemp("company")
    cast = casting.build(made)
    with store.writing():
        pass
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return made, cast


@pytest.fixture
def cast(tmp_path: Path, company_template: tuple[Path, Cast]) -> Iterator[Cast]:
    """The company in a folder of this test's own, open."""
    source, people = company_template
    data = tmp_path / "data"
    shutil.copytree(source, data)
    store.open_folder(data)
    cache.forget()
    settings.apply()
    yield people
    works.wait()
    store.close()


@pytest.fixture
def web(cast: Cast) -> Web:
    """Pages and API of the company, in this process."""
    return Web(cast)


@pytest.fixture
def live(cast: Cast) -> Iterator[Live]:
    """The company served on a port of this machine."""
    server = Live(cast)
    yield server
    server.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file of tests: it lives in an event loop of its own, which the tests of mail must not meet."""
    if not (bundle.VENDOR / "made").exists():
        pytest.skip("the vendor folder is not built here: python packaging/build.py frontend")
    with launched() as found:
        yield found
