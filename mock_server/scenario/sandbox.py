"""Runs template text where it can do no harm: Jinja's sandbox, narrowed to values.

* A template sees JSON values, `names.Namespace` and `names.Function`, never an attribute of a Python object.
* Only expressions, ``if``, ``for`` and ``set``; only the filters and tests of `filters`; no macro, include, import or recursion.
* Every loop turn, concatenation and filter spends from the budget of the rendering, so that none can run or grow for long.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError, UndefinedError
from jinja2.runtime import Context, LoopContext, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing, pass_context

from mock_server.scenario.filters import FILTERS, TESTS
from mock_server.scenario.matchers import MISSING
from mock_server.scenario.names import TOP, Function, Namespace
from mock_server.scenario.problems import did_you_mean

MAX_WORK = 100_000
"""Loop turns, and characters or items built or looked at, of one template."""
MAX_SECONDS = 1.0
MAX_RANGE = 10_000
MAX_DIGITS = 1_000
MAX_NESTING = 40


class TemplateError(ValueError):
    """A template that cannot be used or has failed, in words. ``line`` counts from 1 within its text."""

    def __init__(self, message: str, remedy: str = "", line: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.line = line


class Budget:
    """What one rendering may still do."""

    __slots__ = ("_deadline", "_left")

    def __init__(self) -> None:
        self._left = MAX_WORK
        self._deadline = time.monotonic() + MAX_SECONDS

    def spend(self, amount: int) -> None:
        """Raises `TemplateError` when nothing is left."""
        self._left -= amount
        if self._left < 0:
            raise TemplateError(f"the template does too much: more than {MAX_WORK:,} loop turns, characters and items")
        if time.monotonic() > self._deadline:
            raise TemplateError(f"the template takes longer than {MAX_SECONDS:g} s")


class _Names(Context):
    """Jinja's context over names that are made when they are asked for."""

    budget: Budget

    def resolve_or_missing(self, key: str) -> Any:
        if key in self.vars:
            return self.vars[key]
        try:
            value = self.parent[key]
        except KeyError:
            return missing
        return self.environment.undefined(hint=f"there is no `{key}` for this request") if value is MISSING else value


