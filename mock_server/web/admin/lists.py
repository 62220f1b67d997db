"""Lists of the control API: newest first, page by page to the oldest, of one account or of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from msgspec import structs

from mock_server.providers.accounts import Account
from mock_server.web.admin.problems import ControlProblem
from mock_server.web.admin.table import AdminRequest, described
from mock_server.web.serializers import SecretRedactor

T = TypeVar("T")
LIMIT = 1000
_SLACK = 50
"""Items of one account that may be stored in another order than that of their times."""


Limit = Annotated[int, described("Items of one page.", 100, ge=1, le=LIMIT)]
Before = Annotated[str, described("Only what is older than the item with this id; `next` has it.")]
Brief = Annotated[bool, described("1: without bodies and headers.")]


@dataclass(frozen=True)
class ListKind(Generic[T]):
    """A kind of list, such as that of requests."""

    name: str
    """The member of the answer that has the items."""
    fetch: Callable[[str, int, str], tuple[list[T], int]]
    """(account, limit, id) → the items that are older than the item with that id, newest first; the number of all
    items."""
    id_of: Callable[[T], str]
    when: Callable[[T], float]
    """The time by which items of several accounts are sorted."""
    show: Callable[[T, SecretRedactor], dict[str, Any]]


@dataclass(frozen=True)
class _Row(Generic[T]):
    """An item and its account."""

    account: Account
    item: T


def listed(request: AdminRequest[Any, Any], kind: ListKind[T]) -> dict[str, Any]:
    """The page that the query asks for. Raises `ControlProblem`."""
    find = _of_all if len(request.accounts) != 1 or request.query.account == "*" else _of_one
    page, total, cursor = find(request, kind)
    redactors = {each.account.name: SecretRedactor(each.account) for each in page}
    link = request.link({**structs.asdict(request.query), "before": cursor}) if cursor else None
    shown = [kind.show(one.item, redactors[one.account.name]) for one in page]
    return {kind.name: shown, "total": total, "next": link}


def _of_one(request: AdminRequest[Any, Any], kind: ListKind[T]) -> tuple[list[_Row[T]], int, str]:
    (account,), limit = request.accounts, request.query.limit
    items, total = kind.fetch(account.name, limit + 1, request.query.before)
    cursor = kind.id_of(items[limit - 1]) if len(items) > limit else ""
    return [_Row(account, item) for item in items[:limit]], total, cursor


def _of_all(request: AdminRequest[Any, Any], kind: ListKind[T]) -> tuple[list[_Row[T]], int, str]:
    limit, bound = request.query.limit, _bound(request.query.before)

    def key(row: _Row[T]) -> tuple[float, str, str]:
        return kind.when(row.item), row.account.name, kind.id_of(row.item)

    everything: list[_Row[T]] = []
    total = 0
    for account in request.accounts:
        items, count = _older(account, kind, key, bound, limit)
        everything += items
        total += count
    everything.sort(key=key, reverse=True)
    page = everything[:limit]
    cursor = "~".join(map(str, key(page[-1]))) if len(everything) > limit else ""
    return page, total, cursor


def _older(
    account: Account,
    kind: ListKind[T],
    key: Callable[[_Row[T]], tuple[float, str, str]],
    bound: tuple[float, str, str] | None,
    limit: int,
) -> tuple[list[_Row[T]], int]:
    """A page of the account's items before the bound, and the number of all its items."""
    size = limit + _SLACK if bound is None else LIMIT
    older: list[_Row[T]] = []
    before = ""
    while True:
        items, total = kind.fetch(account.name, size, before)
        each = (_Row(account, item) for item in items)
        older += [one for one in each if bound is None or key(one) < bound]
        if len(items) < size or len(older) > limit:
            return older, total
        before = kind.id_of(items[-1])


def _bound(cursor: str) -> tuple[float, str, str] | None:
    """Time, account and id of the last item that has been seen."""
    if not cursor:
        return None
    try:
        when, account, name = cursor.split("~", 2)
        return float(when), account, name
    except ValueError:
        raise ControlProblem(
            400, f"before: {cursor!r} is not from a list of all accounts", "follow next of the page before"
        ) from None
