"""The text that is signed (overview page, "Request Signing"): the path, then ``name=value;`` of every
parameter by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SIGNATURE = "signature"


def canonical(
    path: str, params: Mapping[str, str], repeated: Mapping[str, Sequence[str]] | None = None
) -> str:
    """``/verify/data={…};key=…;nonce=…;timestamp=…;`` from decoded values; ``signature`` itself is left out.

    Names are sorted by code point. Nothing stands between the path and the first name, and a ``;`` stands
    after the last value. ``repeated``: all values of a name that was sent more than once, in the order of
    arrival; each is signed as ``name=value;``."""
    if repeated:
        pairs = [
            (name, value)
            for name in sorted(params)
            if name != SIGNATURE
            for value in repeated.get(name, (params[name],))
        ]
        return path + "".join([f"{name}={value};" for name, value in pairs])
    return path + "".join([f"{name}={params[name]};" for name in sorted(params) if name != SIGNATURE])
