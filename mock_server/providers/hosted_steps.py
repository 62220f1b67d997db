"""What a hosted page guides its user through, as values: a vendor makes the steps, the frame of the hosted pages
shows them one at a time."""

from __future__ import annotations

from typing import NamedTuple


class Picture(NamedTuple):
    """One picture that the user takes or chooses."""

    name: str
    """``document-back``: what the page's script and the tests know it by."""
    shape: str
    """``face``, ``card`` or ``page``: the outline that is shown."""
    camera: str
    """``user`` or ``environment``: which way the camera looks; empty: no camera."""
    upload: bool
    """A picture may be chosen as well as taken."""


class FormOption(NamedTuple):
    """One answer of a question."""

    value: str
    label: str
    description: str = ""


class Question(NamedTuple):
    """A question; the user chooses one or several of its options."""

    name: str
    label: str
    options: tuple[FormOption, ...]
    several: bool = False


class FormField(NamedTuple):
    """One field to fill in."""

    name: str
    """``document.first_name``."""
    label: str
    kind: str
    """Of the input: ``text``, ``date``, ``tel``, ``code``."""
    autocomplete: str = "off"
    value: str = ""
    """What is there already."""


class PageStep(NamedTuple):
    """What the user does on one screen."""

    id: str
    """``document-front``: the fragment of its address."""
    icon: str
    """``face``, ``card``, ``page``, ``phone``, ``bank``, ``person``, ``pen``."""
    title: str
    task: str
    picture: Picture | None = None
    question: Question | None = None
    fields: tuple[FormField, ...] = ()
    quote: str = ""
    """A text that the user copies or reads."""
    hint: str = ""
    """For testers, in English: what the mock does here."""
    checks: bool = False
    """The server looks at what was filled in before the next step."""
