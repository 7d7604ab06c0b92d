"""The panel of the built-in characters; what each controller does is in `sfp_core.rigs.panel` alone."""

from sfp_core.rigs.panel import DIRECT, PANEL
from sfp_core.rigs.vocabulary.vocabulary import Drive, Vocabulary

_MOST = 40  # of 47 controllers: a Maya rig may well have a `jaw.ty` too


def _drives() -> dict[str, Drive]:
    drives: dict[str, Drive] = {}
    for controller in PANEL:
        for sign, drive in ((1.0, controller.positive), (-1.0, controller.negative)):
            for action, gain in drive.items():
                if gain == 1.0:  # what it is for; what comes along is not asked for by itself
                    drives[action] = {controller.name: sign}
    return drives


def _composed() -> dict[str, Drive]:
    """ARKit's actions that the panel has several controllers for."""
    drives: dict[str, Drive] = {
        "browInnerUp": {"lf_brow_in.ty": 1.0, "rg_brow_in.ty": 1.0},
        "cheekPuff": {"lf_cheek_puff.tx": 1.0, "rg_cheek_puff.tx": 1.0},
    }
    for side, prefix in (("Left", "lf_"), ("Right", "rg_")):
        # Fitted to the curve of `heads.brows`; the inner end would take 1.15.
        brow = {"brow_in.ty": -1.0, "brow_mid.ty": -0.6, "brow_out.ty": -0.65, "brow_in.tx": -0.43}
        drives["browDown" + side] = {prefix + name: strength for name, strength in brow.items()}
        drives["mouthDimple" + side] = {prefix + "corner.tx": 0.5}
    return drives


PANEL_WORDS = Vocabulary(
    "panel",
    {controller.name: () for controller in PANEL},
    _drives() | _composed(),
    direct=DIRECT,
    match="name",
    least=_MOST,
)
