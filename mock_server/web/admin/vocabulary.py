"""``vocabulary``: the words that scenario files, decisions and events of each vendor may use, and the magic
values."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from mock_server.scenario.vocabulary import Vocabulary
from mock_server.web import fates
from mock_server.web.admin import answers
from mock_server.web.admin.problems import unknown
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query, described


class VocabularyQuery(Query):
    """Whose."""

    provider: Annotated[str, described("Vendor.", "cloudcheck")] = ""


def show(request: AdminRequest[VocabularyQuery, None]) -> dict[str, Any]:
    """By provider."""
    provider_filter, known = request.query.provider, request.service.vocabularies
    if provider_filter and provider_filter not in known:
        raise unknown("provider", provider_filter, known)
    return {"vocabulary": {name: words(known[name]) for name in known if provider_filter in ("", name)}}


def words(vocabulary: Vocabulary) -> dict[str, Any]:
    """What the linter knows, as JSON."""
    return {
        "operations": {
            name: {"method": one.method, "path": one.path, "outcomes": dict(one.outcomes)}
            for name, one in vocabulary.operations.items()
        },
        "errors": dict(vocabulary.errors),
        "events": {
            name: {
                "callback": one.callback,
                "description": one.description,
                "request_types": list(one.request_types),
            }
            for name, one in vocabulary.events.items()
        },
        "request_types": list(vocabulary.request_types),
        "services": list(vocabulary.services),
        "declines": dict(vocabulary.declines),
        "decisions": {kind: list(words) for kind, words in vocabulary.decisions.items()},
        "review_notes": vocabulary.review_notes,
        "statuses": list(vocabulary.statuses),
        "fates": {word: fates.of_word(word) for word in sorted(_words(vocabulary))},
        "magic": msgspec.to_builtins(vocabulary.magic),
    }


def _words(vocabulary: Vocabulary) -> set[str]:
    """Those that say how something ended."""
    outcomes = (word for one in vocabulary.operations.values() for word in one.outcomes)
    decided = (word for words in vocabulary.decisions.values() for word in words)
    return {*outcomes, *decided, *vocabulary.events}


ROUTES = (
    ControlRoute(
        "GET",
        "/vocabulary",
        show,
        "The words each vendor's scenario files may use, and the values that give an outcome with no file edited.",
        {
            "vocabulary": "by provider: operations with their outcomes, errors, events, request_types, services, declines, decisions, "
            "review_notes, statuses, fates (of words that say how something ended), magic"
        },
        VocabularyQuery,
        returns=answers.Vocabulary,
    ),
)
