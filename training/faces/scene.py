"""One picture of the data set with all that is known about it, drawn from one generator.

Who is in it comes from outside; poses, camera, light, background, look and damage are drawn here, by a recipe.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from sfp_core.detect.crop import tight_box
from sfp_core.heads.head import Head
from sfp_core.render.camera import Camera
from sfp_core.render.layers import layers_of
from sfp_core.render.looks import LOOKS, draw
from sfp_core.render.mesh import Mesh, merged
from sfp_core.render.shade import VIEWPORT_BACKGROUND, Background, background_picture, shaded
from sfp_core.render.view import View, see
from training.annotations import FaceAnnotation, PictureAnnotation
from training.faces.attributes import FaceFacts, flags_of, openings
from training.faces.background import random_background
from training.faces.busts import random_bust
from training.faces.degrade import Degradation, degraded, random_degradation
from training.faces.family import Subject, ToonSubject
from training.faces.framing import Framing, Placement, random_framing
from training.faces.lighting import Lighting, random_lighting
from training.faces.occluders import random_occluder
from training.faces.poses import Pose
from training.faces.recipe import DEFAULT, PLAIN, Recipe
from training.faces.visibility import Seen, sight_of

RENDER = "render"  # the look of a picture that is plainly shaded
_GREY_VIEWPORTS = 0.6  # share of the viewport presets with the work view's own background


@dataclass(frozen=True)
class CastMember:
    """A character under the name that annotations give it."""

    name: str
    subject: Subject


@dataclass(frozen=True, eq=False)
class Shot:
    """A picture (S, S, 3) uint8, its annotation, and the quality it is to be stored with."""

    picture: np.ndarray
    annotation: PictureAnnotation
    jpeg_quality: int


@dataclass(frozen=True)
class Face:
    """One picture of one face.

    Attributes
    ----------
    picture : (S, S, 3) uint8
        RGB.
    points : (98, 2) float64
        Image space, pixels; they may lie outside the picture.
    """

    picture: np.ndarray
    points: np.ndarray


def random_face(head: Head, rng: np.random.Generator, *, size: int, supersample: int = 2) -> Face:
    """A plain picture of this head alone in a random pose, with its landmarks."""
    cast = [CastMember("", ToonSubject(head))]
    shot = random_shot(cast, rng, size=size, supersample=supersample, recipe=PLAIN)
    return Face(shot.picture, shot.annotation.faces[0].points)


def random_shot(
    cast: Sequence[CastMember],
    rng: np.random.Generator,
    *,
    size: int = 256,
    supersample: int = 2,
    recipe: Recipe = DEFAULT,
    name: str = "",
    seed: tuple[int, ...] = (),
    renders: Sequence[np.ndarray] = (),
) -> Shot:
    """A picture of the first of the cast, at times with others.

    Parameters
    ----------
    cast : sequence of CastMember
        The main character, then those who may stand beside; at least one.
    size : int
        Side of the picture, pixels.
    supersample : int
        This number squared of samples make a pixel.
    name, seed
        For the annotation.
    renders : sequence of (h, w, 3) uint8
        Pictures that may be seen behind, out of focus.
    """
    members = _drawn_cast(cast, rng, recipe)
    framing = random_framing([member.subject for member in members], rng, recipe=recipe)
    actors = [
        _Actor(member, placement, recipe.pose(rng))
        for member, placement in zip(members, framing.placements, strict=True)
        if placement is not None
    ]
    look = str(rng.choice(LOOKS)) if rng.random() < recipe.drawn else RENDER
    lighting = random_lighting(rng, recipe=recipe, drawn=look != RENDER)
    background_kind, background = _background(rng, size, lighting, recipe, renders)
    posed = [actor.member.subject.pose(actor.pose.strengths) for actor in actors]
    meshes = [_in_view(one.mesh(), actor.placement) for one, actor in zip(posed, actors, strict=True)]
    for actor in actors:
        if not actor.member.subject.clothed and rng.random() < recipe.bust:
            meshes.append(random_bust(actor.placement, *actor.member.subject.frame(), rng))
    occluder = ""
    if rng.random() < recipe.occluded:
        occluder, mesh = random_occluder(actors[0].member.subject, actors[0].placement, rng)
        meshes.append(mesh)
    view = see(merged(meshes), framing.camera, width=size, height=size, supersample=supersample)
    picture = _picture(view, framing.camera, lighting, background, look, rng)
    damage = random_degradation(rng, size=size, recipe=recipe)
    picture = degraded(picture, damage, rng)
    owners = np.repeat(np.arange(len(meshes), dtype=np.int16), [len(mesh.faces) for mesh in meshes])
    seen = Seen(view.raster, view.mesh.parts, owners)
    faces = []
    for owner, (actor, one) in enumerate(zip(actors, posed, strict=True)):
        points = one.landmarks98(actor.placement.line_of_sight(framing.camera.distance))
        face = _annotated(actor, points, framing, seen, owner, lighting, damage, picture)
        if owner == 0 or _in_picture(face, size):
            faces.append(face)
    annotation = PictureAnnotation(
        picture=name,
        size=(size, size),
        seed=seed,
        look=look,
        light=lighting.name,
        style=lighting.style,
        background=background_kind,
        occluder=occluder,
        cut=framing.cut,
        camera={"fov_deg": framing.camera.fov_deg, "distance": framing.camera.distance},
        degradation=_what_differs(damage),
        faces=tuple(faces),
    )
    return Shot(picture, annotation, damage.jpeg_quality)


@dataclass(frozen=True, eq=False)
class _Actor:
    """A character at its place, doing something."""

    member: CastMember
    placement: Placement
    pose: Pose

    @property
    def height(self) -> float:
        return self.member.subject.frame()[1]


def _drawn_cast(cast: Sequence[CastMember], rng: np.random.Generator, recipe: Recipe) -> list[CastMember]:
    """The main character and so many others as the recipe's shares say, as far as there are others."""
    wanted = int(rng.choice(len(recipe.others), p=recipe.others))
    chosen = rng.permutation(len(cast) - 1)[:wanted] + 1
    return [cast[0], *(cast[index] for index in chosen)]


