"""What can be set about Shufti Pro, for the whole server and for one account. Each doubtful reading of the
vendor's API is here.

`fidelity.ROWS` says of each why it is doubtful and what the default rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from mock_server.core.target import check_url
from mock_server.providers.accounts import Account
from mock_server.providers.sections import Amount, Count, Duration, Patience, check_names, convert

NAME = "shuftipro"
DURATIONS = frozenset({"token_ttl", "complete_after", "callback_wait", "callback_timeout", "proof_ttl"})

Minutes = Annotated[int, msgspec.Meta(ge=1, le=10**8)]
Attempts = Annotated[int, msgspec.Meta(ge=1, le=1000)]
"""Each attempt is stored with its callback."""
Balance = Annotated[float, msgspec.Meta(ge=-(10**9), le=10**9)]
"""Below zero: money that the account owes."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Server-wide settings; durations in seconds once parsed."""

    body_style: Literal["php", "plain"] = "php"
    """``plain``: JSON as JavaScript writes it, for receivers that cannot cope with PHP's."""
    expose_headers: bool = True
    """Whether answers carry ``Access-Control-Expose-Headers``."""
    duplicate_status: Literal[400, 409] = 400
    """HTTP status for a reference that was used before."""
    missing_status: Literal[400, 402] = 400
    """HTTP status for a missing required parameter."""
    unknown_status: Literal[400, 404] = 400
    """HTTP status of ``/status`` and ``/delete`` for an unknown or deleted reference."""
    service_status: Literal[400, 403] = 403
    """HTTP status for a service that the account may not use."""
    sign_unauthorized: bool = True
    """Whether a 401 is signed where the client is known (wrong secret key, used or expired token)."""
    proxy_errors: Literal["json", "page"] = "json"
    """``page``: 504 and 524 are the unsigned HTML page of a proxy."""
    token_ttl: Duration = 600.0
    """Life of an access token."""
    refusal_burns_token: bool = True
    """Whether an access token is used up by a request that is refused."""
    parse_by_content_type: bool = False
    """``true``: a JSON body counts only where the Content-Type says JSON, as PHP's own form parsing would
    have it."""
    check_charsets: bool = True
    """Whether names, addresses and document numbers are checked against the documented characters."""
    check_proofs: bool = True
    """Whether a proof has to be base64 of a documented file type and size."""
    flags_strict: bool = False
    """``true``: only the strings "0" and "1" are flags; numbers and booleans are refused."""
    pending_has_error_key: bool = False
    """Whether ``request.pending`` carries ``"error":""``."""
    closing_has_error_key: bool = True
    """Whether ``verification.cancelled`` and ``request.timeout`` carry ``"error":""``."""
    has_token: bool = True
    """Whether answers and callbacks about a verification carry ``token``."""
    answer_has_declined_reason: bool = False
    """Whether the answer to a request carries ``declined_reason``, as its callback and ``/status`` do."""
    cancelled_has_codes: bool = False
    """Whether ``verification.cancelled`` carries the codes that it was given."""
    result_has_contact: bool = False
    """Whether results carry ``email`` and ``country``."""
    geolocation_extras: bool = False
    """Whether ``geolocation`` has ``ip_type``, ``capital`` and ``currency``."""
    geolocation_country: str = "DE"
    """Where callers are who name no country."""
    browser_name: bool = False
    """Whether ``browser_name`` is filled in."""
    page_path: Literal["/verification/process/", "/process/verification/"] = "/verification/process/"
    """Path of ``verification_url``, in front of its token."""
    ttl: Minutes = 60
    """Minutes that ``verification_url`` lives where the request does not say."""
    ttl_max: Minutes = 43200
    """Largest ``ttl`` a request may ask for, in minutes."""
    complete_after: Duration | None = 2.0
    """How long a verification takes whose end a scenario or magic value has settled, or whose result comes by
    callback; null: forever."""
    complete_polls: Count = 0
    """Which ``/status`` request finds a pending verification finished: the first, second …; 0: asking changes
    nothing."""
    decline_on_single_step: bool = False
    """Whether checks behind a declined one are null where the request does not say."""
    declined_reason: Literal["first", "last"] = "first"
    """Which of the declined codes ``declined_reason`` is the text of."""
    filters_order: Literal["sample", "page"] = "sample"
    """Order of the AML filters where a request names none: the specification's sample's, or that of the
    service's page."""
    hit_score_scale: Literal[1, 100] = 100
    """Scale of the ``score`` of an AML hit."""
    aml_proofs: Literal["report", "empty"] = "report"
    """``proofs`` in the status of a request without pictures: the report, or ``{}``."""
    proof_style: Literal["pea", "storage"] = "pea"
    """Addresses of proofs: POST with the token in the body, or the older GET with the token in the query."""
    proof_ttl: Duration = 900.0
    """Life of the access token of proofs."""
    proof_downloads: Literal["each", "one"] = "each"
    """Whether that token opens each file once, or one file only."""
    status_of_deleted: Literal["request.deleted", "request.invalid"] = "request.deleted"
    """What ``/status`` says of a deleted verification."""
    callbacks_after_delete: Literal["cancelled", "sent"] = "cancelled"
    """What becomes of callbacks that a scenario has scheduled for after ``request.deleted``."""
    redirect_parameters: bool = False
    """Whether ``redirect_url`` gets ``reference`` and ``event`` in its query."""
    rate_limit: Count = 0
    """Requests a minute for accounts that say nothing else; 0: no limit."""
    rate_limit_by: Literal["ip", "account"] = "ip"
    """What is counted."""
    rate_limit_body: Literal["laravel", "envelope"] = "laravel"
    """Body of a 429: ``{"message":"Too Many Attempts."}``, or ``request.invalid``."""
    price: Amount = 0.5
    """What a verification takes from the balance."""
    no_balance: Literal["ignore", "refuse"] = "ignore"
    """``refuse``: 402 once the balance is spent."""
    callback_attempts: Attempts = 10
    """Times a callback is sent before it is given up."""
    callback_wait: Duration = 15.0
    """Time between two attempts."""
    callback_timeout: Patience = 15.0
    """What one attempt may take, in real time."""
    callback_user_agent: str = "GuzzleHttp/7"
    """``User-Agent`` of callbacks."""


class AccountSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shufti Pro's part of an account."""

    CREDENTIALS: ClassVar[tuple[str, ...]] = ("client_id", "secret_key")
    SECRETS: ClassVar[tuple[str, ...]] = ("secret_key",)

    client_id: str
    secret_key: str
    signature: Literal["hashed", "legacy"] = "hashed"
    """``legacy``: registered before 15 March 2023."""
    callback_url: str = ""
    """Where callbacks go when a request names no address."""
    callback_domains: tuple[str, ...] = ()
    """Domains of ``callback_url`` and ``redirect_url`` that are registered, with their subdomains; empty:
    any."""
    services: tuple[str, ...] = ()
    """Services the account may use; empty: all."""
    rate_limit: Count | None = None
    """Requests a minute; 0: no limit; null: as the settings say."""
    name: str = "Mock Merchant Ltd"
    status: Literal["production", "trial"] = "trial"
    balance: Balance = 1000.0
    """What the account had when it was opened."""
    currency: str = "USD"
    subscription_plan_details: dict[str, Any] | None = None
    """Shown by account info where given."""

    @property
    def credential(self) -> str:
        """The client id names the account."""
        return self.client_id


def section_of(account: Account) -> AccountSection:
    """Shufti Pro's part of the account."""
    return account.section(NAME, AccountSection)


def parse_settings(values: Mapping[str, Any]) -> Settings:
    """Settings from a config file's mapping. Raises ``ValueError`` with a remedy for an unknown key or a
    wrong value."""
    from mock_server.providers.shuftipro.countries import COUNTRIES

    settings = convert(values, Settings, DURATIONS)
    if settings.geolocation_country not in COUNTRIES:
        raise ValueError(
            f"geolocation_country: {settings.geolocation_country!r} is not an ISO 3166 code; write for example DE"
        )
    return settings


def parse_account(name: str, values: Mapping[str, Any]) -> AccountSection:
    """An account's section over the defaults of its name. Raises ``ValueError`` with a remedy."""
    from mock_server.providers.shuftipro.services import SERVICES

    defaults: dict[str, Any] = {"client_id": name, "secret_key": f"{name}-secret"}
    if name == "default":
        defaults = {"client_id": "mock-client", "secret_key": "mock-secret-QvT7dR2mZk4Lw9Xb"}
    account = convert({**defaults, **values}, AccountSection)
    if not account.client_id or not account.secret_key:
        raise ValueError("client_id and secret_key cannot be empty")
    if ":" in account.client_id:
        raise ValueError(
            f"client_id: {account.client_id!r} has a colon, which Basic authentication cannot carry"
        )
    check_names("services", account.services, SERVICES)
    check_url("callback_url", account.callback_url)
    return account
