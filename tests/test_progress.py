"""How long work tells how far it is."""

import io
import json

import pytest

from sfp_core.progress import BarProgress, JsonProgress, LineProgress, Progress, progress_for


def _work(progress: Progress) -> None:
    with progress.stage("speech", total=4) as step:
        for done in range(4):
            step(done + 1)
    progress.warning("2 words are unknown")
    progress.close()


def test_json_lines_are_the_events_of_the_contract() -> None:
    stream = io.StringIO()
    _work(JsonProgress(stream))
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [set(line) for line in lines] == [{"event", "stage", "done", "total", "message"}] * len(lines)
    assert [line["event"] for line in lines] == ["start", "progress", "done", "warning"]  # the rest came too soon
    assert [(line["done"], line["total"]) for line in lines[:3]] == [(0, 4), (1, 4), (4, 4)]
    warning = {"event": "warning", "stage": "speech", "done": None, "total": None, "message": "2 words are unknown"}
    assert lines[3] == warning


def test_the_first_step_of_every_stage_is_told() -> None:
    stream = io.StringIO()
    progress = JsonProgress(stream)
    for name in ("speech", "preview"):
        with progress.stage(name, total=10) as step:
            step(1)
            step(2)
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(e["stage"], e["done"]) for e in events if e["event"] == "progress"] == [("speech", 1), ("preview", 1)]


def test_a_log_gets_warnings_and_no_lines_for_short_stages() -> None:
    stream = io.StringIO()
    _work(LineProgress(stream))
    assert stream.getvalue() == "sfp: warning: 2 words are unknown\n"


def test_a_bar_ends_full_and_shows_a_warning_as_it_is_written() -> None:
    stream = io.StringIO()
    progress = BarProgress(stream)
    with progress.stage("speech", total=4) as step:
        step(4)
    progress.warning("[bold] is no markup")
    progress.close()
    assert "4/4" in stream.getvalue()
    assert "sfp: warning: [bold] is no markup" in stream.getvalue()


def test_stage_seconds_are_kept_also_for_a_stage_that_fails() -> None:
    progress = Progress()
    with pytest.raises(ValueError, match="stop"), progress.stage("speech"):
        raise ValueError("stop")
    assert set(progress.stage_seconds) == {"speech"}


def test_no_bar_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert type(progress_for("auto")) is LineProgress
    assert type(progress_for("json")) is JsonProgress
    assert type(progress_for("none")) is Progress
    _work(progress_for("none"))
    assert capsys.readouterr().err == ""