def _background(
    rng: np.random.Generator, size: int, lighting: Lighting, recipe: Recipe, renders: Sequence[np.ndarray]
) -> tuple[str, Background]:
    if lighting.name == "viewport" and recipe.staged and rng.random() < _GREY_VIEWPORTS:
        return "viewport", VIEWPORT_BACKGROUND
    return random_background(rng, size, recipe=recipe, renders=renders)


def _in_view(mesh: Mesh, placement: Placement) -> Mesh:
    return replace(mesh, vertices=placement.to_view(mesh.vertices))


def _picture(
    view: View, camera: Camera, lighting: Lighting, background: Background, look: str, rng: np.random.Generator
) -> np.ndarray:
    """The shaded picture, or its layers drawn in a look."""
    behind = background_picture(background, view.width, view.height)
    light, style, effects = lighting.light, lighting.style, lighting.effects
    if look == RENDER:
        return shaded(view, behind, camera, light=light, style=style, effects=effects)[0]
    return draw(look, layers_of(view, behind, camera, light=light, style=style, effects=effects), rng)


def _annotated(
    actor: _Actor,
    points: np.ndarray,
    framing: Framing,
    seen: Seen,
    owner: int,
    lighting: Lighting,
    damage: Degradation,
    picture: np.ndarray,
) -> FaceAnnotation:
    camera, size = framing.camera, picture.shape[0]
    in_view = actor.placement.to_view(points)
    pixels, _ = camera.project(in_view, size, size)
    sight = sight_of(in_view, camera, seen, owner=owner, height=actor.height)
    opened = openings(points)
    covered = int(sight.covered.sum())
    facts = FaceFacts(
        head_deg=actor.placement.head_deg,
        expression=actor.pose.expression,
        mouth=opened["mouth"],
        preset=lighting.name,
        make_up=actor.member.subject.make_up,
        covered=covered,
        blur_px=damage.blur_px,
        box=tight_box(pixels),
    )
    return FaceAnnotation(
        character=actor.member.name,
        family=actor.member.subject.family,
        points=np.asarray(pixels, dtype=np.float64),
        visible=sight.visible,
        covered=covered,
        expression=actor.pose.expression,
        pose_kind=actor.pose.kind,
        flags=flags_of(facts, picture),
        head_deg=actor.placement.head_deg,
        actions=actor.pose.strengths,
        openings=opened,
    )


def _in_picture(face: FaceAnnotation, size: int) -> bool:
    """Whether anything of the face can be seen."""
    return bool(face.visible.any() and ((face.points >= 0) & (face.points < size)).all(axis=1).any())


def _what_differs(damage: Degradation) -> dict[str, object]:
    plain = asdict(Degradation())
    done = {name: value for name, value in asdict(damage).items() if value != plain[name] or name == "jpeg_quality"}
    return {name: round(value, 4) if isinstance(value, float) else _plain(value) for name, value in done.items()}


def _plain(value: object) -> object:
    return [round(float(one), 4) for one in value] if isinstance(value, tuple) else value
