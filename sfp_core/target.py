"""Where a take goes: a folder, or one file chosen by its suffix; never over something that is not a take."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sfp_core.errors import SfpError
from sfp_core.files import folder_written_whole, written_whole

TakeFile = Literal["take.curves.json", "take.ma", "take.anim", "summary.json", "preview.mp4"]

CURVES: TakeFile = "take.curves.json"
MAYA: TakeFile = "take.ma"
ANIM: TakeFile = "take.anim"
SUMMARY: TakeFile = "summary.json"
PREVIEW: TakeFile = "preview.mp4"
_BY_SUFFIX: dict[str, TakeFile] = {".json": CURVES, ".ma": MAYA, ".anim": ANIM, ".mp4": PREVIEW}
_EXPORTED = (".atom", ".usd", ".usda", ".usdc", ".glb", ".gltf", ".csv", ".tsv", ".dat")


@dataclass(frozen=True)
class Target:
    """A place for a take.

    Attributes
    ----------
    path : Path
        The folder or the file.
    only : TakeFile or None
        The one file that is asked for; None for a folder with all of them.
    """

    path: Path
    only: TakeFile | None

    def wants(self, file: TakeFile) -> bool:
        """Whether this file is to be written."""
        return self.only in (None, file)

    @contextmanager
    def opened(self) -> Iterator[dict[TakeFile, Path]]:
        """Paths to write to, by file; they take their places when the block ends well, and vanish when it does not."""
        if self.only is not None:
            with written_whole(self.path) as temporary, self._named_in_errors(temporary):
                yield {self.only: temporary}
        else:
            with folder_written_whole(self.path) as folder, self._named_in_errors(folder):
                yield {name: folder / name for name in (CURVES, MAYA, SUMMARY, PREVIEW)}

    @contextmanager
    def _named_in_errors(self, temporary: Path) -> Iterator[None]:
        """Errors name the place that was asked for, not the temporary one beside it."""
        try:
            yield
        except SfpError as error:
            raise SfpError(str(error).replace(str(temporary), str(self.path))) from error


def target_at(path: Path, *, force: bool) -> Target:
    """The target that `-o path` names.

    Raises
    ------
    SfpError
        Something is there and `force` is not given; or what is there is no take, and is left alone even then; or
        the suffix names a format that this version does not write.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in _EXPORTED:
        raise SfpError(
            f"{path}: a take is written as a folder, or as a file .ma, .anim, .json or .mp4; from there sfp export "
            f"writes {suffix}"
        )
    only = _BY_SUFFIX.get(suffix)
    if path.exists():
        if not force:
            raise SfpError(f"{path}: is already there; give --force to replace it, or another -o")
        if only is not None and path.is_dir():
            raise SfpError(f"{path}: is a folder; expected a file, or a name without {suffix}")
        if only is None and not _is_take(path):
            raise SfpError(f"{path}: is there and is no take, so it is not replaced; choose another -o")
    return Target(path, only)


def _is_take(path: Path) -> bool:
    return path.is_dir() and ((path / CURVES).is_file() or not any(path.iterdir()))
