"""Materials of a glTF document: colours, textures and what of a surface is seen. Pictures are read by Pillow."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image

from sfp_core.errors import SfpError
from sfp_core.render.mesh import Part
from sfp_core.render.paint import CLAMPED, MIRRORED, REPEATED, Texture
from sfp_core.rigs.gltf.document import Document
from sfp_core.rigs.gltf.entry import Entry

_MOST_SIDE_PX = 16384  # of a picture in a file
_KEPT_SIDE_PX = 1024  # faces are drawn a few hundred pixels wide
_MOST_PICTURES = 64
_WRAPS = {33071: CLAMPED, 33648: MIRRORED, 10497: REPEATED}
# Parts by words in the names of materials and meshes, in this order: drawn looks and light differ by part.
_PARTS = (
    (Part.HAIR, ("hair", "beard", "moustache")),
    (Part.BROW, ("brow",)),
    (Part.LID, ("lash", "eyeline", "eyeliner")),
    (Part.EYE, ("eyeball", "cornea", "sclera")),
    (Part.TEETH, ("teeth", "tooth")),
    (Part.TONGUE, ("tongue",)),
    (Part.LIPS, ("lips",)),
    (Part.WEAR, ("cloth", "shirt", "outfit", "wear", "glasses", "hat")),
)
_WHOLE_NAMES = {"eye": Part.EYE, "eyes": Part.EYE, "mouth": Part.MOUTH, "hand": Part.HAND}


@dataclass(frozen=True)
class Material:
    """What a primitive looks like.

    Attributes
    ----------
    colour : tuple of four floats
        Linear light and opacity, 0..1.
    texture : int
        Number of its texture among `Materials.textures`, -1 for none.
    uv : int
        Which set of texture coordinates it reads.
    offset, scale, turn : of KHR_texture_transform
    cutoff : float
        Less opaque places are holes; 0 where there are none.
    one_sided : bool
    gloss : float
    part : Part
    """

    colour: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    texture: int = -1
    uv: int = 0
    offset: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    turn: float = 0.0
    cutoff: float = 0.0
    one_sided: bool = True
    gloss: float = 0.0
    part: Part = Part.SKIN

    def places(self, uv: np.ndarray) -> np.ndarray:
        """(V, 2) texture coordinates of a file to those of the picture."""
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        turned = (uv * self.scale) @ np.array([[cos, -sin], [sin, cos]])
        return np.asarray(turned + self.offset)


class Materials:
    """The materials of a document, read when they are asked for."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._pictures: dict[int, np.ndarray] = {}
        self._made: dict[int, Material] = {}
        self.textures: list[Texture] = []

    def of(self, primitive: Entry) -> Material:
        """The material of a primitive. Raises SfpError for what is wrong with it or its picture."""
        if "material" not in primitive:
            return Material()
        entries = self._document.all("materials")
        number = primitive.index("material", len(entries))
        if number not in self._made:
            self._made[number] = self._read(entries[number])
        return self._made[number]

    def _read(self, entry: Entry) -> Material:
        surface = entry.child("pbrMetallicRoughness")
        red, green, blue, alpha = np.clip(surface.numbers("baseColorFactor", (1.0, 1.0, 1.0, 1.0)), 0, 1).tolist()
        mode = entry.text("alphaMode", "OPAQUE")
        if mode not in ("OPAQUE", "MASK", "BLEND"):
            raise entry.problem("alphaMode", "OPAQUE, MASK or BLEND")
        cutoff = {"OPAQUE": 0.0, "MASK": min(max(entry.number("alphaCutoff", 0.5), 0.0), 1.0), "BLEND": 0.5}[mode]
        unlit = "KHR_materials_unlit" in entry.child("extensions") or "VRMC_materials_mtoon" in entry.child(
            "extensions"
        )
        rough = min(max(surface.number("roughnessFactor", 1.0), 0.0), 1.0)
        texture, link = -1, surface.child("baseColorTexture")
        moved = link.child("extensions").child("KHR_texture_transform")
        if "baseColorTexture" in surface:
            texture = self._texture(link, cutoff / alpha if alpha > 0 else 0.0)
        offset, scale = moved.numbers("offset", (0.0, 0.0)), moved.numbers("scale", (1.0, 1.0))
        return Material(
            colour=(red, green, blue, alpha),
            texture=texture,
            uv=moved.integer("texCoord", link.integer("texCoord", 0, high=7), high=7),
            offset=(float(offset[0]), float(offset[1])),
            scale=(float(scale[0]), float(scale[1])),
            turn=moved.number("rotation", 0.0),
            cutoff=cutoff,
            one_sided=not entry.flag("doubleSided"),
            gloss=0.0 if unlit else 1.0 - rough,
            part=_part(entry.text("name")),
        )

    def _texture(self, link: Entry, cutoff: float) -> int:
        entry = self._document.one("textures", link, "index")
        webp = entry.child("extensions").child("EXT_texture_webp")
        images = self._document.all("images")
        owner = entry if "source" in entry else webp
        if "source" not in owner:
            raise SfpError(f"{entry.where}: it has no PNG, JPEG or WebP picture; save the file with one")
        sampler = self._document.one("samplers", entry, "sampler") if "sampler" in entry else Entry({}, entry.where)
        wraps = []
        for key in ("wrapS", "wrapT"):
            wrap = sampler.integer(key, 10497)
            if wrap not in _WRAPS:
                raise sampler.problem(key, "33071, 33648 or 10497")
            wraps.append(_WRAPS[wrap])
        picture = self._picture(owner.index("source", len(images)))
        if cutoff <= 0 or picture[..., 3].min() >= 255 * min(cutoff, 1.0):
            cutoff = 0.0
        self.textures.append(Texture(picture, wraps[0], wraps[1], min(cutoff, 1.0)))
        return len(self.textures) - 1

    def _picture(self, number: int) -> np.ndarray:
        if number not in self._pictures:
            if len(self._pictures) >= _MOST_PICTURES:
                raise SfpError(f"{self._document.path}: more than {_MOST_PICTURES} pictures; expected fewer")
            entry = self._document.all("images")[number]
            if "bufferView" in entry:
                view = entry.index("bufferView", len(self._document.all("bufferViews")))
                data = bytes(self._document.view(view)[0])
            elif "uri" in entry:
                data = self._document.resource(entry.text("uri"), entry.where)
            else:
                raise SfpError(f"{entry.where}: it has neither a buffer view nor a URI")
            self._pictures[number] = decoded(data, entry.where)
        return self._pictures[number]


