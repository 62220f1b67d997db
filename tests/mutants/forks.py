"""Plugin for pytest: once the tests are collected, a fork of the process for each mutant runs those that call
the mutated function.

mutmut's own runner starts pytest for each mutant, which takes a second; a fork takes milliseconds. Nothing
has run before a fork, so that no cache holds an answer of the function as it was."""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

KILLED, SURVIVED, AT_IMPORT = "k", "s", "at import"
settings.register_profile(
    "mutants", deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
_FORKS = os.cpu_count() or 2
_MEMORY = 4 << 30
Calls = Mapping[str, list[tuple[float, int]]]
"""mutmut's name of a function → the tests that call it, each as the seconds that it takes and its number."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """In place of running the tests: test the mutants that the plan names."""
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.state import state

    plan = json.loads(Path(os.environ["MUTANTS_PLAN"]).read_text("utf-8"))
    module = plan["module"]
    at_import = set(state()._stats)
    answer = Path("calls.json")
    if not _child(lambda: _watch(session, answer)):
        session.testsfailed += 1
        return True
    set_mutant_under_test("")
    calls: dict[str, list[tuple[float, int]]] = json.loads(answer.read_text("utf-8"))
    settings.load_profile("mutants")
    gc.collect()
    gc.freeze()  # or each fork would copy all memory when it collects garbage
    gc.disable()
    forks = _Forks(session, module)
    for name in plan["mutants"]:
        forks.start(name, calls.get(f"{module}.{name.rpartition('__mutmut_')[0]}", []))
    forks.end()
    for name, verdict in forks.verdicts.items():
        if verdict == SURVIVED and f"{module}.{name.rpartition('__mutmut_')[0]}" in at_import:
            forks.verdicts[name] = AT_IMPORT
    Path("verdicts.json").write_text(json.dumps(forks.verdicts), "utf-8")
    return True


def _child(work: Callable[[], bool]) -> bool:
    """Call a function in a fork; its result."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if work() else 1)
    return os.waitpid(pid, 0)[1] == 0


def _watch(session: pytest.Session, answer: Path) -> bool:
    """Run all tests, and write down which functions each calls, its fixtures included: none outlives a test."""
    from mutmut.state import state

    calls: dict[str, list[tuple[float, int]]] = {}
    for number in range(len(session.items)):
        state()._stats.clear()
        started = time.perf_counter()
        _run(session, number, None)
        for function in state()._stats:
            calls.setdefault(function, []).append((time.perf_counter() - started, number))
    answer.write_text(json.dumps({name: sorted(tests) for name, tests in calls.items()}), "utf-8")
    return not session.testsfailed


def _run(session: pytest.Session, number: int, following: int | None) -> None:
    item = session.items[number]
    after = session.items[following] if following is not None and following < len(session.items) else None
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)


class _Forks:
    """The forks that are running, and what came of the others."""

    def __init__(self, session: pytest.Session, module: str) -> None:
        self._session = session
        self._module = module
        self._running: dict[int, tuple[str, float]] = {}
        self.verdicts: dict[str, str] = {}

    def start(self, name: str, tests: Sequence[Sequence[Any]]) -> None:
        """Test a mutant as soon as there is room."""
        if not tests:
            self.verdicts[name] = SURVIVED
            return
        while len(self._running) >= _FORKS:
            self._wait()
        seconds = sum(test[0] for test in tests)
        pid = os.fork()
        if pid == 0:
            self._test(name, [test[1] for test in tests], seconds)
        self._running[pid] = (name, time.monotonic() + 60 + 30 * seconds)

    def end(self) -> None:
        """Wait for all."""
        while self._running:
            self._wait()

    def _wait(self) -> None:
        for pid, (name, deadline) in list(self._running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._running[pid]
                self.verdicts[name] = SURVIVED if status == 0 else KILLED
            elif time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)

    def _test(self, name: str, numbers: Sequence[int], seconds: float) -> None:
        """In the fork: run the tests until one fails, with limits for time and memory. Does not return."""
        from mutmut.mutation.trampoline import set_mutant_under_test

        limit = int(3 + 3 * seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        set_mutant_under_test(f"{self._module}.{name}")
        status = 1
        try:
            for number, following in zip(numbers, [*numbers[1:], None]):
                _run(self._session, number, following)
                if self._session.testsfailed:
                    break
            else:
                status = 0
        finally:
            os._exit(status)
