"""The rows of ``docs/limits.md``: what is bounded, by how much, where that is changed, and which test shows it."""

from __future__ import annotations

from typing import NamedTuple

from mock_server.core import nesting
from mock_server.core.config import BY_NAME, Config
from mock_server.delivery import connection, dispatcher
from mock_server.providers import jsonproblems, multipart, pipeline, repeats
from mock_server.scenario import bounded_regex, names, rows, sandbox, source, values
from mock_server.store import memory, redis_client, sqlite_file
from mock_server.store.filters import HOLD
from mock_server.web import event_bus, gateway, refusal_log, serializers
from mock_server.web.admin import lists, table
from mock_server.web.http import wsgi
from mock_server.web.http.wire import ConnectionLimits

BYTES, SECONDS, COUNT = "bytes", "s", ""


class Limit(NamedTuple):
    """One row."""

    what: str
    value: float
    unit: str
    over: str
    """What happens beyond it."""
    test: str
    option: str = ""
    """Of `serve`, by which it is changed; empty: it is fixed."""
    setting: str = ""
    """Of a vendor in the config file."""

    @property
    def shown(self) -> str:
        """``32 MiB``, ``30 s``, ``1,000``."""
        if self.unit == BYTES:
            for name, size in (("MiB", 2**20), ("KiB", 2**10)):
                if self.value >= size and self.value % size == 0:
                    return f"{self.value / size:,.0f} {name}"
            return f"{self.value:,.0f} bytes"
        return f"{self.value:,g}{' ' if self.unit else ''}{self.unit}"

    @property
    def changed_by(self) -> str:
        """Flag or setting; empty: it is fixed."""
        if self.option:
            return f"`{BY_NAME[self.option].flag}`"
        return f"setting `{self.setting}`" if self.setting else ""


WIRE, CONFIG = ConnectionLimits(), Config()

