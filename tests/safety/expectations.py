"""Who may ask for what: a line for every route of the address map. ``GUARDS`` says what the words mean.

A route without a line fails ``test_matrix.py``. Where it depends on whose the records of a type are, the line names both:
``make | settings`` is *make* for types that belong to somebody and *settings* for those that everybody sees.
``a, b`` accepts the one or the other, where a type may lack the thing at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.test import TestResponse

from tests.safety.asking import PARTS
from tests.safety.world import World

# "in" leads to the sign-in page; "ok" is neither refused nor an error of ours (a form without content may be 400 or 422).
# The thing asked for is Anna's; Carl is of another team.
GUARDS: dict[str, str] = {
    #                  visitor nobody reader carl anna manager owner
    "open":           "ok      ok     ok     ok   ok   ok      ok",
    "signed":         "in      ok     ok     ok   ok   ok      ok",
    "see":            "in      404    ok     404  ok   ok      ok",
    "change":         "in      404    403    404  ok   ok      ok",
    "make":           "in      403    403    ok   ok   ok      ok",
    "settings":       "in      403    403    403  403  403     ok",
    "missing":        "in      403    403    403  403  403     404",  # as settings; there is none of that name
    "audit":          "in      403    403    403  403  ok      ok",
    "undo":           "in      404    404    404  404  ok      ok",
    "own":            "in      404    404    404  ok   404     ok",
    "mine alone":     "in      404    404    404  ok   404     404",
    "not mine":       "in      404    404    404  404  404     404",
    "refused":        "in      403    403    403  403  403     403",
    "nothing":        "404     404    404    404  404  404     404",
    "password":       "401     401    401    401  401  401     401",
    "to sign-in":     "in      in     in     in   in   in      in",
    "bulk":           "in      ok     403    ok   ok   ok      ok",  # what is out of reach is left alone
    "bulk of none":   "in      ok     403    403  403  403     ok",
    "everyone's":     "in      403    403    403  403  ok      ok",
    "pool run":       "in      404    403    403  403  403     ok",
    "pool see":       "in      404    ok     ok   ok   ok      ok",
    "pool things":    "in      404    ok     404  ok   ok      ok",
    "guessing":       "404     404    404    429  429  429     429",
    "api":            "401     ok     ok     ok   ok   ok      ok",
    "api see":        "401     404    ok     404  ok   ok      ok",
    "api change":     "401     404    403    404  ok   ok      ok",
    "api make":       "401     403    403    ok   ok   ok      ok",
}  # fmt: skip

EXPECTED: dict[str, str] = {
    # admin
    "GET admin.about": "signed",
    "POST admin.act": "settings",
    "GET admin.backup_list": "settings",
    "GET admin.bots": "settings",
    "POST admin.bring_day": "settings",
    "POST admin.bring_record": "settings",
    "POST admin.check_backup": "missing",
    "GET admin.company": "settings",
    "POST admin.delete_bot": "missing",
    "GET admin.download": "missing",
    "POST admin.download": "missing",
    "GET admin.field": "settings",
    "GET admin.fields": "settings",
    "GET admin.job": "missing",
    "GET admin.jobs": "settings",
    "GET admin.licence": "not mine",
    "GET admin.log": "settings",
    "GET admin.look": "settings",
    "GET admin.look_day": "settings",
    "GET admin.look_record": "settings",
    "GET admin.mail": "settings",
    "POST admin.make_backup": "settings",
    "POST admin.make_field": "settings",
    "POST admin.move_field": "settings",
    "GET admin.new_field": "settings",
    "POST admin.open_backup": "missing",
    "GET admin.outbox": "settings",
    "GET admin.overview": "settings",
    "POST admin.restore": "missing",
    "GET admin.restore_page": "missing",
    "POST admin.run": "missing",
    "POST admin.save_allowed": "settings",
    "POST admin.save_bot": "settings",
    "POST admin.save_company": "settings",
    "POST admin.save_field": "settings",
    "POST admin.save_mail": "settings",
    "POST admin.save_terms": "settings",
    "POST admin.set_time": "missing",
    "POST admin.switch_field": "settings",
    "GET admin.terms": "settings",
    "POST admin.test_bot": "missing",
    # api
    "POST api.act": "api change",
    "POST api.create": "api make",
    "DELETE api.delete": "api change",
    "GET api.listing": "api",
    "GET api.openapi": "api",
    "GET api.read": "api see",
    "GET api.searching": "api",
    "PATCH api.update": "api change",
    # confirm
    "GET confirm": "refused",
    "POST confirm": "refused",
    # health
    "GET health": "open",
    # openapi
    "GET openapi": "signed",
    # pages
    "POST pages.assign": "change",
    "GET pages.assign_form": "change",
    "GET pages.bin_page": "signed",
    "POST pages.bin_restore": "signed",
    "POST pages.bulk_assign": "signed",
    "POST pages.bulk_assign_form": "signed",
    "POST pages.bulk_delete": "signed",
    "POST pages.bulk_edit": "bulk | settings, bulk of none",
    "POST pages.bulk_edit_form": "signed",
    "POST pages.bulk_tags": "bulk | settings, bulk of none",
    "POST pages.bulk_tags_form": "signed",
    "GET pages.cell": "change",
    "GET pages.change_list": "signed",
    "GET pages.change_page": "undo",
    "POST pages.chip_apply": "signed",
    "GET pages.chip_editor": "signed",
    "GET pages.columns_form": "signed",
    "POST pages.columns_save": "signed",
    "POST pages.create": "make | settings",
    "POST pages.delete": "change",
    "GET pages.edit": "change",
    "GET pages.exact_count": "signed",
    "GET pages.history": "see",
    "GET pages.likely_duplicates": "signed",
    "GET pages.list_day": "signed",
    "GET pages.listing": "signed",
    "GET pages.merge_page": "signed, not mine | not mine",
    "POST pages.merge_page": "signed, not mine | not mine",
    "GET pages.new": "make | settings",
    "GET pages.notice_list": "signed",
    "GET pages.options": "signed",
    "GET pages.options_of_several": "signed",
    "GET pages.palette": "signed",
    "GET pages.record_day": "see",
    "GET pages.record_page": "see",
    "POST pages.restore": "change",
    "POST pages.save": "change",
    "POST pages.save_cell": "change",
    "GET pages.search_page": "signed",
    "GET pages.sort_editor": "signed",
    "GET pages.status": "signed",
    "GET pages.timeline_part": "see",
    "GET pages.totals": "signed",
    "POST pages.undo_change": "undo",
    "POST pages.view_default": "signed",
    "GET pages.view_form": "signed",
    "POST pages.view_remove": "mine alone, not mine | not mine",
    "POST pages.view_save": "everyone's",
    "GET pages.why": "see",
    "GET pages.words": "signed, not mine",
    "POST pages.work_cancel": "own",
    "GET pages.work_page": "own",
    # people
    "GET people.account": "settings",
    "GET people.all_roles": "signed",
    "GET people.ask_switch_off": "settings",
    "GET people.audit_file": "audit",
    "GET people.audit_page": "audit",
    "GET people.by_link": "nothing",
    "POST people.change_password": "signed",
    "POST people.check_code": "to sign-in",
    "POST people.choose": "guessing",
    "GET people.code": "to sign-in",
    "POST people.disable_totp": "signed",
    "POST people.do_set_up": "nothing",
    "GET people.edit_user": "settings",
    "POST people.enable_totp": "signed",
    "POST people.end_other_sessions": "signed",
    "POST people.end_session": "mine alone",
    "POST people.end_users_sessions": "settings",
    "GET people.first_password": "signed",
    "POST people.first_password": "signed",
    "GET people.forgot": "open",
    "POST people.give_password": "settings",
    "GET people.guess": "nothing",
    "POST people.invite": "settings",
    "GET people.login": "open",
    "POST people.logout": "to sign-in",
    "POST people.make_role": "settings",
    "POST people.make_token": "signed",
    "POST people.make_user": "settings",
    "GET people.new_role": "settings",
    "GET people.new_user": "settings",
    "GET people.notifications": "signed",
    "GET people.opened": "open",
    "GET people.profile": "signed",
    "POST people.recover_owner": "nothing",
    "POST people.remove_second_factor": "settings",
    "POST people.renew_recovery": "signed",
    "POST people.restore_ready": "missing",
    "POST people.revoke_token": "mine alone",
    "POST people.revoke_users_token": "missing",
    "GET people.role_fields": "signed",
    "GET people.role_page": "signed",
    "POST people.save_notifications": "signed",
    "POST people.save_profile": "signed",
    "POST people.save_role": "settings",
    "POST people.save_role_fields": "settings",
    "POST people.save_user": "settings",
    "GET people.sees": "settings",
    "POST people.send_link": "open",
    "POST people.set_theme": "signed",
    "GET people.settings_page": "signed",
    "GET people.setup": "nothing",
    "POST people.sign_in": "password",
    "GET people.signing_in": "signed",
    "GET people.start_totp": "signed",
    "POST people.switch_off": "settings",
    "POST people.switch_on": "settings",
    "GET people.team_tree": "signed",
    "GET people.token_list": "signed",
    # pool
    "POST pool.assign_chosen": "pool things",
    "GET pool.assign_form": "signed",
    "POST pool.assign_form": "signed",
    "POST pool.claim_chosen": "signed",
    "POST pool.delete_pool": "pool run",
    "GET pool.empty_form": "settings",
    "POST pool.empty_pool": "settings",
    "POST pool.give_back": "see",
    "POST pool.hand_over": "audit",
    "GET pool.leaver_page": "audit",
    "GET pool.lock_form": "see",
    "POST pool.lock_one": "change",
    "POST pool.make_pool": "settings",
    "POST pool.move_chosen": "signed",
    "GET pool.move_form": "signed",
    "POST pool.move_form": "signed",
    "GET pool.new_pool": "settings",
    "GET pool.owner_page": "see",
    "GET pool.people": "pool see",
    "GET pool.pool_page": "signed",
    "GET pool.pool_why": "see",
    "GET pool.return_form": "see",
    "POST pool.save_people": "pool run",
    "POST pool.save_rules": "pool run",
    "POST pool.show_preview": "pool run",
    "POST pool.unlock_chosen": "signed",
    "POST pool.unlock_one": "see",
    # static
    "GET static": "nothing",
}

# Forms and bodies with which a route would go through for somebody who may.
BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "pages.assign": lambda world: {"owner": world.cast.carl},
    "pages.bulk_assign": lambda world: {"owner": world.cast.carl},
    "pages.bulk_edit": lambda world: {"field": "owner", "owner": world.cast.carl},
    "pages.bulk_tags": lambda world: {"add": "evil"},
    "pages.save": lambda world: {"name": "Evil", "subject": "Evil", "version": "1"},
    "pages.save_cell": lambda world: {"name": "Evil", "subject": "Evil", "version": "1"},
    "pages.view_remove": lambda world: {"view": "1"},
    "pages.view_save": lambda world: {"name": "Evil", "scope": "all"},
    "pages.create": lambda world: {"name": "Evil", "subject": "Evil"},
    "pool.assign_chosen": lambda world: {"owner": world.cast.carl},
    "pool.claim_chosen": lambda world: {},
    "api.act assign": lambda world: {"owner": world.cast.bob},
    "api.update": lambda world: {"version": 1, "owner": world.cast.carl},
}

# GETs that write, and why that is no change of anybody's data: endpoint → tables
READING_NOTES: dict[str, frozenset[str]] = {
    "pages.notice_list": frozenset({"notice"}),  # one's own notices become read
    "people.audit_file": frozenset({"audit"}),  # who took the audit log out is in the audit log
}


def expected(line: str, *, is_open: bool) -> list[list[str]]:
    """The statuses, one list for each accepted guard."""
    owned, _, everybodys = line.partition("|")
    chosen = everybodys if everybodys and is_open else owned
    return [GUARDS[name.strip()].split() for name in chosen.split(",")]


def fits(answer: TestResponse, want: str) -> bool:
    """Whether an answer is what the guard says."""
    to_sign_in = answer.status_code in (302, 303) and "/login" in answer.headers.get("Location", "")
    if want == "in":
        return to_sign_in
    if want == "ok":
        return not to_sign_in and answer.status_code < 500 and answer.status_code not in (401, 403, 404)
    return answer.status_code == int(want)


__all__ = ["BODIES", "EXPECTED", "GUARDS", "PARTS", "READING_NOTES", "expected", "fits"]
