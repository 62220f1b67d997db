"""From the typed document of a file to scenarios, checked against the provider's vocabulary. Notes every mistake and goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET

from mock_server.core import words
from mock_server.core.clock import parse_duration
from mock_server.scenario import document
from mock_server.scenario.matchers import TEXTUAL, Matcher, compile_matcher, shown
from mock_server.scenario.model import CallbackSpec, Condition, Delay, Respond, Scenario, Step, Template
from mock_server.scenario.problems import ERROR, Problem, did_you_mean
from mock_server.scenario.source import Path, Source
from mock_server.scenario.templates import Text, compile_value
from mock_server.scenario.vocabulary import Vocabulary

ROOTS = ("operation", "method", "path", "header", "query", "params", "body", "account", "verification")
_WITH_FIELD = frozenset({"header", "query", "params"})
_WHOLE = frozenset({"operation", "method", "path", "account"})
_ANSWERS = ("outcome", "error", "body", "fault")
_OF_ERROR = ("fields", "detail", "service", "key", "message")
_OF_OUTCOME = ("decline", "review")


def compile_file(source: Source, file: document.File, vocabularies: Mapping[str, Vocabulary]) -> tuple[list[Scenario], list[Problem]]:
    """The file's scenarios, and all that is wrong with them. A scenario with a mistake is still returned, so that lint can go on."""
    vocabulary = vocabularies.get(file.provider)
    if vocabulary is None:
        message = f"there is no provider `{file.provider}`"
        return [], [source.problem(("provider",), "unknown-provider", message, did_you_mean(file.provider, vocabularies))]
    compiler = _Compiler(source, vocabulary)
    scenarios = [compiler.scenario(scenario, ("scenarios", index)) for index, scenario in enumerate(file.scenarios)]
    return scenarios, compiler.problems


