"""A folder of pictures with annotations, made in chunks: who is in which split, and what lies where.

A chunk is a handful of characters in a number of pictures each. It is made from its own seed and recorded when whole,
so a broken run goes on where it stopped and any number of processes gives the same pictures. A made-up
character lives in one chunk, a chunk belongs to one split, and the built-in cast appears in training chunks alone: so
splits share no character.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sfp_core.errors import SfpError
from sfp_core.files import read_json, write_json, write_text, written_whole
from sfp_core.heads.head import Head
from sfp_core.rigs.procedural import ProceduralCharacter, character_names
from training.annotations import PictureAnnotation, read_annotations, wflw_line, write_annotations
from training.faces.attributes import FLAGS
from training.faces.family import FAMILIES, Subject, ToonSubject, random_subject
from training.faces.recipe import recipe_named
from training.faces.scene import RENDER, CastMember, random_shot

SPLITS = ("train", "val", "test")
_SPLIT_OF_20 = ("test", "val", *["train"] * 18)  # by chunk, so by character
_WELL_KNOWN = "toon"  # one character of every second training chunk: the detector has to know it well
_SAME_MESH = {"anny": ("anny", "human"), "human": ("anny", "human"), "toon": ("toon",)}
_BEHIND = 6  # so many earlier pictures of the chunk may be seen out of focus


@dataclass(frozen=True)
class DatasetConfig:
    """What a data set is made from; kept in its recipe.json. Two folders of one config hold the same pictures.

    Attributes
    ----------
    seed : int
    families : tuple of str
        Some of `FAMILIES`; each character is of one of them, drawn evenly.
    recipe : str
        Name of a `Recipe`.
    size : int
        Side of the pictures, pixels.
    supersample : int
        This number squared of samples make a pixel.
    characters, pictures : int
        Characters of a chunk, and pictures in which each is the main one.
    held_out : str
        The family that `family_train.txt` does without.
    """

    seed: int = 1
    families: tuple[str, ...] = ("toon",)
    recipe: str = "default"
    size: int = 256
    supersample: int = 2
    characters: int = 6
    pictures: int = 20
    held_out: str = "anny"

    def __post_init__(self) -> None:
        recipe_named(self.recipe)
        unknown = [family for family in (*self.families, self.held_out) if family not in FAMILIES]
        if unknown or not self.families:
            raise SfpError(f"families {', '.join(unknown) or 'none'}: expected some of {', '.join(FAMILIES)}")
        for name in ("size", "supersample", "characters", "pictures"):
            if getattr(self, name) < 1:
                raise SfpError(f"data set: {name} is {getattr(self, name)}; expected at least 1")

    @property
    def per_chunk(self) -> int:
        """Pictures of a chunk."""
        return self.characters * self.pictures

    def chunks(self, count: int) -> int:
        """Chunks that hold at least `count` pictures."""
        return -(-count // self.per_chunk)


def split_of(chunk: int) -> str:
    """The split that a chunk belongs to: of 20 chunks one tests, one validates."""
    return _SPLIT_OF_20[chunk % len(_SPLIT_OF_20)]


def begin(out: Path, config: DatasetConfig) -> None:
    """Make the folder, or find that it was begun with the same config.

    Raises
    ------
    SfpError
        `out` holds a data set of another config.
    """
    (out / "images").mkdir(parents=True, exist_ok=True)
    (out / "chunks").mkdir(exist_ok=True)
    path, wanted = out / "recipe.json", _record(config)
    if path.exists():
        found = {name: value for name, value in read_json(path).items() if name in wanted}
        if found != wanted:
            other = sorted(name for name in wanted if found.get(name) != wanted[name])
            told = ", ".join(f"{name} {found.get(name)!r} instead of {wanted[name]!r}" for name in other)
            raise SfpError(f"{path}: made by another recipe ({told}); choose an empty folder")
    else:
        write_json(path, wanted)


def _record(config: DatasetConfig) -> dict[str, Any]:
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(config).items()}
    return {"format": "sfp.faces", "version": 2, **fields}


def make_chunk(chunk: int, *, config: DatasetConfig, out: Path) -> None:
    """Make one chunk of pictures; its annotations are written last, so a chunk that has them is whole."""
    record = _chunk_path(out, chunk)
    if record.exists():
        return
    recipe = recipe_named(config.recipe)
    cast = [_member(chunk, number, config) for number in range(config.characters)]
    annotations: list[PictureAnnotation] = []
    recent: list[np.ndarray] = []
    for number in range(config.characters):
        others = cast[:number] + cast[number + 1 :]
        for turn in range(config.pictures):
            name = f"{chunk:05d}_{number:02d}_{turn:02d}.jpg"
            seed = (config.seed, chunk, number, turn + 1)
            shot = random_shot(
                [cast[number], *others],
                np.random.default_rng(seed),
                size=config.size,
                supersample=config.supersample,
                recipe=recipe,
                name=name,
                seed=seed,
                renders=recent,
            )
            with written_whole(out / "images" / name) as temporary:
                Image.fromarray(shot.picture).save(temporary, quality=shot.jpeg_quality)
            annotations.append(shot.annotation)
            recent = [*recent[1 - _BEHIND :], shot.picture]
    write_annotations(record, annotations)


def _chunk_path(out: Path, chunk: int) -> Path:
    return out / "chunks" / f"{chunk:05d}.jsonl"


def _member(chunk: int, number: int, config: DatasetConfig) -> CastMember:
    """A new character. In training chunks the first is one of the built-in cast: `toon` in every second one."""
    rng = np.random.default_rng((config.seed, chunk, number, 0))
    family = config.families[int(rng.integers(len(config.families)))]
    if number == 0 and split_of(chunk) == "train" and "toon" in config.families:
        others = [name for name in character_names() if name != _WELL_KNOWN]
        if chunk % 2 == 0 or not others:
            return CastMember(_WELL_KNOWN, _built_in(_WELL_KNOWN))
        if rng.random() < 0.5:
            name = others[int(rng.integers(len(others)))]
            return CastMember(name, _built_in(name))
    return CastMember(f"{config.seed}-{chunk:05d}-{number:02d}", random_subject(family, rng))


def _built_in(name: str) -> Subject:
    return ToonSubject(Head(ProceduralCharacter.named(name).identity))


def finish(out: Path, config: DatasetConfig, *, count: int) -> Mapping[str, int]:
    """Write the lists of all splits and subsets from the chunks; returns the number of faces in each split's list."""
    chunks = range(config.chunks(count))
    by_split: dict[str, list[PictureAnnotation]] = {split: [] for split in SPLITS}
    for chunk in chunks:
        by_split[split_of(chunk)] += read_annotations(_chunk_path(out, chunk))
    faces = {}
    for split, pictures in by_split.items():
        write_annotations(out / f"{split}.jsonl", pictures)
        faces[split] = _write_list(out / f"{split}.txt", _listed(pictures))
    _write_subsets(out / "subsets", by_split["test"])
    if any(family in _SAME_MESH[config.held_out] for family in config.families):
        _write_family_lists(out, by_split, config.held_out)
    total = {"count": len(chunks) * config.per_chunk, "faces": sum(faces.values())}
    write_json(out / "recipe.json", {**_record(config), **total})
    return faces


