"""Metadata is in setup.cfg. This adds the shipped scenario files to the wheel and, on request, compiles modules.

`MOCK_SERVER_COMPILE=1 pip wheel .` compiles the modules that every request passes through with mypyc, from unchanged sources.
"""

import os
import re
import shutil
import sys
from configparser import ConfigParser
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_py import build_py

SHIPPED = {"scenarios": "shipped_scenarios", "examples/plans": "shipped_plans"}
COMPILE = os.environ.get("MOCK_SERVER_COMPILE") == "1"
COMPILER = ["mypy==2.4.*", "msgspec>=0.19"]
COMPILED_PACKAGES = {
    "core": ["clock", "ids", "random"],
    "store": [
        "base",
        "nonce_store",
        "delivery_queue",
        "journal",
        "lanes",
        "lazy_heap",
        "memory",
        "filters",
        "record_table",
        "value_index",
        "account_data",
    ],
    "scenario": ["facts", "index", "matchers", "rendering", "selection"],
    "providers": [
        "accounts",
        "base",
        "cancelling",
        "choice",
        "context",
        "cross_origin",
        "pending_response",
        "pipeline",
        "rejection",
        "routing",
        "scenarios",
        "turns",
        "unserved",
    ],
    "providers/cloudcheck": [
        "canonical",
        "documents",
        "endpoint",
        "formats",
        "gate",
        "json_codec",
        "magic",
        "params",
        "provider",
        "records",
        "routes",
        "signing",
        "sources",
        "timestamps",
        "validation",
    ],
    "providers/cloudcheck/handlers": ["verify"],
    "providers/shuftipro": [
        "aml",
        "case",
        "creation",
        "errors",
        "events",
        "gate",
        "handlers",
        "lifecycle",
        "parsing",
        "phpjson",
        "provider",
        "request_parsing",
        "results",
        "rules",
        "services",
        "signing",
        "validation",
        "verification",
        "work",
    ],
    "web": ["service"],
    "web/http": ["connection", "parser", "server", "wire"],
}


class BuildWithScenarios(build_py):
    """An editable install uses the scenario files where they are."""

    def run(self) -> None:
        if not self.editable_mode:
            shutil.rmtree(
                self.build_lib, ignore_errors=True
            )  # an earlier build may have left compiled modules
        super().run()
        if not self.editable_mode:
            for folder, name in SHIPPED.items():
                shutil.copytree(folder, Path(self.build_lib, "mock_server", name), dirs_exist_ok=True)
            for path in Path(self.build_lib).rglob("*"):
                path.chmod(0o755 if path.is_dir() else 0o644)


def extensions() -> list[Extension]:
    from mypyc.build import mypycify

    modules = [
        f"mock_server/{folder}/{name}.py" for folder, names in COMPILED_PACKAGES.items() for name in names
    ]
    # The settings for developers ask for types of dependencies that a build environment does not have.
    options = ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent"]
    # -O2 compiles twice as long and gains nothing that can be measured.
    compiled: list[Extension] = mypycify(
        [*options, *modules], opt_level="1", debug_level="0", group_name="mock_server"
    )
    for extension in compiled:
        extension.extra_compile_args = [
            *extension.extra_compile_args,
            "-Wno-error",
        ]  # mypyc turns warnings into errors
    return compiled


def long_description() -> str:
    """The README for a registry's page, which has no files beside it: links lead to the repository."""
    metadata = ConfigParser(interpolation=None)
    metadata.read("setup.cfg", "utf-8")
    source = metadata["metadata"]["project_urls"].partition("=")[2].strip()
    text = Path("README.md").read_text("utf-8")
    text = re.sub(r"(!\[[^]]*\]\()(?!https?:|#)", rf"\g<1>{source}/raw/main/", text)
    return re.sub(r"((?<!!)\[[^]]*\]\()(?!https?:|#)", rf"\g<1>{source}/blob/main/", text)


os.umask(0o022)  # with the modes above: the same wheel, whatever the umask of a checkout
setup(
    long_description=long_description(),
    long_description_content_type="text/markdown",
    cmdclass={"build_py": BuildWithScenarios},
    setup_requires=COMPILER if COMPILE else [],
    ext_modules=extensions() if COMPILE and "bdist_wheel" in sys.argv else [],
)
