"""What can be set about Cloudcheck, for the whole server and for one account. Each doubtful reading of the
vendor's API is here.

`fidelity.ROWS` says of each why it is doubtful and what the default rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Literal

import msgspec

from mock_server.core.target import check_url
from mock_server.providers.sections import Count, Duration, Patience, check_names, convert

Position = Literal["nested", "top"]
DURATIONS = frozenset(
    {
        "timestamp_max_age",
        "timestamp_max_ahead",
        "nonce_memory",
        "complete_after",
        "peid_interval",
        "webhook_timeout",
    }
)
PERMISSIONS = (
    "verify",
    "peid",
    "live",
    "watchlist",
    "tree",
    "idscan",
    "akahu",
    "credfin",
    "document",
    "go",
    "forms",
    "address",
)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Server-wide settings; durations in seconds once parsed."""

    timestamp_max_age: Duration = 900.0
    """103 for a timestamp that is older."""
    timestamp_max_ahead: Duration | None = None
    """103 for a timestamp that is further in the future; null: any is accepted, and a doubtful one is logged
    and explained."""
    timestamp_malformed: Literal[103, 107] = 107
    """What a timestamp that is not a whole number gets."""
    nonce_memory: Duration | None = None
    """A nonce counts as used for so long, on the account's clock; null: for good."""
    refusal_uses_nonce: bool = True
    """Whether a nonce is used up by a correctly signed request that is answered with an error."""
    nonce_max_length: Count = 0
    """107 for a longer nonce; 0: any length."""
    repeated_parameters: Literal["each", "concatenate", "first", "last"] = "each"
    """A parameter that came more than once: ``each`` value is signed and the first is used, or one value is
    both signed and used."""
    malformed_escape: Literal["drop", "keep"] = "drop"
    """What becomes of a parameter with a ``%`` that no two hex digits follow."""
    form_without_content_type: bool = False
    """Whether a body without any Content-Type is read as a form."""
    signed_file: Literal["never", "accepted"] = "accepted"
    """``accepted``: a digest made with ``file=<filename>;`` is right as well."""
    signature_case: Literal["any", "lower"] = "any"
    """Whether upper-case hex digits are right as well."""
    error_position: dict[str, Position] = {}
    """Operation → where *all* its errors stand; ``gate`` → where 101–104, 106, 108, and 107 for
    timestamp or nonce, stand on all other
    endpoints."""
    error_status: int = 200
    """HTTP status of the errors 101–113."""
    content_type: str = "application/json;charset=UTF-8"
    timezone: str = "Pacific/Auckland"
    """Of the times in replies."""
    ip_address: Literal["", "peer"] = ""
    """``ipAddress`` of a verification: empty as recorded in 2020, or the caller's."""
    unknown_capture: Literal["refuse", "ignore"] = "refuse"
    """Whether ``/verify/`` with a ``capturereference`` that is not this account's gets 105."""
    reference_required: bool = False
    """Whether ``/verify/`` without a ``reference`` gets 102."""
    success_needs: Literal["given", "all"] = "given"
    """Which of name, date of birth and address have to be proven: those that were given, or all three."""
    numbers_as_text: bool = True
    """Whether a JSON whole number passes where a text belongs; otherwise it gets 107."""
    check_images: bool = True
    """Whether an uploaded file that is not a picture gets 107."""
    image_download: Literal["open", "signed"] = "open"
    """Whether pictures of a capture can be fetched without a signature."""
    live_items: Literal["sdk", "always"] = "sdk"
    """Who receives the ``items`` of a capture: the vendor's SDKs, by their User-Agent, or everybody."""
    complete_after: Duration = 2.0
    """How long a capture, scan or analysis takes whose end a scenario or a magic value has settled."""
    peid_interval: Duration = 0.0
    """429 for a PEID lookup that comes sooner after the one before; 0: never."""
    webhook_pairs: Literal["specification", "any"] = "specification"
    """Whether lint and ``trigger`` object to an event that the specification does not have for a request
    type."""
    webhook_timeout: Patience = 15.0
    """What one call of a webhook may take, in real time."""
    notification_method: Literal["GET", "POST"] = "GET"
    """How a ``notificationUrl`` is called."""
    callback_parameters: tuple[str, str] = ("reference", "token")
    """Names of what is added to the ``callback`` of Akahu, Credfin and Go: the caller's reference and the
    token."""
    monitoring_result: str = "SUCCESS"
    """``result`` of a reviewed match."""
    deleted_filter: Literal["only", "also"] = "only"
    """``filterIsDeleted=true`` lists only the deleted associations, or those as well."""
    paths: dict[str, str] = {}
    """Operation → path, for the endpoints whose path is not published."""


class AccountSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cloudcheck's part of an account."""

    CREDENTIALS: ClassVar[tuple[str, ...]] = ("key", "secret")
    SECRETS: ClassVar[tuple[str, ...]] = ("secret",)

    key: str
    secret: str
    permissions: frozenset[str] = frozenset(PERMISSIONS)
    webhook_url: str = ""
    """The site webhook; empty: none is called."""

    @property
    def credential(self) -> str:
        """The access key names the account."""
        return self.key


def parse_settings(values: Mapping[str, Any]) -> Settings:
    """Settings from a config file's mapping. Raises ``ValueError`` with a remedy for an unknown key or a
    wrong value.

    `routes.check_settings` checks the settings that name an endpoint."""
    settings = convert(values, Settings, DURATIONS)
    if not 200 <= settings.error_status <= 599:
        raise ValueError(
            f"error_status: {settings.error_status} is not an HTTP status; write for example 200 or 400"
        )
    _check_timezone(settings.timezone)
    return settings


def parse_account(name: str, values: Mapping[str, Any]) -> AccountSection:
    """An account's section over the defaults of its name. Raises ``ValueError`` with a remedy."""
    defaults = {"key": name, "secret": f"{name}-secret"}
    if name == "default":
        defaults = {"key": "MockKey0NotReal1", "secret": "mock-secret-not-real-0123456789ab"}
    account = convert({**defaults, **values}, AccountSection)
    if not account.key or not account.secret:
        raise ValueError("key and secret cannot be empty")
    check_names("permissions", sorted(account.permissions), PERMISSIONS)
    check_url("webhook_url", account.webhook_url)
    return account


def suggestion(word: str, known: Mapping[str, Any] | tuple[str, ...] | list[str]) -> str:
    """`` (did you mean 'x'?)``, or nothing."""
    close = get_close_matches(word, list(known), 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _check_timezone(name: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"timezone: {name!r} is not known here; write for example Pacific/Auckland, Australia/Sydney or UTC"
        ) from None