GROUPS: dict[str, tuple[Limit, ...]] = {
    "Requests": (
        Limit(
            "body",
            CONFIG.max_body,
            BYTES,
            "413",
            "test_a_body_over_the_limit_is_answered_though_it_is_sent_whole",
            "max_body",
        ),
        Limit("header", WIRE.max_head, BYTES, "431", "test_refusals"),
        Limit("header fields, and fields that are repeated", WIRE.max_headers, COUNT, "431", "test_refusals"),
        Limit("path and query", WIRE.max_target, BYTES, "414", "test_refusals"),
        Limit(
            "time for a header",
            WIRE.head_timeout,
            SECONDS,
            "408",
            "test_a_header_that_drips_does_not_live_longer",
        ),
        Limit(
            "silence within a body",
            WIRE.body_timeout,
            SECONDS,
            "408",
            "test_a_request_that_does_not_get_on_is_refused",
        ),
        Limit(
            "time for a client to read an answer on",
            WIRE.body_timeout,
            SECONDS,
            "the connection is closed",
            "test_a_reader_that_has_stopped_reading_is_dropped",
        ),
        Limit(
            "idle connection",
            WIRE.idle_timeout,
            SECONDS,
            "it is closed",
            "test_an_idle_connection_is_closed_in_good_order",
        ),
        Limit(
            "rest of a body that has been refused",
            WIRE.drain_timeout,
            SECONDS,
            "the connection is closed",
            "test_a_client_that_never_ends_its_refused_body_is_dropped",
        ),
        Limit(
            "requests of a connection behind the first",
            WIRE.pipeline,
            COUNT,
            "further ones stay with the sender",
            "test_input_behind_a_full_queue_stays_in_the_kernel",
        ),
        Limit(
            "bodies in flight, of all connections",
            WIRE.in_flight,
            BYTES,
            "503 for bodies of more than 64 KiB",
            "test_bodies_beyond_what_may_be_in_flight_are_refused",
        ),
        Limit(
            "control calls that wait for a thread",
            WIRE.app_queue,
            COUNT,
            "503",
            "test_control_calls_beyond_the_queue_are_refused",
        ),
        Limit("fault `hang`", WIRE.hang_limit, SECONDS, "the connection is closed", "test_hang_is_bounded"),
        Limit(
            "fault `hang` on another WSGI host",
            gateway.HANG_LIMIT,
            SECONDS,
            "the connection is closed",
            "test_a_fault_without_an_answer_makes_the_host_close",
        ),
        Limit(
            "parts of a multipart body",
            multipart.MOST_PARTS,
            COUNT,
            "the vendor's error for a broken body",
            "test_there_is_a_limit_to_the_parts",
        ),
        Limit(
            "header of a part",
            multipart._LONGEST_HEAD,
            BYTES,
            "the part is not read",
            "test_the_longest_header_of_a_part",
        ),
        Limit(
            "text whose JSON is repaired for an explanation",
            jsonproblems._LONGEST,
            COUNT,
            "explained without a repair",
            "test_no_text_takes_long",
        ),
    ),
    "What is stored": (
        Limit(
            "requests of an account",
            CONFIG.journal_limit,
            COUNT,
            "the oldest are deleted",
            "test_the_file_stays_bounded",
            "journal_limit",
        ),
        Limit(
            "bytes of them",
            CONFIG.journal_bytes,
            BYTES,
            "the oldest are deleted",
            "test_the_newest_requests_of_an_account_stay_within_its_bytes",
            "journal_bytes",
        ),
        Limit(
            "finished callbacks of an account",
            CONFIG.journal_limit,
            COUNT,
            "the one that finished first is deleted; pending ones never are",
            "test_finished_deliveries_are_bounded_and_unfinished_ones_are_not",
            "journal_limit",
        ),
        Limit(
            "bytes of them",
            CONFIG.journal_bytes,
            BYTES,
            "the one that finished first is deleted",
            "test_finished_callbacks_stay_within_the_bytes_of_their_account",
            "journal_bytes",
        ),
        Limit(
            "each body of a request or answer",
            CONFIG.journal_body_limit,
            BYTES,
            "its beginning, length and SHA-256 are stored",
            "test_length_and_digest_stand_with_the_beginning",
            "journal_body_limit",
        ),
        Limit(
            "body of a request without known credentials that no vendor serves",
            pipeline._STRANGERS_BODY,
            BYTES,
            "its beginning is stored",
            "test_strangers_do_not_fill_the_journal",
        ),
        Limit(
            f"equal refusals of one stranger within {repeats.WINDOW:g} s",
            repeats.RECORDED,
            COUNT,
            "the last stands for the rest",
            "test_so_many_are_recorded_and_the_last_stands_for_the_rest",
        ),
        Limit(
            "verifications and other records of an account",
            CONFIG.record_limit,
            COUNT,
            "the oldest are deleted",
            "test_the_file_stays_bounded",
            "record_limit",
        ),
        Limit(
            "bytes of them",
            CONFIG.record_bytes,
            BYTES,
            "the oldest are deleted",
            "test_the_newest_records_of_an_account_stay_within_its_bytes",
            "record_bytes",
        ),
        Limit(
            "bytes of requests, in memory also of finished callbacks and records, of all accounts",
            CONFIG.total_bytes,
            BYTES,
            "accounts that were idle longest lose theirs",
            "test_all_accounts_together_stay_within_their_bytes",
            "total_bytes",
        ),
        Limit(
            "accounts, in memory and SQLite",
            memory.ACCOUNTS,
            COUNT,
            "the one that was idle longest is deleted",
            "test_the_account_that_was_silent_longest_is_forgotten",
        ),
        Limit(
            "answer of Redis",
            redis_client.TIMEOUT,
            SECONDS,
            "the store counts as away",
            "test_an_outage_is_survived",
        ),
        Limit(
            "lock of another process on an SQLite file",
            sqlite_file.PATIENCE,
            SECONDS,
            "the store counts as away",
            "test_a_process_that_hangs_in_a_transaction_is_named",
        ),
    ),
    "Control API": (
        Limit(
            "items of a page",
            lists.LIMIT,
            COUNT,
            "400",
            "test_what_is_wrong_is_a_problem_document_that_says_so",
        ),
        Limit(
            "texts in a list",
            serializers.LONG,
            COUNT,
            "they are shortened; a single item is whole",
            "test_a_list_shortens_long_texts_and_a_single_entry_does_not",
        ),
        Limit(
            "`timeout` of a wait",
            table.LONGEST_WAIT,
            SECONDS,
            "400",
            "test_what_is_wrong_is_a_problem_document_that_says_so",
        ),
        Limit(
            "nesting of a body, and of values that are shown",
            nesting.DEPTH,
            COUNT,
            "400; deeper levels are named",
            "test_a_control_call_with_a_deep_body_is_refused_with_the_reason",
        ),
        Limit(
            "pieces pushed to a stream whose client does not read",
            wsgi._BACKLOG,
            COUNT,
            "the connection is closed",
            "test_a_stream_whose_client_does_not_read_is_closed",
        ),
        Limit(
            "changes of an account that a stream may be behind",
            event_bus._REMEMBERED,
            COUNT,
            "the oldest are left out",
            "test_a_burst_is_told_whole_and_in_order",
        ),
        Limit(
            "refusals that wait for their log line",
            refusal_log._WAITING,
            COUNT,
            "the journal alone explains them",
            "test_an_unread_log_keeps_nobody_waiting",
        ),
    ),
    "Scenario files": (
        Limit(
            "file", source.MAX_BYTES, BYTES, "error of the lint", "test_what_is_not_yaml_is_placed_and_mended"
        ),
        Limit(
            "nesting",
            source.MAX_DEPTH,
            COUNT,
            "error of the lint",
            "test_a_hundred_thousand_brackets_are_refused_and_do_not_crash",
        ),
        Limit(
            "values of a file, aliases written out",
            source.MAX_NODES,
            COUNT,
            "error of the lint",
            "test_aliases_cannot_blow_a_small_file_up",
        ),
        Limit(
            "rows of a table",
            rows.MAX_ROWS,
            COUNT,
            "error of the lint",
            "test_a_table_that_is_too_large_is_refused",
        ),
        Limit(
            "file of a table",
            rows.MAX_BYTES,
            BYTES,
            "error of the lint",
            "test_a_table_that_is_too_large_is_refused",
        ),
        Limit(
            "processor time of a regular expression",
            bounded_regex.LIMIT,
            SECONDS,
            "it does not match, and says so",
            "test_what_takes_too_long_cannot_be_told",
        ),
        Limit(
            "size of a regular expression, repetitions written out",
            bounded_regex.MAX_SIZE,
            COUNT,
            "error of the lint",
            "test_a_pattern_that_is_very_large_is_refused",
        ),
        Limit(
            "nesting of a regular expression",
            bounded_regex.MAX_NESTING,
            COUNT,
            "error of the lint",
            "test_a_pattern_that_is_very_large_is_refused",
        ),
        Limit(
            "processor time of a template",
            values.MAX_SECONDS,
            SECONDS,
            "500 that says so",
            "test_nothing_runs_or_grows_for_long",
        ),
        Limit(
            "steps and characters of a template",
            values.MAX_WORK,
            COUNT,
            "500 that says so",
            "test_nothing_runs_or_grows_for_long",
        ),
        Limit(
            "text of a template",
            sandbox.MAX_TEXT,
            COUNT,
            "error of the lint",
            "test_nothing_runs_or_grows_for_long",
        ),
        Limit(
            "nesting of a template",
            sandbox.MAX_NESTING,
            COUNT,
            "error of the lint",
            "test_nothing_runs_or_grows_for_long",
        ),
        Limit(
            "`range` in a template",
            sandbox.MAX_RANGE,
            COUNT,
            "500 that says so",
            "test_nothing_runs_or_grows_for_long",
        ),
        Limit(
            "digits of a number in a template",
            sandbox.MAX_DIGITS,
            COUNT,
            "500 that says so",
            "test_nothing_runs_or_grows_for_long",
        ),
        Limit(
            "values that a template asks of `fake` at once",
            names.MAX_FAKE,
            COUNT,
            "500 that says so",
            "test_nothing_runs_or_grows_for_long",
        ),
        Limit(
            "length that a template asks of `fake`",
            names.MAX_LENGTH,
            COUNT,
            "500 that says so",
            "test_nothing_runs_or_grows_for_long",
        ),
    ),
    "Callbacks": (
        Limit(
            "attempts at one receiver at a time, and never more than are free for all",
            dispatcher.PER_RECEIVER,
            COUNT,
            "further ones wait",
            "test_a_receiver_has_so_many_places_and_a_queue_behind_them",
        ),
        Limit(
            "attempts at all receivers at a time; half of them for receivers that have none",
            dispatcher.IN_FLIGHT,
            COUNT,
            "further ones wait",
            "test_many_dead_receivers_leave_slots_for_a_good_one",
        ),
        Limit(
            "callbacks that wait for a place, of one receiver",
            dispatcher.WAITING,
            COUNT,
            "they go back to the store",
            "test_a_dead_receiver_with_thousands_waiting_starves_no_other",
        ),
        Limit(
            "wait for a response that a callback follows",
            HOLD,
            SECONDS,
            "it is sent",
            "test_a_hold_whose_process_died_ends",
        ),
        Limit(
            "attempts of a callback, Shufti Pro",
            10,
            COUNT,
            "it has failed",
            "test_attempts_and_times_are_settings",
            setting="callback_attempts",
        ),
        Limit(
            "one attempt, Shufti Pro",
            15,
            SECONDS,
            "it has failed, and is tried again",
            "test_a_receiver_that_never_ends_is_left",
            setting="callback_timeout",
        ),
        Limit(
            "one attempt, Cloudcheck",
            15,
            SECONDS,
            "it has failed, and is tried again",
            "test_a_receiver_that_never_ends_is_left",
            setting="webhook_timeout",
        ),
        Limit(
            "answer of a receiver that is read",
            connection.READ_LIMIT,
            BYTES,
            "the rest is not",
            "test_of_ten_megabytes_only_the_first_bytes_are_read",
        ),
        Limit(
            "answer of a receiver that is stored",
            connection.BODY_LIMIT,
            BYTES,
            "the rest is not",
            "test_of_ten_megabytes_only_the_first_bytes_are_read",
        ),
        Limit(
            "header of a receiver's answer",
            connection.HEADER_LIMIT,
            BYTES,
            "the attempt has failed",
            "test_a_failure_has_its_reason",
        ),
    ),
}
