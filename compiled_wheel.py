"""The build backend: setuptools', which compiles the modules that every request passes through when it makes a wheel.

The sources are the same, the wheel carries them too, and what is compiled behaves as they do, at about twice the speed. An editable install
stays plain Python, so that what runs is what was last written. So does a wheel where nothing can be compiled; it works all the same.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Any

from setuptools import Extension, build_meta
from setuptools.build_meta import *  # noqa: F403

SWITCH = "MOCK_SERVER_COMPILE"
"""Set to 0: plain Python."""
TOOLS = ["mypy==2.4.*", "msgspec>=0.19"]
"""The compiler is mypyc, which comes with mypy; what it knows the types of it compiles better."""

HOT = {
    "core": "ids random",
    "store": "agenda base beacon claims decisions departures folded journal memory replica selecting shelf sqlite world",
    "scenario": "index matchers rendering selection",
    "providers": "accounts base context scenarios",
    "providers/cloudcheck": "canonical documents endpoint formats gate jsontext keeping magic params provider signing sources validation",
    "providers/cloudcheck/handlers": "verify",
    "providers/shuftipro": (
        "aml case creation events gate intake lifecycle links magic parsing phpjson provider results routes rules services signing"
        " validation work"
    ),
    "web": "connection front heads reading service wire",
}
"""Folder of the package → its modules on the way of a request, chosen by what a profile shows. Classes of theirs that others inherit from
are only inherited by modules that stand here as well: compiled code asks for that."""


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """As PEP 517 has it."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *([] if obstacle() else TOOLS)]


def obstacle() -> str:
    """Why nothing is compiled here; empty where nothing is in the way."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if os.environ.get(SWITCH) == "0":
        return f"{SWITCH} is 0"
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "only the usual CPython has been tried"
    if not shutil.which(compiler):
        return f"there is no C compiler ({compiler})"
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Python's C headers are missing; on Debian and Ubuntu: apt-get install python3-dev"
    return ""


def extensions() -> list[Extension]:
    """The C extensions that take the place of the hot modules. Empty, with the reason on stderr, where there cannot be any."""
    reason = obstacle()
    if not reason:
        try:
            return _extensions()
        except ImportError as error:
            reason = str(error)
        except SystemExit:  # its way to say that the types do not fit, with the details on stdout
            reason = "mypyc refuses the sources"
    plain(reason)
    return []


def plain(reason: str) -> None:
    """Say that the wheel has no compiled modules."""
    print(f"kyc-mock-server: installed as plain Python, which is slower: {reason}", file=sys.stderr)


def _extensions() -> list[Extension]:
    from mypyc.build import mypycify

    modules = [f"mock_server/{folder}/{name}.py" for folder, names in HOT.items() for name in names.split()]
    # The settings for developers ask more of the types than there is to know where the dependencies are not installed.
    options = ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent"]
    # -O2 makes nothing faster that could be measured, and takes twice as long.
    made: list[Extension] = mypycify([*options, *modules], opt_level="1", debug_level="0", group_name="mock_server")
    for extension in made:
        # A warning of a compiler that mypyc has not met is no reason to do without.
        extension.extra_compile_args = [*extension.extra_compile_args, "-Wno-error"]
    return made
