"""The `[data]` table of a training configuration: which files of labels, in which formats, are trained on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from sfp_core.errors import SfpError
from training.detector_data import PIXEL_CENTRE_OFFSET, FaceSet, LabelledFace, load_faces, read_list
from training.readers.coco import read_coco
from training.readers.flsc import read_flsc
from training.readers.menpo import read_ljson, read_pts
from training.readers.own import read_own

Format = Literal["wflw", "list", "flsc", "coco", "pts", "ljson", "sfp"]
Split = Literal["train", "val"]
_WITH_VISIBILITY = ("sfp", "flsc")


@dataclass(frozen=True)
class Source:
    """One file or folder of labels.

    Attributes
    ----------
    format : str
        "wflw": WFLW's lists; "list": lists of that form written by training.synth; "flsc": `sfp.flsc` JSON; "coco":
        COCO-style JSON with 98, 68, 29 (COFW) or 19 (AFLW) keypoints; "pts", "ljson": a folder of such files (300-W,
        menpo); "sfp": annotations of training.synth, JSON lines.
    list : str
        The file, or the folder for "pts" and "ljson"; relative to the current folder.
    pictures : str
        Folder that the names of pictures are relative to; left out: where `list` is ("list", "sfp": its `images`).
    split : str
        "train" or "val".
    hidden_weight : float
        How much a landmark that cannot be seen counts, 0 to 1; for formats that know ("sfp", "flsc").
    """

    format: Format
    list: str
    pictures: str = ""
    split: Split = "train"
    hidden_weight: float = 1.0

    def __post_init__(self) -> None:
        for name, value, allowed in (("format", self.format, get_args(Format)), ("split", self.split, get_args(Split))):
            if value not in allowed:
                raise SfpError(f"{name} {value!r} is unknown; expected one of {', '.join(allowed)}")
        if not 0 <= self.hidden_weight <= 1:
            raise SfpError(f"hidden_weight is {self.hidden_weight}; expected 0 to 1")
        if self.hidden_weight != 1 and self.format not in _WITH_VISIBILITY:
            known = " and ".join(_WITH_VISIBILITY)
            raise SfpError(f"hidden_weight: {self.format!r} does not tell what can be seen; {known} do")


@dataclass(frozen=True)
class DataConfig:
    """What is trained and validated on, when it is not one folder of training.synth (`--data`)."""

    sources: tuple[Source, ...] = ()


def read_source(source: Source) -> list[LabelledFace]:
    """All faces of a source. Raises SfpError with all malformed entries, or when it holds no faces."""
    path = Path(source.list)
    folder = path if source.format in ("pts", "ljson") else path.parent
    if source.format in ("list", "sfp"):
        folder = folder / "images"
    pictures = Path(source.pictures) if source.pictures else folder
    if source.format == "wflw":
        faces = read_list(path, pictures=pictures, pixel_offset=PIXEL_CENTRE_OFFSET)
    elif source.format == "list":
        faces = read_list(path, pictures=pictures)
    elif source.format == "flsc":
        faces = read_flsc(path, pictures=pictures, hidden_weight=source.hidden_weight)
    elif source.format == "coco":
        faces = read_coco(path, pictures=pictures)
    elif source.format == "pts":
        faces = read_pts(path, pictures=pictures)
    elif source.format == "ljson":
        faces = read_ljson(path, pictures=pictures)
    else:
        faces = read_own(path, pictures=pictures, hidden_weight=source.hidden_weight)
    if not faces:
        raise SfpError(f"{path}: no faces in it")
    return faces


def load_sources(config: DataConfig, split: Split, *, closeup_px: int) -> FaceSet:
    """The faces of one split of all sources.

    Parameters
    ----------
    config : DataConfig
    split : str
    closeup_px : int
        Of large pictures only the surroundings of each face are kept, with the face at most so large; see `load_faces`.

    Raises
    ------
    SfpError
        No source has this split, or what is wrong in any of them.
    """
    faces, problems = [], []
    sources = [source for source in config.sources if source.split == split]
    if not sources:
        raise SfpError(f"data.sources: none has split = {split!r}; training needs one of train and one of val")
    for source in sources:
        try:
            faces += read_source(source)
        except SfpError as error:
            problems.append(str(error))
    if problems:
        raise SfpError("; ".join(problems))
    return load_faces(faces, closeup_px=closeup_px)
