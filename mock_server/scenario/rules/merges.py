"""Keys that a ``merge`` adds to an answer which never has them: mostly written one level too high."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.scenario.facts import walk
from mock_server.scenario.model import Scenario
from mock_server.scenario.problems import suggestion
from mock_server.scenario.rules.finding import LintFinding, operations_of, responds_of
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.scenario.yaml_text import one_line


def stray_merges(
    written: Mapping[str, Any], scenario: Scenario, vocabulary: Vocabulary
) -> Iterator[LintFinding]:
    answers = [operation.answer for operation in operations_of(scenario, vocabulary)]
    if not answers or not all(answers):
        return
    known = sorted(frozenset[str]().union(*answers))
    for path, respond in responds_of(scenario):
        merge = walk(written, [str(part) for part in (*path, "merge")])
        for key in merge if isinstance(merge, Mapping) and respond.error is None else ():
            if key not in known:
                message = f"no answer has the key `{key}` at its top level"
                if "." in key and key.split(".")[0] in known:
                    nested = one_line(_nested(key.split("."), merge[key]))
                    remedy = f"write mappings, not dots: `merge: {nested}`"
                    yield LintFinding((*path, "merge", key), "stray-key", message, remedy, key=True)
                    continue
                remedy, fix = suggestion(key, known)
                if fix is None and len(known) == 1:
                    remedy = f"write it below `{known[0]}`: `merge: {{{known[0]}: {{{key}: …}}}}`"
                yield LintFinding((*path, "merge", key), "stray-key", message, remedy, key=True, fix=fix)


def _nested(parts: Sequence[str], value: Any) -> Any:
    return {parts[0]: _nested(parts[1:], value)} if parts else value
