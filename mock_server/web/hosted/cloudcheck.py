"""Cloudcheck's hosted pages: what a customer opens, and a tester or a test finishes.

``?auto=match`` ends it at once, ``?auto=match&after=2s`` shows the page for so long first. A page that has
ended elsewhere, by the SDK, a reviewer or a scenario, leads on to the caller's callback."""

from __future__ import annotations

from math import ceil

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse

from mock_server.core.clock import parse_duration
from mock_server.providers.cloudcheck import pages
from mock_server.providers.cloudcheck.pages import Page
from mock_server.providers.hosted_texts import texts
from mock_server.web.hosted import LONGEST_WAIT, missing, protect, state, uncached
from mock_server.web.service import Service

_READING = 3
"""Seconds that a page which ended elsewhere is shown before the browser goes on."""
_NAMES = f"/<any({','.join(pages.PRODUCTS)}):name>/"
_PATH = f"{_NAMES}<string(length=48):token>/"


def blueprint(service: Service) -> Blueprint:
    """The pages at the links that the API hands out."""
    hosted = Blueprint("cloudcheck", __name__, template_folder="templates")
    hosted.after_request(protect)
    views = _Views(service)
    hosted.add_url_rule(_PATH, "show", views.show, methods=["GET"])
    hosted.add_url_rule(_PATH, "choose", views.choose, methods=["POST"])
    for ending in ("", "<path:rest>"):
        hosted.add_url_rule(f"{_NAMES}{ending}", "malformed", views.malformed, methods=["GET"])
    return hosted


class _Views:
    """What is done at a page's address."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def show(self, name: str, token: str) -> BaseResponse:
        page = self._find(name, token)
        if page is None:
            return _unknown()
        if "state" in request.args:
            return state(page.ended)
        auto = request.args.get("auto", "")
        if page.ended:
            return uncached(redirect(page.redirect, 303)) if auto and page.redirect else _ended(page, name)
        return self._automatic(page, name, auto) if auto else _step(page, name)

    def choose(self, name: str, token: str) -> BaseResponse:
        page = self._find(name, token)
        if page is None:
            return _unknown()
        outcome = request.form.get("outcome", page.suggested if request.form.get("submit") else "")
        if outcome not in pages.OUTCOMES:
            return _step(page, name, warning="Choose how it ends.")
        return self._finish(page, outcome)

    def malformed(self, name: str, rest: str = "") -> BaseResponse:
        return missing(
            "cloudcheck", "Cloudcheck", "A link of Cloudcheck ends with 48 letters and digits, and a slash."
        )

    def _find(self, name: str, token: str) -> Page | None:
        return pages.find(self._service.pipeline.services, name, token)

    def _automatic(self, page: Page, name: str, auto: str) -> BaseResponse:
        if auto not in pages.OUTCOMES:
            ways = ", ".join(sorted(pages.OUTCOMES))
            return _step(page, name, warning=f"auto={auto} is not a way to end it; use one of {ways}.")
        try:
            wait = min(parse_duration(request.args.get("after", "0")), LONGEST_WAIT)
        except ValueError as problem:
            return _step(page, name, warning=f"after: {problem}.")
        return _step(page, name, auto=auto, wait=wait) if wait > 0 else self._finish(page, auto)

    def _finish(self, page: Page, outcome: str) -> BaseResponse:
        answers = {field.name: request.values.get(field.name, "") for field in page.product.asks}
        origin = request.host_url.rstrip("/") + request.script_root
        url = pages.finish(self._service.backoffice, page, outcome, answers, origin=origin)
        self._service.dispatcher.wake()
        return uncached(redirect(url or request.script_root + request.path, 303))


def _unknown() -> BaseResponse:
    return missing(
        "cloudcheck", "Cloudcheck", "This link was never handed out, or the account has been reset since."
    )


def _ended(page: Page, name: str) -> Response:
    response = make_response(render_template("cloudcheck/ended.html", page=page, name=name, texts=texts()))
    if page.redirect:
        response.headers["Refresh"] = f"{_READING}; url={iri_to_uri(page.redirect)}"
    return uncached(response)


def _step(page: Page, name: str, *, auto: str = "", wait: float = 0.0, warning: str = "") -> Response:
    context = {
        "page": page,
        "name": name,
        "texts": texts(),
        "steps": page.steps,
        "at": "start",
        "answers": request.form,
        "choices": pages.CHOICES,
        "suggested": page.suggested,
        "settled": page.settled and not page.product.asks and not auto,
        "auto": auto,
        "wait": wait,
        "warning": warning,
    }
    response = make_response(render_template("cloudcheck/page.html", **context))
    response.status_code = 400 if warning else 200
    if auto:
        response.headers["Refresh"] = f"{ceil(wait)}; url=?auto={auto}"
    return uncached(response)
