"""A take for a rig whose controllers have other names."""

from collections.abc import Mapping
from dataclasses import replace

from sfp_core.curves.take import Take
from sfp_core.errors import SfpError, listed


def renamed(take: Take, names: Mapping[str, str]) -> Take:
    """The take with other controller names; everything else stays.

    Parameters
    ----------
    names : mapping of str to str
        Old name to new name, or to `""` for a controller that is to be left out. Controllers that are not in it keep
        their names.

    Raises
    ------
    SfpError
        A name that the take does not have, two controllers with the same new name, or none left.
    """
    controllers = dict.fromkeys(channel.controller for channel in take.channels)
    problems = [f"{name!r} is no controller of it" for name in names if name not in controllers]
    olds: dict[str, list[str]] = {}
    for old in controllers:
        new = names.get(old, old)
        if new:
            olds.setdefault(new, []).append(old)
    problems += [f"{' and '.join(same)} would all be {new!r}" for new, same in olds.items() if len(same) > 1]
    if not problems and not olds:
        problems.append("no controller would be left")
    if problems:
        raise SfpError(f"names for the take of {take.rig}: {listed(problems)}")
    new_name = {old: new for new, (old,) in olds.items()}
    return replace(
        take,
        channels=tuple(
            replace(channel, controller=new_name[channel.controller])
            for channel in take.channels
            if channel.controller in new_name
        ),
    )
