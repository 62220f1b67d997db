"""Prefix mounts: both APIs may also be reached below ``/cloudcheck`` and ``/shuftipro``."""

from __future__ import annotations

from collections.abc import Sequence


def split_mount(path: str, host: str, mounts: Sequence[str]) -> tuple[str, str]:
    """The mount a path begins with and the path below it: ``/cloudcheck/verify/`` → ``("/cloudcheck", "/verify/")``.

    ``("", path)`` where there is none. A host whose first label is the name of a mount (``shuftipro.localhost:8484``) belongs to
    that vendor alone: below it no other vendor's prefix is recognised.
    """
    if not path.startswith(tuple(mounts)):
        return "", path
    label = "/" + host.partition(":")[0].partition(".")[0].lower()
    for mount in (label,) if label in mounts else mounts:
        if path.startswith(mount) and path[len(mount) : len(mount) + 1] in ("/", ""):
            return mount, path[len(mount) :] or "/"
    return "", path
