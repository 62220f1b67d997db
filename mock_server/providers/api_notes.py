"""What the descriptions of a vendor's API (OpenAPI, Postman, .http) say in addition to its vocabulary, as data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.providers.answer_types import AnswerTypes, Schema

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class ApiNotes(NamedTuple):
    """Of one vendor. Mappings by operation may leave operations out."""

    server: str = ""
    """The real service's address."""
    signing: str = ""
    """How requests are signed or authenticated, and answers and callbacks checked; Markdown."""
    schemes: Mapping[str, Schema] = _NOTHING
    """OpenAPI security schemes."""
    security: Mapping[str, tuple[str, ...]] = _NOTHING
    """Operation → schemes, one of which is needed."""
    form: Mapping[str, tuple[str, ...]] = _NOTHING
    """Operation → parameters of its form or query that are required; of an operation that is not here, the body is
    JSON."""
    wrapped: str = ""
    """The parameter that holds the JSON of a form."""
    limits: Mapping[str, Schema] = _NOTHING
    """Dotted path below the JSON → what its value must be, in addition to its type."""
    required: Mapping[str, tuple[str, ...]] = _NOTHING
    """Operation → members of the JSON that are required, as dotted paths."""
    wholes: Mapping[str, Schema] = _NOTHING
    """Operation → what is known of its JSON as a whole."""
    examples: Mapping[str, Mapping[str, Any]] = _NOTHING
    """Operation → JSON that is accepted."""
    files: Mapping[str, tuple[str, ...]] = _NOTHING
    """Operation → parameters of its form that are files; the form is then multipart."""
    answers: AnswerTypes = AnswerTypes()
    """What operations answer that grant."""
    callback: str = ""
    """Named type of `answers` that callbacks carry; empty: not known."""
    refusals: Mapping[str, Mapping[str, tuple[str, ...]]] = _NOTHING
    """Operation → status, or ``default``, → named types of `answers`, one of which a refusal is."""
    sent: Mapping[str, Mapping[str, Any]] = _NOTHING
    """Operation → parameters of its form, or its JSON, in the collection and in the file of requests; without it, the
    example. ``{{operation.member.0.member}}`` stands for what the answer to an earlier request holds."""
    refused: frozenset[str] = frozenset()
    """Operations whose request in these files is refused, since it needs a picture, or that somebody acts."""
    last: tuple[str, ...] = ()
    """Operations whose requests come last in these files, since others need what they remove."""
    postman_test: str = ""
    """Script after an answer; ``refused`` says whether this request is of those."""
    http_test: str = ""
    """What httpyac checks of an answer besides status 200."""
    postman: str = ""
    """Pre-request script that sets the variables of the signature."""
    http_script: str = ""
    """The same as the body of a script of httpyac; it reads ``path`` and ``params``."""
