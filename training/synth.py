"""Make a data set of stylised faces in the likeness of FLSC: pictures, and landmarks in WFLW's line format.

`python -m training.synth --count 24000 --out DIR --seed 1 --processes 2`

DIR/images holds the pictures; DIR/train.txt, val.txt and test.txt one line a face: 196 coordinates (pixels), box
x_min y_min x_max y_max, six attribute flags (pose expression illumination make-up occlusion blur), picture name. The
splits share no character; `toon` is in the training split alone. Faces come in chunks, each made from its own seed
and recorded when whole, so a broken run goes on where it stopped and any number of processes gives the same pictures.
"""

import argparse
import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from sfp_core.detect.crop import tight_box
from sfp_core.errors import SfpError
from sfp_core.files import read_json, write_json, write_text
from sfp_core.heads.head import Head
from sfp_core.heads.identity import Identity
from sfp_core.rigs.procedural import ProceduralCharacter
from training.faces.identities import random_identity
from training.faces.scene import random_face

PICTURE_SIZE = 192
FACES_PER_CHARACTER = 12
CHARACTERS_PER_CHUNK = 10
FACES_PER_CHUNK = FACES_PER_CHARACTER * CHARACTERS_PER_CHUNK
JPEG_QUALITY = 92
_SPLIT_OF_20 = ("test", "val", *["train"] * 18)  # by chunk, so by character
_LARGE_POSE_DEG = 30.0


def wflw_line(points: np.ndarray, name: str, *, flags: tuple[int, ...] = (0, 0, 0, 0, 0, 0)) -> str:
    """One face in the line format of WFLW's `list_98pt_rect_attr_*.txt` (207 tokens)."""
    coordinates = " ".join(f"{number:.3f}" for number in points.ravel())
    box = " ".join(f"{number:.2f}" for number in tight_box(points))
    return f"{coordinates} {box} {' '.join(map(str, flags))} {name}"


def split_of(chunk: int) -> str:
    """The split that a chunk belongs to: of 20 chunks one tests, one validates."""
    return _SPLIT_OF_20[chunk % len(_SPLIT_OF_20)]


def make_chunk(chunk: int, *, seed: int, out: Path) -> None:
    """Make one chunk of faces; its lines are written last, so a chunk with a list is whole."""
    lines_path = out / "chunks" / f"{chunk:05d}.txt"
    if lines_path.exists():
        return
    rng = np.random.default_rng([seed, chunk])
    lines = []
    for character in range(CHARACTERS_PER_CHUNK):
        head = Head(_identity(rng, chunk, character))
        for number in range(FACES_PER_CHARACTER):
            face = random_face(head, rng, size=PICTURE_SIZE)
            name = f"{chunk:05d}_{character:02d}_{number:02d}.jpg"
            Image.fromarray(face.picture).save(out / "images" / name, quality=JPEG_QUALITY)
            lines.append(wflw_line(face.points, name))
    write_text(lines_path, "\n".join(lines) + "\n")


def _identity(rng: np.random.Generator, chunk: int, character: int) -> Identity:
    """A new character; in every second training chunk one is `toon`, which the detector has to know well."""
    if character == 0 and chunk % 2 == 0 and split_of(chunk) == "train":
        return ProceduralCharacter.named("toon").identity
    return random_identity(rng)


def _make(job: tuple[int, int, str]) -> int:
    chunk, seed, out = job
    make_chunk(chunk, seed=seed, out=Path(out))
    return chunk


def make_dataset(out: Path, *, count: int, seed: int, processes: int) -> Iterator[int]:
    """Make at least `count` faces (whole chunks); yields the number of faces that are there.

    Raises
    ------
    SfpError
        `out` holds a data set of another seed.
    """
    chunks = -(-count // FACES_PER_CHUNK)
    (out / "images").mkdir(parents=True, exist_ok=True)
    (out / "chunks").mkdir(exist_ok=True)
    recipe = {"format": "sfp.faces", "version": 1, "family": "toon", "seed": seed, "picture_size": PICTURE_SIZE}
    recipe_path = out / "recipe.json"
    if recipe_path.exists() and {k: v for k, v in read_json(recipe_path).items() if k != "faces"} != recipe:
        raise SfpError(f"{recipe_path}: made by another recipe; expected {recipe}. Choose an empty folder")
    write_json(recipe_path, recipe)
    jobs = [(chunk, seed, str(out)) for chunk in range(chunks)]
    done = 0
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for _ in pool.imap_unordered(_make, jobs):
            done += FACES_PER_CHUNK
            yield done
    for split in ("train", "val", "test"):
        texts = [
            (out / "chunks" / f"{chunk:05d}.txt").read_text(encoding="utf-8")
            for chunk in range(chunks)
            if split_of(chunk) == split
        ]
        write_text(out / f"{split}.txt", "".join(texts))
    write_json(recipe_path, {**recipe, "faces": chunks * FACES_PER_CHUNK})


def main() -> None:
    """Command line."""
    from rich.progress import track

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, required=True, help="faces, rounded up to whole chunks of 120")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    chunks = -(-arguments.count // FACES_PER_CHUNK)
    steps = make_dataset(arguments.out, count=arguments.count, seed=arguments.seed, processes=arguments.processes)
    for _ in track(steps, total=chunks, description="faces"):
        pass


if __name__ == "__main__":
    main()
