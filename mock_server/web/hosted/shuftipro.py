"""Shufti Pro's verification page: what a user opens at ``verification_url``, and a tester or a test finishes.

``?auto=accepted`` ends it at once, ``?auto=declined&decline=SPDR01,SPDR18&after=2s`` shows it for so long
first. Callbacks are sent before the browser is let go."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse

from mock_server.core.clock import parse_duration
from mock_server.core.records import PENDING, Message
from mock_server.providers.shuftipro import pages
from mock_server.providers.shuftipro.pages import Page
from mock_server.providers.shuftipro.provider import ShuftiPro
from mock_server.providers.shuftipro.routes import PAGES
from mock_server.store.base import DeliveryFilter
from mock_server.web.hosted import LONGEST_WAIT, missing, protect, state, uncached
from mock_server.web.service import Service

RESULT_SECONDS = 3
"""How long the result is shown before the browser goes on."""
CALLBACK_SECONDS = 5.0
"""How long the browser waits for the callback at the most."""


def blueprint(service: Service) -> Blueprint:
    """The pages at the links that the API hands out."""
    hosted = Blueprint("shuftipro", __name__, template_folder="templates")
    hosted.after_request(protect)
    views = _Views(service)
    for number, path in enumerate(PAGES):
        for ending in ("", "<path:rest>"):
            hosted.add_url_rule(f"{path}{ending}", f"malformed{number}", views.malformed, methods=["GET"])
        rule = f"{path}<string(length=64):token>"
        hosted.add_url_rule(rule, f"show{number}", views.show, methods=["GET"], strict_slashes=False)
        hosted.add_url_rule(rule, f"choose{number}", views.choose, methods=["POST"], strict_slashes=False)
    return hosted


class _Views:
    """What is done at a page's address."""

    def __init__(self, service: Service) -> None:
        self._service = service
        provider = service.providers["shuftipro"]
        assert isinstance(provider, ShuftiPro)
        self._provider = provider

    def show(self, token: str) -> BaseResponse:
        page = self._locate(token)
        if page is not None and "state" in request.args:
            return state(not page.open)
        if page is None or not page.open:
            return self._closed(page)
        auto = request.args.get("auto", "")
        return self._automatic(page, token, auto) if auto else _form(page)

    def choose(self, token: str) -> BaseResponse:
        page = self._locate(token)
        if page is None or not page.open:
            return self._closed(page)
        if request.form.get("outcome") in pages.OUTCOMES:
            return self._end(page, token, request.form["outcome"], codes=_codes())
        texts, went_on = page.language.texts, request.form.get("check") or request.form.get("submit")
        if page.codes_are_wrong and went_on and (tries := pages.tries(request.form)) < pages.TRIES:
            return _form(page, at="phone-code", problem=texts("code_wrong"), tries=tries)
        if page.codes_are_wrong and went_on:
            return self._end(page, token, page.suggested, codes=page.declined)
        if not request.form.get("submit"):
            return _form(page, warning="Choose how it ends.")
        if page.suggested in pages.NEED_CONSENT and not page.agreed(request.form):
            return _form(page, at="start", problem=texts("agree_first"))
        return self._end(page, token, page.suggested, codes=page.declined)

    def malformed(self, rest: str = "") -> BaseResponse:
        return missing("shuftipro", "Shufti Pro", "A link of Shufti Pro ends with 64 letters and digits.")

    def _automatic(self, page: Page, token: str, auto: str) -> BaseResponse:
        if auto not in pages.OUTCOMES:
            return _form(
                page, warning=f"auto={auto} is not a way to end it; use one of {', '.join(pages.OUTCOMES)}."
            )
        try:
            wait = min(parse_duration(request.args.get("after", "0")), LONGEST_WAIT)
        except ValueError as problem:
            return _form(page, warning=f"after: {problem}.")
        return (
            _form(page, auto=auto, wait=wait)
            if wait > 0
            else self._end(page, token, auto, codes=_codes(), hurry=True)
        )

    def _locate(self, token: str) -> Page | None:
        return pages.locate(self._service.pipeline.services, token)

    def _end(
        self, page: Page, token: str, outcome: str, *, codes: Sequence[str], hurry: bool = False
    ) -> BaseResponse:
        """End it, see the callbacks off, and let the browser go: to the caller, or to the result first."""
        caller = {"useragent": request.headers.get("User-Agent", ""), "ip": request.remote_addr or ""}
        origin = request.host_url.rstrip("/") + request.script_root
        try:
            sent = pages.finish(
                self._service.backoffice,
                self._provider.lifecycle,
                page,
                outcome,
                decline=codes,
                answers=request.form,
                origin=origin,
                **caller,
            )
        except ValueError as problem:
            return _form(page, warning=f"{problem}.")
        self._see_off(sent)
        ended = self._locate(token)
        onward = (
            pages.leads_to(ended, self._provider.settings)
            if ended is not None and (hurry or not ended.wants("show_results"))
            else ""
        )
        return uncached(redirect(onward or request.script_root + request.path, 303))

    def _see_off(self, sent: Sequence[Message]) -> None:
        """Let the callbacks go, and wait for their first attempt; not for long, and not behind others that
        could not be delivered."""
        store = self._service.store
        for message in sent:
            before, _ = store.deliveries(
                message.account, DeliveryFilter(reference=message.reference, state=PENDING)
            )
            if not any(delivery.attempts for delivery in before):
                self._service.deliver_first([(message.account, message.id)], CALLBACK_SECONDS)
        self._service.dispatcher.wake()

    def _closed(self, page: Page | None) -> BaseResponse:
        if page is None:
            return missing(
                "shuftipro",
                "Shufti Pro",
                "This link was never handed out, or its verification has been deleted.",
            )
        onward = pages.leads_to(page, self._provider.settings)
        context = {"page": page, "onward": onward, "texts": page.language.texts}
        response = make_response(render_template("shuftipro/ended.html", **context))
        if onward:
            response.headers["Refresh"] = f"{RESULT_SECONDS}; url={iri_to_uri(onward)}"
        return uncached(response)


def _codes() -> list[str]:
    """The decline codes of the request: from ticked boxes, or from ``?decline=SPDR01,SPDR18``."""
    values = request.values.getlist("decline")
    return [code for text in values for code in text.upper().replace(",", " ").split()]


def _form(
    page: Page,
    *,
    at: str = "start",
    problem: str = "",
    warning: str = "",
    auto: str = "",
    wait: float = 0.0,
    tries: int = 0,
) -> Response:
    """The page with the steps. ``problem``: what the user must do in the step ``at``; ``warning``: what is wrong,
    for testers."""
    texts, note = page.language
    context = {
        "page": page,
        "texts": texts,
        "note": note,
        "steps": page.steps(texts),
        "at": at,
        "problem": problem,
        "warning": warning,
        "answers": request.form,
        "tries": tries,
        "choices": page.choices,
        "suggested": page.suggested,
        "reasons": page.reasons if pages.OUTCOMES["declined"] in page.choices else (),
        "chosen": request.form.getlist("decline") or page.declined,
        "auto": auto,
        "wait": wait,
    }
    response = make_response(render_template("shuftipro/page.html", **context))
    response.status_code = 400 if problem or warning else 200
    if auto:
        query = urlencode([("auto", auto), *(("decline", code) for code in request.args.getlist("decline"))])
        response.headers["Refresh"] = f"{ceil(wait)}; url=?{query}"
    return uncached(response)