def decoded(data: bytes, where: str) -> np.ndarray:
    """A picture file as (H, W, 4) uint8, at most 1024 pixels wide and high. Raises SfpError naming `where`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, about what a file says of itself
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
                width, height = image.size
                if max(width, height) > _MOST_SIDE_PX or width * height > _MOST_SIDE_PX**2 // 4:
                    raise SfpError(f"{where}: a picture of {width} x {height} pixels is too large")
                image.draft("RGB", (_KEPT_SIDE_PX, _KEPT_SIDE_PX))
                full = image.convert("RGBA")
        shrink = max(full.size) / _KEPT_SIDE_PX
        if shrink > 1:
            full = full.resize([max(1, round(side / shrink)) for side in full.size], Image.Resampling.BOX)
        return np.array(full, dtype=np.uint8)
    except SfpError:
        raise
    except Exception as error:  # decoders raise anything over a broken file
        line = (str(error).splitlines() or [""])[0][:100]
        raise SfpError(f"{where}: the picture cannot be read ({type(error).__name__}: {line})") from error


def _part(name: str) -> Part:
    word = name.casefold()
    if word in _WHOLE_NAMES:
        return _WHOLE_NAMES[word]
    return next((part for part, signs in _PARTS if any(sign in word for sign in signs)), Part.SKIN)
