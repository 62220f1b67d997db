"""Shufti Pro's verification page: what a user opens at ``verification_url``, and a tester or a test finishes.

``?auto=accepted`` ends it at once, ``?auto=declined&decline=SPDR01,SPDR18&after=2s`` shows it for so long
first. Callbacks are sent before the browser is let go."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TypeVar
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
from mock_server.web.hosted import protect
from mock_server.web.service import Service

R = TypeVar("R", bound=BaseResponse)
RESULT_SECONDS = 3
"""How long the result is shown before the browser goes on."""
CALLBACK_SECONDS = 5.0
"""How long the browser waits for the callback at the most."""
_LONGEST_WAIT = 3600.0


def blueprint(service: Service) -> Blueprint:
    """The pages at the links that the API hands out."""
    hosted = Blueprint("shuftipro", __name__, template_folder="templates")
    hosted.after_request(protect)
    views = _Views(service)
    for number, path in enumerate(PAGES):
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
        if page is None or not page.open:
            return self._closed(page)
        auto = request.args.get("auto", "")
        if not auto:
            return _form(page)
        if auto not in pages.OUTCOMES:
            return _form(
                page, problem=f"auto={auto} is no way to end it; there are {', '.join(pages.OUTCOMES)}."
            )
        try:
            wait = min(parse_duration(request.args.get("after", "0")), _LONGEST_WAIT)
        except ValueError as problem:
            return _form(page, problem=f"after: {problem}.")
        return _form(page, auto=auto, wait=wait) if wait > 0 else self._end(page, token, auto, hurry=True)

    def choose(self, token: str) -> BaseResponse:
        page = self._locate(token)
        if page is None or not page.open:
            return self._closed(page)
        outcome = request.form.get("outcome", "")
        if outcome not in pages.OUTCOMES:
            return _form(page, problem="Choose how it ends.")
        if outcome in pages.NEED_CONSENT and page.wants("show_consent") and not request.form.get("consent"):
            return _form(page, problem="Agree first, or choose another end.")
        return self._end(page, token, outcome)

    def _locate(self, token: str) -> Page | None:
        return pages.locate(self._service.pipeline.services, token)

    def _end(self, page: Page, token: str, outcome: str, *, hurry: bool = False) -> BaseResponse:
        """End it, see the callbacks off, and let the browser go: to the caller, or to the result first."""
        codes = [
            code
            for text in request.values.getlist("decline")
            for code in text.upper().replace(",", " ").split()
        ]
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
            return _form(page, problem=f"{problem}.")
        self._see_off(sent)
        ended = self._locate(token)
        onward = (
            pages.leads_to(ended, self._provider.settings)
            if ended is not None and (hurry or not ended.wants("show_results"))
            else ""
        )
        return _uncached(redirect(onward or request.script_root + request.path, 303))

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

    def _closed(self, page: Page | None) -> Response:
        onward = pages.leads_to(page, self._provider.settings) if page is not None else ""
        response = make_response(
            render_template(
                "shuftipro/ended.html" if page else "shuftipro/missing.html", page=page, onward=onward
            )
        )
        response.status_code = 200 if page is not None else 404
        if onward:
            response.headers["Refresh"] = f"{RESULT_SECONDS}; url={iri_to_uri(onward)}"
        return _uncached(response)


def _form(page: Page, *, auto: str = "", wait: float = 0.0, problem: str = "") -> Response:
    steps = list(pages.steps(page))
    response = make_response(
        render_template("shuftipro/page.html", page=page, steps=steps, auto=auto, wait=wait, problem=problem)
    )
    response.status_code = 400 if problem else 200
    if auto:
        query = urlencode([("auto", auto), *(("decline", code) for code in request.args.getlist("decline"))])
        response.headers["Refresh"] = f"{ceil(wait)}; url=?{query}"
    return _uncached(response)


def _uncached(response: R) -> R:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
