"""Put a second pass behind a detector.

    python -m training.join_passes FIRST SECOND -o DETECTOR

FIRST is a detector, SECOND a network that was trained on upright crops (`training/configs/second.toml`); both are
weights as `training.train_detector` writes them. DETECTOR looks at a box with the first, and then with the second at
the face that the first one found. A second pass that FIRST already has is replaced.
"""

import argparse
import sys
from pathlib import Path

from sfp_core.detect.detector_file import write_two_passes
from sfp_core.errors import SfpError


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path, metavar="FIRST")
    parser.add_argument("second", type=Path, metavar="SECOND")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DETECTOR")
    options = parser.parse_args(arguments)
    try:
        if options.output.suffix != ".safetensors":
            raise SfpError(f"{options.output}: weights are written; expected a name that ends in .safetensors")
        write_two_passes(options.output, options.first, options.second)
    except SfpError as error:
        print(f"join_passes: error: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.output} ({options.output.stat().st_size / 1e6:.2f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
