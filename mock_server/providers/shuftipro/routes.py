"""Names of the operations, and the paths of files and pages. `endpoints` has the table."""

from __future__ import annotations

import re

VERIFICATION, STATUS, DELETE = "verification", "status", "delete"
ACCOUNT_INFO, ACCESS_TOKEN, DECLINE_REASONS, PROOF = (
    "account-info",
    "access-token",
    "decline-reasons",
    "proof",
)
FILES = "/api/pea/"
"""Followed by 40 hex digits."""
OLD_FILES = "/storage/"
"""Followed by 40 hex digits, the service and the file's name."""

PAGES = ("/verification/process/", "/process/verification/")
"""In front of the token of a verification page; both lead to it, whichever is handed out."""


_PAGE = re.compile(f"(?:{'|'.join(PAGES)})[A-Za-z0-9]{{64}}/?")


def is_page(path: str) -> bool:
    """Whether the path is that of a verification page, handed out or not."""
    return _PAGE.fullmatch(path) is not None


def is_file(path: str) -> bool:
    """Whether the path is that of a file, which its own token opens in place of credentials."""
    return path.startswith((FILES, OLD_FILES))
