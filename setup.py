"""A shim: all metadata is in setup.cfg. It only takes the shipped scenario files, which lie beside the package, into the wheel."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithScenarios(build_py):
    """In a checkout, and so in an editable install, the files are used where they are."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            shutil.copytree("scenarios", Path(self.build_lib, "mock_server", "shipped_scenarios"), dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithScenarios})
