"""A page for the customer's browser; imported only when a browser asks for pages."""

from typing import Any

from flask import Blueprint


def blueprint(service: Any) -> Blueprint:
    pages = Blueprint("harbour", __name__)

    @pages.get("/harbour-page/<reference>")
    def page(reference: str) -> str:
        return f"<!doctype html><title>Harbour ID</title><h1>Check</h1><p>{len(reference)} characters of reference</p>"

    return pages
