"""The text that is signed (overview page, "Request Signing"): the path, then ``name=value;`` of every parameter by name."""

from __future__ import annotations

from collections.abc import Mapping

SIGNATURE = "signature"


def canonical(path: str, params: Mapping[str, str]) -> str:
    """``/verify/data={…};key=…;nonce=…;timestamp=…;`` from decoded values; ``signature`` itself is left out.

    Names are sorted by code point. Nothing stands between the path and the first name, and a ``;`` stands after the last value.
    """
    return path + "".join([f"{name}={params[name]};" for name in sorted(params) if name != SIGNATURE])
