"""The template language of scenario files: Jinja's sandbox, narrowed to JSON values. Imported with the first
template.

* Only expressions, ``if``, ``for`` and ``set``; only the filters and tests of `filters`; no macro, include,
  import or recursion.
* Every name, item and call goes through `values.look` and `values.call`, so that no attribute of a Python
  object is in reach.
* Every loop turn, operation, concatenation and filter spends from the budget of the rendering, so that none
  can run or grow for long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from math import isfinite
from typing import Any, NamedTuple

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError, UndefinedError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context, LoopContext, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context

from mock_server.scenario.filters import FILTERS, TAKES, TESTS
from mock_server.scenario.problems import did_you_mean
from mock_server.scenario.template_errors import in_place_of, plain_words
from mock_server.scenario.values import (
    Absent,
    Budget,
    Function,
    TemplateError,
    apply,
    call,
    kind,
    look,
    measure,
    result,
    text_of,
)

Chain = tuple[str, ...]
"""A name and what is asked of it: ``("request", "body", "reference")``."""


class Program(NamedTuple):
    """A compiled template."""

    run: Callable[[Mapping[str, Any]], Any]
    """Names → value. Raises `values.TemplateError`."""
    chains: tuple[Chain, ...]
    """Every name that it uses, for static checks."""


MAX_RANGE = 10_000
MAX_DIGITS = 400
MAX_NESTING = 40
MAX_TEXT = 20_000
_TURNS, _JOINED = "\0turns", "\0joined"


class _Undefined(StrictUndefined):
    """Jinja's word for `Absent`. Chains on, so that ``default`` can replace a whole path, and complains when
    it is used."""

    __slots__ = ()


class _Names(Context):
    """Jinja's context over names that are made when they are asked for."""

    budget: Budget

    def resolve_or_missing(self, key: str) -> Any:
        if key in self.vars:
            return self.vars[key]
        value = self.parent[key]
        return self.environment.undefined(hint=value.hint) if isinstance(value, Absent) else value


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self._look(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self._look(obj, argument)

    def _look(self, obj: Any, name: Any) -> Any:
        if isinstance(obj, Undefined):
            return obj
        if isinstance(obj, LoopContext):
            return (
                getattr(obj, name)
                if name in _LOOP
                else self.undefined(hint=f"unknown name `{name}` in loop; {did_you_mean(str(name), _LOOP)}")
            )
        value = look(obj, name)
        return self.undefined(hint=value.hint) if isinstance(value, Absent) else value

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        for internal in _JINJA_ARGUMENTS:
            kwargs.pop(internal, None)
        return call(
            _known(obj),
            map(_known, args),
            {name: _known(value) for name, value in kwargs.items()},
            _budget(context),
        )

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        for value in (left, right):
            if isinstance(value, Undefined):
                value._fail_with_undefined_error()
        _check_operands(operator, left, right)
        _budget(context).spend(measure(left) + measure(right))
        if operator == "*" and isinstance(left, (str, list)) and isinstance(right, int):
            _budget(context).spend(measure(left) * max(0, right))
        try:
            return super().call_binop(context, operator, left, right)
        except ZeroDivisionError:
            raise TemplateError("a number is divided by zero", "check the divisor with `if`") from None
        except OverflowError:
            raise TemplateError(_TOO_LARGE) from None
        except TypeError:
            raise TemplateError(
                f"`{operator}` does not work on {kind(left)} and {kind(right)}",
                "join texts with ~, and make a number of a text with `| int`",
            ) from None


_TOO_LARGE = "the number becomes too large"
_JINJA_ARGUMENTS = ("_loop_vars", "_block_vars")
"""Keyword arguments that Jinja adds to a call within a loop or block."""
_LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length")


def _known(value: Any) -> Any:
    return Absent(str(value._undefined_hint)) if isinstance(value, _Undefined) else value


def _check_operands(operator: str, left: Any, right: Any) -> None:
    if operator == "%" and isinstance(left, str):
        raise TemplateError("% formats no text here", "join texts with ~ and round numbers with `| round(2)`")
    if operator == "*" and isinstance(right, (str, list)):
        raise TemplateError("a text is repeated by a number after it", "write for example 'ab' * 3")
    digits = sum(value.bit_length() // 3 for value in (left, right) if isinstance(value, int))
    if digits > MAX_DIGITS or (
        operator == "**" and not (isinstance(right, (int, float)) and abs(right) <= 64)
    ):
        raise TemplateError(_TOO_LARGE)


def _budget(context: Context) -> Budget:
    return context.budget  # type: ignore[attr-defined,no-any-return]


def _limited(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    def run(context: Context, *args: Any, **kwargs: Any) -> Any:
        return apply(
            name,
            function,
            map(_known, args),
            {key: _known(value) for key, value in kwargs.items()},
            _budget(context),
            TAKES.get(name, "a text"),
        )

    return run


@pass_context
def _turns(context: Context, items: Any) -> Iterator[Any]:
    """What every ``for`` goes through: each turn is paid for."""
    items = _known(items)
    if isinstance(items, Absent):
        raise TemplateError(items.hint)
    if not isinstance(items, (list, tuple, dict, str)):
        raise TemplateError("`for` goes through lists, mappings and texts")
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
    texts = [_text(part) for part in parts]
    _budget(context).spend(sum(map(len, texts)))
    return "".join(texts)


def _text(value: Any) -> str:
    return text_of(_known(value))


def _range(*bounds: Any) -> list[int]:
    whole = all(isinstance(bound, int) and not isinstance(bound, bool) for bound in bounds)
    if not (whole and 1 <= len(bounds) <= 3) or bounds[2:] == (0,):
        raise TemplateError(
            "range() takes one to three whole numbers", "write for example range(3) or range(1, 7, 2)"
        )
    numbers = range(*bounds)
    if numbers[MAX_RANGE:]:  # its length may be more than len() can say
        raise TemplateError(f"range() makes at most {MAX_RANGE:,} numbers")
    return list(numbers)


@cache
def environment() -> _Environment:
    """The one environment. It holds no state beyond its tables."""
    env = _Environment(
        undefined=_Undefined, finalize=_text, autoescape=False, cache_size=0, keep_trailing_newline=True
    )
    env.globals.clear()
    env.tests = {name: test for name, test in env.tests.items() if name in TESTS}
    env.filters = {name: _limited(name, function) for name, function in FILTERS.items()}
    env.filters.update({_TURNS: _turns, _JOINED: _joined})
    env.globals["range"] = Function("range", _range)
    return env


_NODES = """
    Template Output TemplateData Name Const Tuple List Dict Pair Keyword CondExpr Filter Test Call Getattr Getitem Slice Concat Compare
    Operand Add Sub Mul Div FloorDiv Mod Pow And Or Not Neg Pos If For Assign
"""
_ALLOWED = frozenset(_NODES.split())
"""The nodes of Jinja's syntax that a template may be made of."""


def compile_template(text: str) -> Program:
    """Raises `TemplateError` for text that is not valid, or asks for what templates may not do."""
    if len(text) > MAX_TEXT:
        raise TemplateError(
            f"the text has {len(text):,} characters; with templates in it the limit is {MAX_TEXT:,}"
        )
    env = environment()
    try:
        tree = env.parse(text)
        _check(tree, 0)
        chains = tuple(_chains(tree))
        return Program(_program(env, tree), chains)
    except TemplateSyntaxError as error:
        raise TemplateError(*plain_words(error.message or "")) from None
    except RecursionError:
        raise TemplateError("the template is nested too deeply") from None


def _check(node: nodes.Node, depth: int) -> None:
    if depth > MAX_NESTING:
        raise TemplateError("the template is nested too deeply")
    if type(node).__name__ not in _ALLOWED:
        raise TemplateError(
            f"`{type(node).__name__.lower().removesuffix('block') or 'block'}` cannot be used in templates",
            "there are expressions, if, for and set",
        )
    if isinstance(node, nodes.For) and node.recursive:
        raise TemplateError("a loop cannot be recursive")
    if isinstance(node, nodes.Call):
        _check_call(node)
    if isinstance(node, nodes.Const) and isinstance(node.value, float) and not isfinite(node.value):
        raise TemplateError(_TOO_LARGE)
    for child in node.iter_child_nodes():
        _check(child, depth + 1)


def _check_call(node: nodes.Call) -> None:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise TemplateError("* and ** cannot be used in a call")
    if isinstance(node.node, nodes.Getattr) and _chain(node.node)[:-1] not in (("fake",), ("random",)):
        name = node.node.attr
        raise TemplateError(
            f"`{name}()` cannot be called: values have no functions",
            in_place_of(name),
        )


def _chains(tree: nodes.Template) -> Iterator[Chain]:
    """The outside names that the template uses, each with what it asks of them."""
    outside = find_undeclared_variables(tree) | {"range"}
    yield from _chains_below(tree, outside)


def _chains_below(node: nodes.Node, outside: set[str]) -> Iterator[Chain]:
    chain = _chain(node)
    if chain and chain[0] in outside:
        yield chain
    for child in () if chain else node.iter_child_nodes():
        yield from _chains_below(child, outside)


def _chain(node: nodes.Node) -> Chain:
    if isinstance(node, nodes.Name) and node.ctx == "load":
        return (node.name,)
    inner = _chain(node.node) if isinstance(node, (nodes.Getattr, nodes.Getitem)) else ()
    if inner and isinstance(node, nodes.Getattr):
        return (*inner, node.attr)
    if inner and isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return (*inner, str(node.arg.value))
    return ()


def _guard(node: Any) -> Any:
    """The same tree with every loop and every ``~`` going through the budget."""
    for name, value in node.iter_fields():
        if isinstance(value, nodes.Node):
            setattr(node, name, _guard(value))
        elif isinstance(value, list):
            setattr(node, name, [_guard(item) if isinstance(item, nodes.Node) else item for item in value])
    if isinstance(node, nodes.For):
        node.iter = _through(_TURNS, node.iter)
    if isinstance(node, nodes.Concat):
        return _through(_JOINED, nodes.List(node.nodes, lineno=node.lineno))
    return node


def _through(name: str, node: Any) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _only_expression(tree: nodes.Template) -> nodes.Expr | None:
    """The expression of a text that is nothing but ``{{ … }}``."""
    if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) and len(tree.body[0].nodes) == 1:
        only = tree.body[0].nodes[0]
        return None if isinstance(only, nodes.TemplateData) else only
    return None


def _program(env: _Environment, tree: nodes.Template) -> Callable[[Mapping[str, Any]], Any]:
    guarded: nodes.Template = _guard(tree)
    expression = _only_expression(guarded)
    if expression is not None:
        guarded = nodes.Template(
            [nodes.Assign(nodes.Name("result", "store", lineno=1), expression, lineno=1)], lineno=1
        )
    guarded.set_environment(env)
    pieces = env.template_class.from_code(env, env.compile(guarded), {}).root_render_func

    def run(names: Mapping[str, Any]) -> Any:
        context = _Names(env, _Parent(names, env.globals), None, {})  # type: ignore[arg-type]
        context.budget = budget = Budget()
        try:
            if expression is None:
                return "".join(_counted(pieces(context), budget))
            for _ in pieces(context):
                pass
            return result(_known(context.vars["result"]))
        except TemplateError:
            raise
        except UndefinedError as error:
            raise TemplateError(str(error.message)) from None
        except TypeError as error:
            raise TemplateError(
                "values of different kinds are compared, or one is used as what it is not",
                "make a number of a text with `| int`, and a text of any value with `| string`",
            ) from error
        except Exception as error:
            raise TemplateError("the template cannot be computed", "write a simpler one") from error

    return run


class _Parent:
    """The outside names as Jinja's context expects them."""

    __slots__ = ("_globals", "_names")

    def __init__(self, names: Mapping[str, Any], globals_: Mapping[str, Any]) -> None:
        self._names = names
        self._globals = globals_

    def __getitem__(self, name: str) -> Any:
        return self._globals[name] if name in self._globals else self._names[name]


def _counted(pieces: Iterable[str], budget: Budget) -> Iterator[str]:
    for piece in pieces:
        budget.spend(len(piece))
        yield piece
