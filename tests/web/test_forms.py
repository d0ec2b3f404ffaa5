"""Pickers, drafts, lines, files: what happens while one fills a form in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Window
    from tests.web.parts_page import Site

pytestmark = pytest.mark.browser


def picker(page: Page, name: str) -> str:
    return f".f:has(> [name={name}]) .ts-control"


# ---------------------------------------------------------------- pickers


def test_a_picker_asks_the_server_as_one_types_and_shows_text_as_text(window: Window, site: Site) -> None:
    page = window.go("/form")
    assert not [path for _, path, _ in site.asked if path.startswith("/options")], "nothing is loaded before one asks"
    page.click(picker(page, "parent"))
    page.keyboard.type("bold")
    option = page.locator(".ts-dropdown:visible .option")
    option.filter(has_text="<b>Bold</b> Ltd").wait_for()
    window.until("document.querySelectorAll('.ts-wrapper.dropdown-active .option').length === 1")
    for _ in range(50):  # each key asks; on a busy machine the last answer comes late
        if site.gets("/options/customers")[-1]["q"] == "bold":
            break
        page.wait_for_timeout(100)
    assert site.gets("/options/customers")[-1]["q"] == "bold"
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('[name=parent]').value") == "5"
    assert page.inner_text(picker(page, "parent")).strip() == "<b>Bold</b> Ltd"
    page.click(".f:has(> [name=parent]) .ts-clear")
    assert page.evaluate("document.querySelector('[name=parent]').value") == ""


def test_another_record_takes_the_place_of_the_one_chosen(window: Window) -> None:
    page = window.go("/form")
    page.click(picker(page, "owner"))
    page.keyboard.type("fenwick")
    page.wait_for_selector(".ts-wrapper.dropdown-active .option:has-text('Fenwick')")
    window.until("document.querySelectorAll('.ts-wrapper.dropdown-active .option').length === 1")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('[name=owner]').value") == "3"


def test_the_choices_of_a_picker_are_not_cut_off_by_a_dialog(window: Window) -> None:
    page = window.go("/parts")
    page.click("#open-dialog")
    page.evaluate(
        "document.querySelector('#d-to').outerHTML ="
        ' \'<select id="d-to" name="to" data-picker data-source="/options/users"><option value=""></option></select>\';'
        "crm.scan(document.querySelector('#a-dialog'))"
    )
    page.wait_for_selector("#a-dialog .ts-control")
    page.click("#a-dialog .ts-control")
    page.wait_for_selector(".ts-dropdown .option:has-text('Lund')")
    last = page.locator(".ts-dropdown .option").last
    box = last.bounding_box()
    assert box
    seen = "([x, y]) => document.elementFromPoint(x, y).closest('.option') !== null"
    assert page.evaluate(seen, [box["x"] + 20, box["y"] + box["height"] / 2])


def test_words_seen_before_are_offered_by_the_browser(window: Window, site: Site) -> None:
    page = window.go("/form")
    page.focus("#i-industry")
    window.until("document.querySelector('#i-industry').list.options.length === 5")
    page.keyboard.type("bra")
    window.until("document.querySelector('#i-industry').list.options.length === 1")
    assert site.gets("/options/words")[-1]["q"] == "bra"


def test_a_missing_record_is_made_on_the_way(window: Window) -> None:
    page = window.go("/form")
    page.click(picker(page, "parent"))
    page.keyboard.type("Oost Koffie")
    page.wait_for_selector(".ts-dropdown .create:has-text('Oost Koffie')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#new-name")
    assert page.input_value("#new-name") == "Oost Koffie"
    page.click("#dialog button:text-is('Keep')")
    page.wait_for_selector("#dialog", state="hidden")
    assert page.evaluate("document.querySelector('[name=parent]').value") == "99"
    assert page.inner_text(picker(page, "parent")).strip() == "Oost Koffie"


def test_several_records_are_added_and_taken_away(window: Window) -> None:
    page = window.go("/form")
    chosen = "[...document.querySelector('select[name=partners]').selectedOptions].map(o => o.value)"
    assert page.evaluate(chosen) == ["2", "4"]
    page.click(f"{picker(page, 'partners')} [data-value='2'] [data-remove]")
    assert page.evaluate(chosen) == ["4"]
    page.keyboard.type("fenwick")
    page.wait_for_selector(".ts-dropdown .option:has-text('Fenwick')")
    page.keyboard.press("Enter")
    assert page.evaluate(chosen) == ["4", "3"]


def test_many_values_are_typed_pasted_and_sent_as_one_text(window: Window) -> None:
    page = window.go("/form")
    value = "document.querySelector('[name=phones]').value"
    page.click(picker(page, "phones"), position={"x": 330, "y": 14})
    page.keyboard.type("0113 1;0113 2；0113 3")
    page.keyboard.press("Enter")
    assert page.evaluate(value) == "01904 555 210; 07700 900 118; 0113 1; 0113 2; 0113 3"
    page.keyboard.press("Backspace")
    assert page.evaluate(value) == "01904 555 210; 07700 900 118; 0113 1; 0113 2"


def test_an_open_list_keeps_a_new_word(window: Window) -> None:
    page = window.go("/form")
    page.click(picker(page, "source"))
    page.keyboard.type("Radio")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('[name=source]').value") == "Radio"


# ---------------------------------------------------------------- small things


def test_likely_duplicates_show_while_one_types_and_can_be_dismissed(window: Window, site: Site) -> None:
    page = window.go("/form")
    page.fill("#i-name", "Wick and Ember")
    page.wait_for_selector("[data-duplicates-here] .note")
    asked = site.gets("/customers/duplicates")[-1]
    assert asked["name"] == "Wick and Ember"
    assert asked["phone"] == "0113 496 0182", "the fields that tell a duplicate, no others"
    assert "notes" not in asked
    page.click("[data-other]")
    assert not page.is_visible("[data-duplicates-here] .note")


def test_parts_show_only_when_they_apply_and_hidden_ones_are_not_sent(window: Window, site: Site) -> None:
    page = window.go("/form")
    page.check("[name=kind][value=person]")
    assert not page.is_visible("#i-tax_number")
    page.fill("#i-name", "Anna")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert "tax_number" not in site.posted("/save")[0]
    assert site.posted("/save")[0]["kind"] == "person"


def test_quick_answers_fill_the_field(window: Window) -> None:
    page = window.go("/form")
    page.click("button:text-is('Today')")
    assert page.input_value("#i-since") == "2026-11-20"


def test_a_password_can_be_seen(window: Window) -> None:
    page = window.go("/login")
    page.fill("#i-password", "secret")
    page.click("[data-reveal]")
    assert page.get_attribute("#i-password", "type") == "text"
    page.click("[data-reveal]")
    assert page.get_attribute("#i-password", "type") == "password"


def test_a_double_click_sends_once(window: Window, site: Site) -> None:
    page = window.go("/form")
    page.fill("#i-name", "Twice")
    site.delay = 0.3
    with page.expect_navigation(url="**/parts"):
        page.dblclick("button:text-is('Keep')")
    assert len(site.posts("/save")) == 1


def test_lines_grow_shrink_and_keep_their_order(window: Window, site: Site) -> None:
    page = window.go("/form")
    names = "[...document.querySelectorAll('.lines tbody [name$=-note]')].map(e => e.name + '=' + e.value)"
    page.click("[data-line-add]")
    page.wait_for_selector(".lines tbody tr:nth-child(3) .ts-control")
    page.fill("[name=lines-2-note]", "Third")
    page.focus(".lines tbody tr:nth-child(3) .grip")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(names) == ["lines-0-note=Third", "lines-1-note=Mailer A4", "lines-2-note=Tray, compostable"]
    page.click(".lines tbody tr:nth-child(2) [data-line-drop]")
    assert page.evaluate(names) == ["lines-0-note=Third", "lines-1-note=Tray, compostable"]
    page.focus("[name=lines-1-note]")
    page.keyboard.press("Enter")
    assert page.locator(".lines tbody tr").count() == 3
    page.fill("#i-name", "Order")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert site.posted("/save")[0]["lines-1-id"] == "2"


def test_the_sum_of_errors_leads_to_the_fields(window: Window) -> None:
    window.expected = ("422",)
    page = window.go("/form")
    page.fill("#i-name", "bad")
    page.click("button:text-is('Keep')")
    page.wait_for_selector(".form-sum")
    assert "1 field needs another look" in page.inner_text(".form-body .note")
    assert page.input_value("#i-name") == "bad"
    page.click(".form-sum a")
    assert page.evaluate("document.activeElement.id") == "i-name"


# ---------------------------------------------------------------- drafts


def test_leaving_asks_and_what_was_typed_can_be_brought_back(window: Window) -> None:
    page = window.go("/form")
    page.wait_for_timeout(500)
    page.click("#i-name")
    page.keyboard.type("Half a customer")
    page.select_option("#i-grade", "A")
    page.wait_for_timeout(450)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    window.go("/parts")
    assert asked == ["beforeunload"]
    page = window.go("/form")
    page.click(".draft button:text-is('Bring it back')")
    assert page.input_value("#i-name") == "Half a customer"
    assert page.input_value("#i-grade") == "A"
    assert not page.is_visible(".draft")


def test_a_draft_is_forgotten_on_request_and_after_it_was_taken(window: Window) -> None:
    page = window.go("/form")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#i-name")
    page.keyboard.type("Gone")
    page.wait_for_timeout(500)
    page = window.go("/form")
    page.click(".draft button:text-is('Forget it')")
    page = window.go("/form")
    page.wait_for_timeout(500)
    assert not page.is_visible(".draft")
    page.click("#i-name")
    page.keyboard.type("Taken")
    page.wait_for_timeout(400)
    with page.expect_navigation(url="**/parts"):
        page.keyboard.press("Control+Enter")
    page = window.go("/form")
    page.wait_for_timeout(500)
    assert not page.is_visible(".draft")


def test_nothing_asks_when_nothing_was_typed(window: Window) -> None:
    page = window.go("/form")
    page.wait_for_timeout(500)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.click("#i-notes")
    window.go("/parts")
    assert asked == []


def test_a_lost_session_keeps_what_was_typed(window: Window, site: Site) -> None:
    window.expected = ("401",)
    page = window.go("/form")
    page.wait_for_timeout(500)
    page.click("#i-name")
    site.signed_in = False
    with page.expect_navigation(url="**/login?next=*"):
        page.keyboard.type("Wick and Ember")  # the look for duplicates is refused
    assert page.url.endswith("next=%2Fform")
    site.signed_in = True
    page = window.go("/form")
    window.until("document.querySelector('#i-name').value === 'Wick and Ember'")
    assert "What you typed is back." in page.inner_text("#toasts")


def test_passwords_and_tokens_are_never_kept(window: Window) -> None:
    page = window.go("/form")
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#i-secret", "hunter2")
    page.click("#i-notes")
    page.keyboard.type("x")
    page.wait_for_timeout(500)
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "x" in kept
    assert "hunter2" not in kept
    assert "token-of-this-page" not in kept


# ---------------------------------------------------------------- files


def test_files_go_up_with_their_record_and_say_what_went_wrong(window: Window, site: Site, tmp_path: Path) -> None:
    window.expected = ("422",)
    for name in ("prices.xlsx", "virus.exe"):
        (tmp_path / name).write_bytes(b"x" * 2000)
    page = window.go("/parts")
    page.set_input_files("#p-file", [tmp_path / "prices.xlsx", tmp_path / "virus.exe"])
    page.wait_for_selector(".file a:has-text('prices.xlsx')")
    page.wait_for_selector(".file .bad:has-text('Programs are not taken.')")
    sent = next(one for one in site.posts("/files") if one["file"] == "prices.xlsx")
    assert (sent["about_type"], sent["about_id"]) == ("customers", "7")
    assert sent["header-token"] == "token-of-this-page"


def test_files_can_be_dropped_and_pasted(window: Window, site: Site) -> None:
    page = window.go("/parts")
    make = "const bag = new DataTransfer(); bag.items.add(new File(['x'], name, {type: 'image/png'}));"
    page.evaluate(
        f"name => {{ {make} const options = {{dataTransfer: bag, bubbles: true, cancelable: true}};"
        "for (const type of ['dragenter', 'dragover', 'drop'])"
        " document.querySelector('[data-drop]').dispatchEvent(new DragEvent(type, options)); }",
        "dropped.png",
    )
    page.wait_for_selector(".file a:has-text('dropped.png')")
    page.evaluate(
        f"name => {{ {make} const options = {{clipboardData: bag, bubbles: true, cancelable: true}};"
        "document.body.dispatchEvent(new ClipboardEvent('paste', options)); }",
        "pasted.png",
    )
    page.wait_for_selector(".file a:has-text('pasted.png')")
    assert [one["file"] for one in site.posted("/files", 2)] == ["dropped.png", "pasted.png"]


def test_a_file_that_is_too_large_is_not_sent(window: Window, site: Site, tmp_path: Path) -> None:
    page = window.go("/parts")
    page.evaluate("document.querySelector('[data-drop]').dataset.max = '1000'")
    (tmp_path / "big.pdf").write_bytes(b"x" * 2048)
    page.set_input_files("#p-file", tmp_path / "big.pdf")
    page.wait_for_selector(".file .bad:has-text('big.pdf is larger than 1 KB')")
    assert not site.posts("/files")


def test_a_file_of_a_plain_form_is_named_and_sent_with_it(window: Window, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"x" * 100)
    page = window.go("/form")
    page.set_input_files("#i-logo", tmp_path / "logo.png")
    assert "logo.png" in page.inner_text(".drop-f [data-names]")


# ---------------------------------------------------------------- the log line


def test_the_log_line_shows_what_it_understood_and_enter_keeps_it(window: Window, site: Site) -> None:
    page = window.go("/record?empty=1")
    page.keyboard.press("l")
    page.keyboard.type("called Bob 5 min")
    page.wait_for_selector(".pv .lab")
    window.until("document.querySelector('.under mark')?.textContent === '5 min'")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("and again")
    window.until("document.querySelector('.under').textContent.includes('again')")
    assert not site.posts("/log/keep")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert site.posted("/log/keep")[0]["text"] == "called Bob 5 min\r\nand again"
