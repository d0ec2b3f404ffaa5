"""Names of files that are sent, in any script; and a list that forgets what an act has dealt with."""

from __future__ import annotations

import pytest
from werkzeug.http import parse_options_header

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people.records import User
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets
from smallcrm.web.downloads import disposition
from tests.cast import Cast
from tests.client import Web


@pytest.mark.parametrize("name", ["list.xlsx", "客户 2026-11-22.xlsx", "Πελάτες.csv", 'a "b"; c.vcf', "Größe.zip"])
def test_any_name_can_be_sent(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    kind, options = parse_options_header(header)
    assert kind == "attachment"
    assert options["filename"] == name


def test_an_export_in_chinese_and_a_greek_persons_card(web: Web, cast: Cast) -> None:
    """The file of an export is called after the type, in the reader's language."""
    with changesets.opened(SYSTEM, "form"):
        made = change.create(SYSTEM, Customer, {"name": "Παπαδόπουλος", "owner": cast.owner}, trusted=True)
        change.update(SYSTEM, access.fetch(SYSTEM, User, cast.owner), {"language": "zh"}, trusted=True)
    owner = web.browser("owner")
    export = owner.post("/customers/export", {"format": "xlsx", "columns": "all"})
    card = owner.get(f"/customers/{made.id}.vcf")
    for answer, begins in ((export, "客户"), (card, "Παπαδόπουλος")):
        assert answer.status_code == 200
        header = answer.headers["Content-Disposition"]
        assert header.isascii()
        assert parse_options_header(header)[1]["filename"].startswith(begins)


def test_a_bulk_act_unticks_what_it_dealt_with(web: Web, cast: Cast) -> None:
    """Else the next one would meet it again."""
    with changesets.opened(SYSTEM, "form"):
        made = change.create(SYSTEM, Customer, {"name": "Ridley", "owner": cast.anna}, trusted=True)
    ask = {"id": str(made.id), "owner": str(cast.bob)}
    answer = web.browser("owner").post("/customers/bulk/assign", ask, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "deselect" in answer.headers["HX-Trigger"]