class _Compiler:
    def __init__(self, source: Source, vocabulary: Vocabulary) -> None:
        self._source = source
        self._vocabulary = vocabulary
        self.problems: list[Problem] = []

    def note(self, path: Path, rule: str, message: str, remedy: str = "", *, key: bool = False, severity: str = ERROR) -> None:
        self.problems.append(self._source.problem(path, rule, message, remedy, key=key, severity=severity))

    # --- scenario

    def scenario(self, written: document.Scenario, path: tuple[str | int, ...]) -> Scenario:
        steps = self._steps(written, path)
        match = written.match or {}
        operations, words_ = self._operations(match, steps, path)
        place = self._source.place(path)
        return Scenario(
            name=written.name,
            provider=self._vocabulary.provider,
            steps=steps,
            description=written.description or "",
            priority=written.priority or 0,
            operations=operations,
            match=tuple(self._conditions(match, (*path, "match"))),
            is_default=not match,
            is_sequence=written.sequence is not UNSET,
            locale=written.locale or None,
            file=self._source.file,
            line=place.line,
            column=place.column,
            operation_written=words_,
        )

    def _steps(self, written: document.Scenario, path: tuple[str | int, ...]) -> tuple[Step, ...]:
        shared = self._callbacks(written.callbacks, (*path, "callbacks"))
        if isinstance(written.sequence, list):
            if written.respond is not UNSET:
                self.note((*path, "respond"), "respond-and-sequence", "a scenario has `respond` or `sequence`, not both", "move it into the sequence", key=True)
            return tuple(self._step(step, shared, (*path, "sequence", index)) for index, step in enumerate(written.sequence))
        if written.respond is UNSET and written.callbacks is UNSET:
            self.note(path, "no-answer", f"the scenario `{written.name}` says nothing of the answer", "add `respond`, `sequence` or `callbacks`")
        return (Step(self._respond(written.respond, (*path, "respond")), shared),)

    def _step(self, step: document.Step, shared: tuple[CallbackSpec, ...] | None, path: tuple[str | int, ...]) -> Step:
        own = self._callbacks(step.callbacks, (*path, "callbacks"))
        return Step(self._respond(step.respond, (*path, "respond")), shared if own is None else own)

    # --- match

    def _operations(self, match: Mapping[str, Any], steps: Iterable[Step], path: tuple[str | int, ...]) -> tuple[frozenset[str] | None, str]:
        """Which operations it answers (None: all), and what ``match`` demands, in words."""
        known = self._vocabulary.operations
        if "operation" not in match:
            wanted = {step.respond.outcome for step in steps if step.respond and step.respond.outcome}
            able = frozenset(name for name, operation in known.items() if wanted <= operation.outcomes.keys())
            return (able if wanted and able else None), ""
        matcher = self._matcher(match["operation"], True, (*path, "match", "operation"))
        if matcher is None:
            return frozenset(), ""
        chosen = frozenset(name for name in known if matcher.holds(name))
        named = _texts_in(match["operation"])
        for name in named - known.keys():
            self.note((*path, "match", "operation"), "unknown-operation", f"{self._vocabulary.provider} has no operation `{name}`", did_you_mean(name, known))
        if not chosen and named <= known.keys():
            self.note((*path, "match", "operation"), "unknown-operation", f"no operation of {self._vocabulary.provider} is {matcher.expected}", did_you_mean("", known))
        return chosen, matcher.expected

    def _conditions(self, match: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterable[Condition]:
        for written, wanted in match.items():
            parts = tuple(written.split("."))
            root = parts[0]
            if not self._path_is_possible(written, parts, (*path, written)) or root == "operation":
                continue
            matcher = self._matcher(wanted, root in TEXTUAL, (*path, written))
            if matcher is not None:
                yield Condition(("header", written[7:].lower()) if root == "header" else parts, matcher, written)

    def _path_is_possible(self, written: str, parts: tuple[str, ...], path: tuple[str | int, ...]) -> bool:
        root = parts[0]
        if root not in ROOTS:
            below = f"body.{written}"
            remedy = f"for a field of the body write `{below}`" if not _close(root) else did_you_mean(root, ROOTS)
            self.note(path, "unknown-path", f"a match path cannot begin with `{root}`", remedy, key=True)
        elif "" in parts or (len(parts) == 1 and root in _WITH_FIELD):
            self.note(path, "unknown-path", f"`{written}` names no field", f"write for example `{root}.name`", key=True)
        elif len(parts) > 1 and root in _WHOLE:
            self.note(path, "unknown-path", f"`{root}` is a text and has nothing below", f"match `{root}` itself", key=True)
        else:
            return True
        return False

    def _matcher(self, wanted: Any, textual: bool, path: tuple[str | int, ...]) -> Matcher | None:
        try:
            return compile_matcher(_plain(wanted), textual)
        except ValueError as error:
            at = (*path, "regex") if isinstance(wanted, document.Matcher) and wanted.regex is not UNSET else path
            self.note(at, "bad-regex", str(error), r"test it at https://regex101.com (flavour Python), and write it in single quotes: '^\d+$'")
            return None

    # --- respond

    def _respond(self, written: Any, path: tuple[str | int, ...]) -> Respond | None:
        if written is UNSET:
            return None
        self._check_answer(written, path)
        error = None if written.error is UNSET else str(written.error)
        if error is not None and error not in self._vocabulary.errors:
            self.note((*path, "error"), "unknown-error", f"{self._vocabulary.provider} has no error `{error}`", did_you_mean(error, self._vocabulary.errors))
        return Respond(
            outcome=written.outcome or None,
            error=error,
            body=self._value(written.body, (*path, "body")),
            has_body=written.body is not UNSET,
            fault=written.fault or None,
            status=written.status or None,
            headers=tuple(self._headers(written.headers, (*path, "headers"))),
            delay=self._delay(written.delay, (*path, "delay")),
            merge=self._value(written.merge, (*path, "merge")),
            decline=self._decline(written.decline, (*path, "decline")),
            review=self._value(written.review, (*path, "review")),
            **{name: self._value(getattr(written, name), (*path, name)) for name in _OF_ERROR},
        )

    def _check_answer(self, written: document.Respond, path: tuple[str | int, ...]) -> None:
        given = [name for name in _ANSWERS if getattr(written, name) is not UNSET]
        if len(given) > 1:
            both = " and ".join(f"`{name}`" for name in given)
            self.note((*path, given[1]), "several-answers", f"an answer is one of outcome, error, body and fault; this has {both}", "remove all but one", key=True)
        for names, owner in ((_OF_ERROR, "error"), (_OF_OUTCOME, "outcome")):
            for name in names:
                if getattr(written, name) is not UNSET and owner not in given:
                    self.note((*path, name), "without-effect", f"`{name}` has an effect only with `{owner}`", f"add `{owner}`, or remove it", key=True)
        if written.merge is not UNSET and ("body" in given or "fault" in given):
            self.note((*path, "merge"), "without-effect", "`merge` changes a generated answer, and this is none", "write it into `body`", key=True)

    def _headers(self, written: Any, path: tuple[str | int, ...]) -> Iterable[tuple[str, Any]]:
        for name, values in (written or {}).items():
            for value in values if isinstance(values, list) else [values]:
                if isinstance(value, (dict, list)) or value is None:
                    self.note((*path, name), "bad-header", f"the header `{name}` must be a text or a list of texts", 'write for example `Retry-After: "5"`')
                    continue
                text = value if isinstance(value, str) else shown(value)
                if not _is_header(name, text):
                    self.note((*path, name), "bad-header", f"`{name}: {text}` cannot be sent as a header", "use printable characters, and no line breaks", key=True)
                yield name, self._value(text, (*path, name))

    def _delay(self, written: Any, path: tuple[str | int, ...]) -> Delay | None:
        if written is UNSET:
            return None
        if not isinstance(written, document.Distribution):
            return Delay("fixed", self._duration(written, path))
        if (written.uniform is UNSET) == (written.lognormal is UNSET):
            self.note(path, "bad-delay", "a delay has either `uniform` or `lognormal`", "write for example {uniform: [200ms, 2s]}")
            return None
        if isinstance(written.lognormal, document.Lognormal):
            return Delay("lognormal", self._duration(written.lognormal.median, (*path, "lognormal", "median")), written.lognormal.sigma)
        low, high = (self._duration(value, (*path, "uniform", index)) for index, value in enumerate(written.uniform or ()))
        if low > high:
            self.note((*path, "uniform"), "bad-delay", "the first duration is longer than the second", "write the shorter one first")
        return Delay("uniform", low, high)

    def _duration(self, written: Any, path: tuple[str | int, ...]) -> float:
        try:
            seconds = parse_duration(written)
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            self.note(path, "bad-duration", message, remedy)
            return 0.0
        if seconds < 0:
            self.note(path, "bad-duration", f"{shown(written)} is negative", "a duration here is 0 or longer")
        return max(0.0, seconds)

    def _decline(self, written: Any, path: tuple[str | int, ...]) -> Any:
        if written is UNSET:
            return None
        by_service = written if isinstance(written, dict) else {None: written}
        known = self._vocabulary.declines
        for service, codes in by_service.items():
            at = path if service is None else (*path, service)
            if service is not None and service not in self._vocabulary.services:
                remedy = did_you_mean(service, self._vocabulary.services)
                self.note(at, "unknown-service", f"{self._vocabulary.provider} has no service `{service}`", remedy, key=True)
            for index, code in enumerate(codes):
                if code not in known:
                    self.note((*at, index), "unknown-decline", f"`{code}` is no decline code of {self._vocabulary.provider}", did_you_mean(code, known))
        return written

    # --- callbacks

    def _callbacks(self, written: Any, path: tuple[str | int, ...]) -> tuple[CallbackSpec, ...] | None:
        if written is UNSET:
            return None
        return tuple(self._callback(callback, (*path, index)) for index, callback in enumerate(written))

    def _callback(self, written: document.Callback, path: tuple[str | int, ...]) -> CallbackSpec:
        self._check_event(written.event, (*path, "event"))
        types = self._vocabulary.request_types
        if written.requestType is not UNSET and written.requestType not in types:
            self.note((*path, "requestType"), "unknown-request-type", f"`{written.requestType}` is no request type", did_you_mean(str(written.requestType), types))
        return CallbackSpec(
            event=written.event,
            after=0.0 if written.after is UNSET else self._duration(written.after, (*path, "after")),
            url=self._value(written.url, (*path, "url")),
            merge=self._value(written.merge, (*path, "merge")),
            attempts=written.attempts or None,
            deliver=self._deliver(written.deliver or [], (*path, "deliver")),
            request_type=written.requestType or None,
            reference=self._value(written.reference, (*path, "reference")),
        )

    def _check_event(self, name: str, path: tuple[str | int, ...]) -> None:
        events = self._vocabulary.events
        able = [event.name for event in events.values() if event.callback]
        if name not in events:
            self.note(path, "unknown-event", f"{self._vocabulary.provider} has no event `{name}`", did_you_mean(name, able))
        elif not events[name].callback:
            self.note(path, "no-callback-event", f"`{name}` is never sent as a callback", did_you_mean("", able))

    def _deliver(self, written: list[Any], path: tuple[str | int, ...]) -> tuple[Any, ...]:
        for index, message in words.problems(written):
            said, _, remedy = message.partition("; ")
            self.note((*path, index), "bad-deliver", said, remedy or _deliver_remedy(written[index]))
        return tuple(written)

    # --- templates

    def _value(self, value: Any, path: tuple[str | int, ...]) -> Any:
        return None if value is UNSET else compile_value(value, path, self._text)

    def _text(self, text: str, path: tuple[str | int, ...]) -> str | Template:
        from mock_server.scenario.sandbox import TemplateError, compile_text

        place = self._source.place(path)
        try:
            compiled = compile_text(text)
        except TemplateError as error:
            self.note(path, "bad-template", error.message, error.remedy)
            return text
        where = f"{self._source.file}:{place.line}:{place.column}" if place.line else self._source.file
        return Text(text, where, compiled.run)


def _plain(wanted: Any) -> Any:
    """A matcher struct as the mapping it was written as."""
    if not isinstance(wanted, document.Matcher):
        return wanted
    given = {name: getattr(wanted, attribute) for attribute, name in _MATCHER_KEYS if getattr(wanted, attribute) is not UNSET}
    for name in ("not", "any", "all"):
        if name in given:
            inner = given[name]
            given[name] = [_plain(item) for item in inner] if isinstance(inner, list) and name != "not" else _plain(inner)
    return given


_MATCHER_KEYS = tuple(zip(document.Matcher.__struct_fields__, document.Matcher.__struct_encode_fields__))


def _texts_in(wanted: Any) -> set[str]:
    """The texts that a condition on the operation names outright."""
    if isinstance(wanted, str):
        return {wanted}
    if isinstance(wanted, document.Matcher):
        inner = [*(wanted.in_ or ()), *(wanted.any_ or ()), *([wanted.not_] if wanted.not_ is not UNSET else [])]
        return {text for item in inner for text in _texts_in(item)}
    return set()


def _close(root: str) -> bool:
    return "?" in did_you_mean(root, ROOTS)


def _is_header(name: str, text: str) -> bool:
    return bool(name) and all(32 < ord(c) < 127 and c not in '()<>@,;:\\"/[]?={}' for c in name) and all(ord(c) >= 32 and ord(c) < 256 and ord(c) != 127 for c in text)


def _deliver_remedy(raw: Any) -> str:
    name = raw if isinstance(raw, str) else next(iter(raw), "") if isinstance(raw, dict) else ""
    return did_you_mean(str(name), words.WORDS)
