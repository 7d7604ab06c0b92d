"""Write a detector as an ONNX file for other programs.

    python -m training.export_onnx [WEIGHTS] [--pass 2] -o FILE.onnx

Without WEIGHTS the shipped detector. A detector has one network or two: the first (--pass 1) sees the crop of a box,
the second the upright crop around what the first one found. The file takes crops (B, 3, S, S) float32,
RGB / 127.5 - 1, and gives `points` (B, 98, 2), pixels of the crop, and `confidence` (B, 98); how the crop is cut, the
training record and the SHA-256 of the weights are in its metadata. It is written only if onnxruntime gives torch's
landmarks to 1e-3 px.
"""

import argparse
import sys
from pathlib import Path

from sfp_core.detect.detector import Detector
from sfp_core.detect.onnx_export import write_onnx
from sfp_core.errors import SfpError


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, nargs="?", metavar="WEIGHTS", help="the shipped ones if left out")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.onnx")
    parser.add_argument("--pass", dest="number", type=int, choices=(1, 2), default=1, help="which network (1)")
    options = parser.parse_args(arguments)
    try:
        if options.output.suffix != ".onnx":
            raise SfpError(f"{options.output}: an ONNX file is written; expected a name that ends in .onnx")
        detector = Detector.load(options.weights)
        if options.number == 2 and detector.second is detector.first:
            raise SfpError(f"{options.weights or 'the shipped detector'}: has one network only; leave --pass 2 out")
        one = detector.first if options.number == 1 else detector.second
        off_px = write_onnx(options.output, one, weights_sha256=detector.sha256)
    except SfpError as error:
        print(f"export_onnx: error: {error}", file=sys.stderr)
        return 1
    megabytes = options.output.stat().st_size / 1e6
    print(f"wrote {options.output} ({megabytes:.2f} MB); landmarks at most {off_px:.1e} px off torch's")
    return 0


if __name__ == "__main__":
    sys.exit(main())
