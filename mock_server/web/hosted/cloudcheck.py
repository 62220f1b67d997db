"""Cloudcheck's hosted pages: what a customer opens, and a tester or a test finishes.

``?auto=match`` ends it at once, ``?auto=match&after=2s`` shows the page for so long first. A page that has
ended elsewhere, by the SDK, a reviewer or a scenario, leads on to the caller's callback."""

from __future__ import annotations

from math import ceil
from typing import TypeVar

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse

from mock_server.core.clock import parse_duration
from mock_server.providers.cloudcheck import pages
from mock_server.providers.cloudcheck.pages import Page
from mock_server.web.hosted import protect
from mock_server.web.service import Service

_READING = 3
"""Seconds that a page which ended elsewhere is shown before the browser goes on."""
R = TypeVar("R", bound=BaseResponse)
_PATH = f"/<any({','.join(pages.PRODUCTS)}):name>/<string(length=48):token>/"


def blueprint(service: Service) -> Blueprint:
    """The pages at the links that the API hands out."""
    hosted = Blueprint("cloudcheck", __name__, template_folder="templates")
    hosted.after_request(protect)

    @hosted.get(_PATH)
    def show(name: str, token: str) -> BaseResponse:
        page = pages.find(service.pipeline.services, name, token)
        auto = request.args.get("auto", "")
        if page is None or not auto:
            return _show(page, name)
        if page.ended:
            return _uncached(redirect(page.redirect, 303)) if page.redirect else _show(page, name)
        if auto not in pages.OUTCOMES:
            return _show(
                page,
                name,
                problem=f"auto={auto} is no way to end it; there are {', '.join(sorted(pages.OUTCOMES))}.",
            )
        try:
            wait = parse_duration(request.args.get("after", "0"))
        except ValueError as problem:
            return _show(page, name, problem=f"after: {problem}.")
        return _show(page, name, auto=auto, wait=min(wait, 3600.0)) if wait > 0 else _finish(page, name, auto)

    @hosted.post(_PATH)
    def choose(name: str, token: str) -> BaseResponse:
        page = pages.find(service.pipeline.services, name, token)
        outcome = request.form.get("outcome", "")
        if page is None or outcome not in pages.OUTCOMES:
            return _show(page, name, problem="Choose how it ends." if page else "")
        return _finish(page, name, outcome)

    def _finish(page: Page, name: str, outcome: str) -> BaseResponse:
        answers = {field: request.values.get(field, "") for field, _, _ in page.product.asks}
        url = pages.finish(
            service.backoffice,
            page,
            outcome,
            answers,
            origin=request.host_url.rstrip("/") + request.script_root,
        )
        service.dispatcher.wake()
        return _uncached(redirect(url or request.script_root + request.path, 303))

    return hosted


def _show(page: Page | None, name: str, *, auto: str = "", wait: float = 0.0, problem: str = "") -> Response:
    template = "missing" if page is None else ("ended" if page.ended else "page")
    response = make_response(
        render_template(
            f"cloudcheck/{template}.html",
            page=page,
            name=name,
            choices=pages.CHOICES,
            auto=auto,
            wait=wait,
            problem=problem,
        )
    )
    response.status_code = 404 if page is None else (400 if problem else 200)
    refresh = _refresh(page, auto, wait)
    if refresh:
        response.headers["Refresh"] = refresh
    return _uncached(response)


def _refresh(page: Page | None, auto: str, wait: float) -> str:
    """What the browser does by itself: end the page, go back to the caller, or look whether it has ended
    meanwhile."""
    if page is None:
        return ""
    if page.ended:
        return f"{_READING}; url={iri_to_uri(page.redirect)}" if page.redirect else ""
    if auto:
        return f"{ceil(wait)}; url=?auto={auto}"
    return str(_READING) if page.settled and not page.product.asks else ""


def _uncached(response: R) -> R:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