_Line = tuple[PictureAnnotation, int]  # a picture, and the place of a face in it


def _listed(pictures: Iterable[PictureAnnotation]) -> Iterator[_Line]:
    """Faces of which enough can be seen."""
    for picture in pictures:
        for index, face in enumerate(picture.faces):
            if face.listed((picture.size[0], picture.size[1])):
                yield picture, index


def _write_list(path: Path, lines: Iterable[_Line]) -> int:
    texts = []
    for picture, index in lines:
        face = picture.faces[index]
        texts.append(wflw_line(face.points, picture.picture, flags=face.flags))
    write_text(path, "".join(f"{text}\n" for text in texts))
    return len(texts)


def _write_subsets(folder: Path, pictures: list[PictureAnnotation]) -> None:
    """Lists of the test faces that have an attribute, and of those in a look."""
    lines = list(_listed(pictures))
    for place, flag in enumerate(FLAGS):
        _write_list(folder / f"test_{flag}.txt", [one for one in lines if one[0].faces[one[1]].flags[place]])
    for look in sorted({picture.look for picture in pictures} - {RENDER}):
        _write_list(folder / f"test_look_{look}.txt", [one for one in lines if one[0].look == look])
    _write_list(folder / "test_drawn.txt", [one for one in lines if one[0].look != RENDER])


def _write_family_lists(out: Path, by_split: Mapping[str, list[PictureAnnotation]], held_out: str) -> None:
    """`family_train.txt` and `family_val.txt` without the held-out family; `family_test.txt` with nothing else.

    Families that share a mesh are held out together. Pictures in which both sides meet are in none of the lists.
    """
    kin = _SAME_MESH[held_out]
    for split in ("train", "val"):
        apart = [one for one in by_split[split] if not any(face.family in kin for face in one.faces)]
        _write_list(out / f"family_{split}.txt", _listed(apart))
    every = [one for split in SPLITS for one in by_split[split]]
    _write_list(
        out / "family_test.txt",
        _listed(one for one in every if all(face.family == held_out for face in one.faces)),
    )