class _Absent(StrictUndefined):
    """A value that is not there: chains on, so that ``default`` can replace a whole path, and complains when it is used."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        return f"`{self._undefined_name}` does not exist; {did_you_mean(str(self._undefined_name), TOP)}"


def measure(value: Any) -> int:
    """How much work a value is: its characters or items; 1 for anything else."""
    return 1 + len(value) if isinstance(value, (str, list, tuple, dict)) else 1


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self._look(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self._look(obj, argument)

    def _look(self, obj: Any, name: Any) -> Any:
        if isinstance(obj, Undefined):
            return obj
        if isinstance(obj, Namespace):
            value = obj.look(name) if isinstance(name, str) else MISSING
            return self._absent(name, obj.title, obj.known()) if value is MISSING else value
        if isinstance(obj, Mapping):
            value = obj.get(name, MISSING) if isinstance(name, (str, int)) else MISSING
            return self._absent(name, "it", obj) if value is MISSING else value
        if isinstance(obj, (list, tuple, str)):
            return self._item(obj, name)
        if isinstance(obj, LoopContext) and name in _LOOP:
            return getattr(obj, name)
        return self.undefined(hint=f"`{name}` is asked of something that has no fields")

    def _item(self, obj: Any, name: Any) -> Any:
        if isinstance(name, str) and re.fullmatch(r"-?[0-9]{1,9}", name):
            name = int(name)
        if isinstance(name, (int, slice)) and not isinstance(name, bool):
            try:
                return obj[name]
            except (IndexError, TypeError, ValueError):
                return self.undefined(hint=f"there is no item {name}: the {'text' if isinstance(obj, str) else 'list'} has {len(obj)}")
        kind = "text" if isinstance(obj, str) else "list"
        return self.undefined(hint=f"a {kind} has no `{name}`; use a filter, such as `| {name if name in FILTERS else 'length'}`")

    def _absent(self, name: Any, owner: str, known: Iterable[str]) -> Undefined:
        return self.undefined(hint=f"`{name}` does not exist in {owner}; {did_you_mean(str(name), [str(key) for key in known])}".rstrip("; "))

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()
        if not isinstance(obj, Function):
            raise TemplateError("only functions can be called, such as uuid(), fake.name() and random.integer(1, 6)")
        try:
            value = obj.call(*args, **kwargs)
        except TemplateError:
            raise
        except Exception as error:
            raise TemplateError(f"{obj.name}: {error}") from error
        _budget(context).spend(measure(value))
        return value

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        budget = _budget(context)
        budget.spend(measure(left) + measure(right))
        _check_operands(operator, left, right)
        if operator == "*" and isinstance(left, (str, list)) and isinstance(right, int):
            budget.spend(len(left) * max(0, right))
        return super().call_binop(context, operator, left, right)


_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})


def _check_operands(operator: str, left: Any, right: Any) -> None:
    if operator == "%" and isinstance(left, str):
        raise TemplateError("% formats no text here", "join texts with ~ and round numbers with `| round(2)`")
    if operator == "*" and isinstance(right, (str, list)):
        raise TemplateError("write the text before the number", "such as 'ab' * 3")
    digits = sum(len(str(abs(value))) if abs(value) < 10**50 else value.bit_length() // 3 for value in (left, right) if isinstance(value, int))
    if operator == "**" and (not isinstance(right, (int, float)) or abs(right) > 64) or digits > MAX_DIGITS:
        raise TemplateError("the number becomes too large")


def _budget(context: Context) -> Budget:
    return context.budget  # type: ignore[attr-defined,no-any-return]


def _limited(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, paying for what it takes and makes."""

    @pass_context
    def run(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        budget = _budget(context)
        budget.spend(measure(value) + sum(map(measure, args)))
        if isinstance(value, Undefined) and name not in ("default", "d"):
            value._fail_with_undefined_error()
        try:
            result = function(value, *args, **kwargs)
        except (TemplateError, UndefinedError):
            raise
        except Exception as error:
            raise TemplateError(f"the filter `{name}`: {error}") from error
        budget.spend(measure(result))
        return result

    return run


@pass_context
def _turns(context: Context, items: Any) -> Iterator[Any]:
    """What every ``for`` goes through: each turn is paid for."""
    if isinstance(items, Undefined):
        items._fail_with_undefined_error()
    if not isinstance(items, (list, tuple, dict, range, str)):
        raise TemplateError("for goes through lists, mappings and texts")
    budget = _budget(context)
    budget.spend(measure(items))
    return _paid(items, budget)


def _paid(items: Iterable[Any], budget: Budget) -> Iterator[Any]:
    for item in items:
        budget.spend(1)
        yield item


@pass_context
def _joined(context: Context, parts: list[Any]) -> str:
    """What ``~`` does."""
    texts = [text_of(part) for part in parts]
    _budget(context).spend(sum(map(len, texts)))
    return "".join(texts)


def _range(*bounds: Any) -> list[int]:
    numbers = range(*bounds)
    if len(numbers) > MAX_RANGE:
        raise TemplateError(f"range() makes at most {MAX_RANGE:,} numbers")
    return list(numbers)


def text_of(value: Any) -> str:
    """A value within a text: JSON's words for booleans, lists and mappings; nothing for null."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    plain = plain_of(value)
    if isinstance(plain, (bool, list, dict)):
        import json

        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return str(plain)


def plain_of(value: Any) -> Any:
    """The value as JSON has it: Faker's dates, decimals and tuples included. Raises `TemplateError` for what is no value."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    if isinstance(value, Mapping):
        return value if type(value) is dict else dict(value)
    if isinstance(value, (list, tuple)):
        return [plain_of(item) for item in value]
    if isinstance(value, (Namespace, Function)):
        name = value.name if isinstance(value, Function) else value.title
        raise TemplateError(f"`{name}` is not a value", f"write {name}()" if isinstance(value, Function) else f"ask it for something, such as {name}.…")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if type(value).__name__ == "Decimal":
        return float(value)
    raise TemplateError(f"a {type(value).__name__} is not a JSON value")


@cache
def environment() -> _Environment:
    """The one environment. It holds no state beyond its tables."""
    env = _Environment(undefined=_Absent, finalize=text_of, autoescape=False, cache_size=0, keep_trailing_newline=True)
    env.context_class = _Names
    env.globals.clear()
    env.filters.clear()
    env.tests = {name: test for name, test in env.tests.items() if name in TESTS}
    env.filters.update({name: _limited(name, function) for name, function in FILTERS.items()})
    env.filters.update({"\0turns": _turns, "\0joined": _joined})
    env.globals["range"] = Function("range", _range)
    return env


_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair, nodes.Keyword,
    nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Call, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Concat, nodes.Compare, nodes.Operand,
    nodes.BinExpr, nodes.UnaryExpr, nodes.If, nodes.For, nodes.Assign, nodes.NSRef,
)  # fmt: skip


