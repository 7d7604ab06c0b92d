"""The tree of commands and the options of `sfp` itself."""

from typing import Annotated

import typer

from sfp_core.cli import animate, character, maya, pictures, program, report, sound, takes
from sfp_core.cli.talk import Boundary

app = typer.Typer(
    cls=Boundary,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A recorded line of dialogue in, an animated stylised character out.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from sfp_core import __version__

        print(f"sfp {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback with an error (as SFP_DEBUG=1).")] = False,
) -> None:
    """Options before the command."""


app.command("demo")(animate.demo)
app.command("doctor")(program.doctor)
app.command("info")(program.info)
app.command("animate")(animate.animate)
app.command("phones")(sound.phones)
app.command("landmarks")(sound.landmarks)
app.command("detect")(pictures.detect)
app.command("draw")(pictures.draw)
app.add_typer(character.app, name="character")
app.command("preview")(takes.preview)
app.command("export")(takes.export)
app.command("mark")(takes.mark)
app.command("report")(report.report)
app.command("ui")(maya.ui)
app.add_typer(maya.app, name="maya")
