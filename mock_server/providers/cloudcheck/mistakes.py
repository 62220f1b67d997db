"""Which of the known mistakes can be made when a Cloudcheck request is signed, and the words for them. The mistakes themselves are
`mock_server.diagnosis.mistakes`."""

from __future__ import annotations

from mock_server.diagnosis.mistake import Stage
from mock_server.diagnosis.search import Profile

PROFILE = Profile(
    stages=frozenset(Stage),
    words={
        "document": "data",
        "construction": "Make an HMAC SHA-256 of the text with the secret as its key.",
        "one_text": (
            "Serialise data once, keep the string, and use that same string both for the signature and in the request."
        ),
        "identifier": "access key",
        "secret": "API secret",
        "digits": "64",
    },
    without=frozenset({"wrong-scheme", "hmac", "secret-missing", "secret-misplaced", "document-encoded"}),
)