class Compiled(NamedTuple):
    """Template text ready to run."""

    run: Callable[[Mapping[str, Any]], Any]
    """Names → value. Raises `TemplateError`."""
    tree: nodes.Template
    """For static checks."""
    is_expression: bool
    """Exactly one expression: the value keeps its type."""


def compile_text(text: str) -> Compiled:
    """Raises `TemplateError` for text that is not valid or asks for what templates may not do."""
    env = environment()
    try:
        tree = env.parse(text)
        _check_tree(tree, 0)
        expression = _only_expression(tree)
        checked = env.parse(text)
        return Compiled(_program(env, _guard(checked), expression), tree, expression)
    except TemplateSyntaxError as error:
        raise TemplateError(_words(error.message or "", text), line=error.lineno) from None
    except RecursionError:
        raise TemplateError("the template is nested too deeply") from None


def _only_expression(tree: nodes.Template) -> bool:
    return len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) and len(tree.body[0].nodes) == 1 and not isinstance(tree.body[0].nodes[0], nodes.TemplateData)


def _check_tree(node: nodes.Node, depth: int) -> None:
    if depth > MAX_NESTING:
        raise TemplateError("the template is nested too deeply", line=node.lineno)
    if not isinstance(node, _ALLOWED):
        word = type(node).__name__.lower()
        raise TemplateError(f"`{word}` cannot be used in templates", "there are expressions, if, for and set", node.lineno)
    if isinstance(node, nodes.For) and node.recursive:
        raise TemplateError("a loop cannot be recursive", line=node.lineno)
    if isinstance(node, nodes.Call) and (node.dyn_args is not None or node.dyn_kwargs is not None):
        raise TemplateError("* and ** cannot be used in a call", line=node.lineno)
    for child in node.iter_child_nodes():
        _check_tree(child, depth + 1)


def _guard(node: Any) -> Any:
    """The same tree with every loop and every ``~`` going through the budget."""
    for name, value in node.iter_fields():
        if isinstance(value, nodes.Node):
            setattr(node, name, _guard(value))
        elif isinstance(value, list):
            setattr(node, name, [_guard(item) if isinstance(item, nodes.Node) else item for item in value])
    if isinstance(node, nodes.For):
        node.iter = _through("\0turns", node.iter)
    if isinstance(node, nodes.Concat):
        return _through("\0joined", nodes.List(node.nodes, lineno=node.lineno))
    return node


def _through(name: str, node: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _program(env: _Environment, tree: nodes.Template, expression: bool) -> Callable[[Mapping[str, Any]], Any]:
    if expression:
        output = tree.body[0]
        assert isinstance(output, nodes.Output)
        tree = nodes.Template([nodes.Assign(nodes.Name("result", "store", lineno=1), output.nodes[0], lineno=1)], lineno=1)
    tree.set_environment(env)
    template = env.template_class.from_code(env, env.compile(tree), {})
    pieces = template.root_render_func

    def run(names: Mapping[str, Any]) -> Any:
        context = _Names(env, names, None, {})  # type: ignore[arg-type]
        context.budget = budget = Budget()
        try:
            if not expression:
                return "".join(_counted(pieces(context), budget))
            for _ in pieces(context):
                pass
            return plain_of(context.vars["result"])
        except UndefinedError as error:
            raise TemplateError(str(error.message)) from None
        except TemplateError:
            raise
        except Exception as error:
            raise TemplateError(f"{type(error).__name__}: {error}") from error

    return run


def _counted(pieces: Iterable[str], budget: Budget) -> Iterator[str]:
    for piece in pieces:
        budget.spend(len(piece))
        yield piece


def _words(message: str, text: str) -> str:
    said = message.strip().rstrip(".")
    unknown = re.search(r"No (filter|test) named '([^']*)'", said)
    if unknown:
        kind, name = unknown.groups()
        return f"there is no {kind} `{name}`; {did_you_mean(name, FILTERS if kind == 'filter' else TESTS)}"
    return f"the template is not valid: {said[:1].lower()}{said[1:]}"
