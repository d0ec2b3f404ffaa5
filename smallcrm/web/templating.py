"""What every template may use: translations, formats, the frame. Pages are compressed on the way out."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from types import FunctionType
from typing import Any

import flask.templating
import jinja2
from flask import Flask, current_app, g, request
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from smallcrm.base import formats, i18n
from smallcrm.base.i18n import HTML_LANG, L, Label, language
from smallcrm.records import labels, settings
from smallcrm.records.custom import fields_of
from smallcrm.records.record import by_key
from smallcrm.web import bundle, cells, drawn, frame, security

SMALLEST = 900  # octets under which compressing costs more than it saves
LEVEL = 4


def fragment(template: str, **context: Any) -> Markup:
    """A drawn template as a part of another one: a record page's panel, a section of today."""
    found = current_app.jinja_env.get_template(template)
    return Markup(found.render({**_variables(), **context}))  # noqa: S704  autoescape has drawn it


def macros(template: str) -> Any:
    """The macros of a template of parts, to be called from here: a third of what a fragment costs."""
    return current_app.jinja_env.get_template(template).module


HOLE = Markup("\ue000rows\ue000")
PAGES = 16  # pages kept for one person


def page_round(template: str, key: tuple[Any, ...], inside: Markup, given: Callable[[], dict[str, Any]]) -> str:
    """A whole page that was drawn before but for what is ``inside`` it: the template has ``rows`` there.

    ``key``: what the rest of the page depends on beside the frame; ``given`` looks it up. Kept as long as the frame keeps its
    entries: until anything is committed.
    """
    round_ = _frame()
    name = current_app.jinja_env.get_template(template)
    if isinstance(round_, frame.Bare) or round_.running or round_.toasts or current_app.jinja_env.auto_reload:
        return name.render({**_variables(), **given(), "rows": inside})
    whole = (template, key, round_.look)
    found = round_.pages.get(whole)
    if found is None:
        if len(round_.pages) >= PAGES:
            round_.pages.clear()
        before, _hole, after = name.render({**_variables(), **given(), "rows": HOLE}).partition(HOLE)
        found = round_.pages[whole] = (before, after)
    return f"{found[0]}{inside}{found[1]}"


def printed(value: Any) -> str:
    """A value as it stands in a page: markup as it is, all else escaped. A template joins its pieces to one text anyhow, so
    none of them is made markup of its own: that was a tenth of a page."""
    kind = type(value)
    if kind is Markup:
        return value
    return _escape_inner(value) if kind is str else escape(value)


class Template(jinja2.Template):
    """A template that prints by ``printed``, and whose macros are imported without asking each time whether the importer has
    other globals: none has."""

    @classmethod
    def from_code(cls, environment: Any, code: Any, globals: Any, uptodate: Any = None) -> Any:
        """The template of a compiled source, as Jinja makes it."""
        namespace = {"environment": environment, "__file__": code.co_filename}
        exec(code, namespace)  # noqa: S102  what Jinja compiled
        namespace["escape"] = printed
        made = cls._from_namespace(environment, namespace, globals)
        made._uptodate = uptodate
        return made

    def _get_default_module(self, ctx: Any = None) -> Any:
        if self._module is None:
            self._module = self.make_module()
        return self._module


class Environment(flask.templating.Environment):
    """An environment that finds a template at hand without a lock: a record's page asks for sixty, most of them macros."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._at_hand: dict[str, jinja2.Template] = {}

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> jinja2.Template:
        """The template of that name."""
        found = self._at_hand.get(name) if globals is None else None
        if found is None:
            found = super().get_template(name, parent, globals)
            if globals is None and not self.auto_reload:
                self._at_hand[name] = found
        return found

    def make_globals(self, d: Any) -> Any:
        """What a template sees beside what it is given, flat: each rendering copies it."""
        return {**self.globals, **d} if d else self.globals


class Context(jinja2.runtime.Context):
    """A context that calls macros and plain functions without asking what each of them wants passed; others as ever."""

    def call(self, called: Any, /, *args: Any, **given: Any) -> Any:
        """``called``: what a template calls."""
        if type(called) is jinja2.runtime.Macro:
            args = (self.eval_ctx, *args)
        elif type(called) is not FunctionType or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *args, **given)
        given.pop("_block_vars", None)
        given.pop("_loop_vars", None)
        return called(*args, **given)


def install(app: Flask) -> None:
    """Hook into the app."""
    app.jinja_environment = Environment
    env = app.jinja_env
    env.template_class = Template
    env.context_class = Context
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.add_extension("jinja2.ext.do")
    env.globals.update(
        _=i18n.translate,
        ngettext=i18n.translate_n,
        pgettext=i18n.translate_p,
        f=formats,
        labels=labels,
        html_lang=lambda: HTML_LANG[language()],
        language=language,
        csrf_token=security.csrf_token,
        setting=settings.get,
        icons_url=LocalProxy(lambda: bundle.current().icons_url),
        css_url=LocalProxy(lambda: bundle.current().css_url),
        columns_known=fields_of,
        kind_of=by_key,
        drop_url=_drop_url,
        pair_input=_pair_input,
        same_words=_same_words,
        bold=_bold,
        **cells.GLOBALS,
        hidden_csrf=lambda: drawn.filled('<input type="hidden" name="csrf_token" value="{}">', security.csrf_token()),
    )
    drawn.install(env)
    app.context_processor(_variables)
    app.after_request(compress)


SAME: dict[str, Label] = {
    "name": L("same name"), "born": L("same name and date of birth"), "guardian": L("same telephone of a guardian"),
    "phone": L("same phone"), "email": L("same e-mail"), "tax": L("same tax number"),
    "wechat": L("same WeChat"), "site": L("same website"), "number": L("same number"),
}  # fmt: skip


def _same_words(by: str) -> str:
    return str(SAME.get(by, by))


def _bold(sentence: str, part: str) -> Markup:
    """The sentence with its ``part`` set off, wherever the language puts it."""
    return Markup(str(escape(sentence)).replace(str(escape(part)), f"<b>{escape(part)}</b>", 1))  # noqa: S704  both escaped


def _drop_url(state: Any, index: int) -> str:
    from smallcrm.web.pages.chips import drop_url

    return drop_url(state, index)


def _pair_input(control: Any, part: str, number: int) -> Any:
    """One end of a "between"."""
    options = {k: v for k, v in control.options.items() if k != "pair"}
    return replace(control, value=part, options={**options, "id": f"chip-value-{number}", "bare": True})


def _variables() -> dict[str, Any]:
    found: dict[str, Any] = {"me": getattr(g, "actor", None)}
    # a fragment seldom needs the frame, a page for strangers never
    found["frame"] = LocalProxy(_frame) if request.headers.get("HX-Request") or getattr(g, "plain", False) else _frame()
    return found


def _frame() -> frame.Frame | frame.Bare:
    if "frame" not in g:
        g.frame = frame.make() if getattr(g, "actor", None) else frame.bare()
    return g.frame


def compress(response: Response) -> Response:
    """Gzip a page for a browser that takes it."""
    if (
        response.status_code < 200
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or not (
            (response.mimetype or "").startswith("text/")
            or (response.mimetype or "").endswith(("json", "javascript", "xml"))
        )
    ):
        return response
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.add("Vary", "Accept-Encoding")
    return response
