"""What the commands say on stderr, and the one boundary where an exception becomes a line and an exit code."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from sfp_core.errors import SfpError
from sfp_core.progress import Mode, Progress, progress_for

STOPPED = 130  # the shells' code for a command that Ctrl-C ended


def say(message: str) -> None:
    """One line of talk."""
    print(f"sfp: {message}", file=sys.stderr)


def line_of(error: BaseException) -> str:
    """What is told about an error, in one line."""
    if isinstance(error, SfpError):
        text = str(error)
    elif isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        text = f"{where}{error.strerror or error}"
    elif isinstance(error, MemoryError):
        text = "out of memory; close other programs, or cut the input in parts"
    else:
        text = f"internal: {type(error).__name__}: {error} (a defect of sfp; SFP_DEBUG=1 shows where)"
    return " ".join(text.split())


@contextmanager
def reporting(mode: Mode) -> Iterator[Progress]:
    """The progress report of one command; with JSON, a failure is told as an event too, and nothing else is said."""
    progress = progress_for(mode)
    try:
        yield progress
    except (Exception, KeyboardInterrupt) as error:
        if mode != "json" or isinstance(error, typer.Exit):
            raise
        stopped = isinstance(error, KeyboardInterrupt)
        progress.tell("failed", progress.current, message="stopped" if stopped else line_of(error))
        raise typer.Exit(STOPPED if stopped else 1) from error
    finally:
        progress.close()


class Boundary(TyperGroup):
    """The root of the commands: every failure leaves here as one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command of this context."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            say("stopped")
            raise typer.Exit(STOPPED) from error
        except BrokenPipeError:  # the reader of our stdout left; typer ends quietly
            raise
        except (SfpError, OSError, MemoryError) as error:
            raise _told(error, ctx) from error
        except Exception as error:
            # typer's own exceptions (usage, exit) carry their code; anything else is a defect
            if hasattr(error, "exit_code"):
                raise
            raise _told(error, ctx) from error


def _told(error: BaseException, ctx: Any) -> typer.Exit:
    if os.environ.get("SFP_DEBUG") or ctx.params.get("debug"):
        traceback.print_exception(error)
    say(f"error: {line_of(error)}")
    return typer.Exit(1)
