"""A shim: all metadata is in setup.cfg. It takes the shipped scenario files, which lie beside the package, into the wheel, and compiles."""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.errors import BaseError, CCompilerError

from compiled_wheel import extensions, plain


class BuildWithScenarios(build_py):
    """In a checkout, and so in an editable install, the files are used where they are."""

    def run(self) -> None:
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)  # what an earlier build compiled must not outlive its source
        super().run()
        if not self.editable_mode:
            shutil.copytree("scenarios", Path(self.build_lib, "mock_server", "shipped_scenarios"), dirs_exist_ok=True)


class BuildAllOrNothing(build_ext):
    """A compiled module beside one that could not be compiled would not run."""

    def run(self) -> None:
        try:
            super().run()
        except (BaseError, CCompilerError, OSError):
            for extension in self.extensions:
                Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)
            self.extensions = []
            plain("the C compiler fails, as it says above")


setup(
    cmdclass={"build_py": BuildWithScenarios, "build_ext": BuildAllOrNothing},
    ext_modules=extensions() if "bdist_wheel" in sys.argv else [],
)
