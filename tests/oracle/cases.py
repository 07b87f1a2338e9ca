"""The list of goldens: which network, which spec, which seed, which intermediates, how much of them is kept."""

import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import networks

SPECS = Path(__file__).parent / "specs"


@dataclass
class Case:
    name: str
    spec: str  # the YAML text
    seed: int
    reference: object = None  # makes the torch network of networks.py, when it has one
    keep: dict = field(default_factory=dict)  # map -> strides over (h, w, c); outputs without an entry are kept whole


def spec(file, size=None, width=None, classes=None, name=None):
    """A file of specs/ with its input size, width multiplier, head or name changed."""
    text = (SPECS / f"{file}.yaml").read_text()
    if size:
        text = re.sub(r"height: \d+, width: \d+", "height: {}, width: {}".format(*size), text)
    if width:
        text = re.sub(r"width_multiplier: .*", f"width_multiplier: {width}", text)
    if classes:
        text = text.replace("linear: {c: 1000}", f"linear: {{c: {classes}}}")
    return re.sub(r"^name: .*", f"name: {name}", text) if name else text


def variant(name, file, seed, reference, size, width=1.0, classes=10, keep=None, **kwargs):
    make = partial(reference, num_classes=classes, width_mult=width, **kwargs)
    return Case(name, spec(file, size, width, classes, name), seed, make, keep or {})


LARGE, MIDDLE, SMALL = [16, 16, 4], [7, 7, 8], [2, 2, 16]

CASES = [
    Case("v1", spec("v1"), 0, networks.MobileNetV1, {
        "stem": LARGE, "row1.1.depthwise": LARGE, "row4.1.pointwise": MIDDLE, "row7.5.pointwise": SMALL,
    }),
    Case("v2", spec("v2"), 22, networks.v2, {
        "stem": LARGE, "row1.1.project": LARGE, "row2.2.expand": [14, 14, 24], "row3.2.depthwise": MIDDLE,
        "row4.4.project": SMALL, "row7.1.project": [1, 1, 16], "conv1": SMALL,
    }),
    Case("v3_large", spec("v3_large"), 21, networks.v3_large, {
        "stem": LARGE, "row1.1.project": LARGE, "row4.1.depthwise": MIDDLE, "row5.1.project": MIDDLE,
        "row7.1.expand": MIDDLE, "row12.1.project": SMALL, "row15.1.project": [1, 1, 16], "conv1": SMALL, "linear1": [4],
    }),
    Case("v3_small", spec("v3_small"), 0, networks.v3_small, {
        "stem": LARGE, "row1.1.project": MIDDLE, "row4.1.depthwise": SMALL, "row8.1.project": SMALL,
        "row11.1.project": [1, 1, 16], "conv1": SMALL, "linear1": [4],
    }),
    variant("v1_025_96", "v1", 1, networks.MobileNetV1, (96, 96), 0.25, keep={"row3.1.pointwise": MIDDLE}),
    variant("v2_035_96", "v2", 10, networks.v2, (96, 96), 0.35, keep={"row3.3.project": [4, 4, 4]}),
    variant("v2_140_64", "v2", 40, networks.v2, (64, 64), 1.4, 100, keep={"row5.3.project": [1, 1, 8]}),
    variant("v2_96x64", "v2", 9, networks.v2, (96, 64), keep={"row6.3.project": [1, 1, 8]}),
    variant("v2_97x75", "v2", 15, networks.v2, (97, 75), keep={"stem": MIDDLE, "row3.1.depthwise": [4, 3, 8], "row6.3.project": [1, 1, 8]}),
    variant("v3_large_075_96", "v3_large", 4, networks.v3_large, (96, 96), 0.75, keep={"row5.1.project": [4, 4, 4]}),
    variant("v3_large_minimalistic_64", "v3_large_minimalistic", 7, networks.v3_large, (64, 64), minimalistic=True,
            keep={"row5.1.project": [2, 2, 4]}),
    variant("v3_small_minimalistic_64", "v3_small_minimalistic", 8, networks.v3_small, (64, 64), 0.5, minimalistic=True,
            keep={"row5.1.project": [1, 1, 4]}),
    variant("v3_small_035_96", "v3_small", 9, networks.v3_small, (96, 96), 0.35, keep={"row5.1.project": [2, 2, 2], "conv1": [1, 1, 4]}),
    variant("v3_small_dilated_96", "v3_small_dilated", 10, networks.v3_small, (96, 96), dilated=True, reduced_tail=True,
            keep={"row9.1.project": [2, 2, 4], "row10.1.depthwise": [2, 2, 16]}),
    variant("v3_large_dilated_96", "v3_large_dilated", 23, networks.v3_large, (96, 96), classes=21, dilated=True, reduced_tail=True,
            keep={"stride8": [2, 2, 4], "expansion": [2, 2, 8]}),
    variant("v3_large_backbone_64x96", "v3_large_backbone", 36, networks.v3_large, (64, 96),
            keep={"c1": [5, 5, 1], "c2": [3, 3, 1], "c4_expansion": [1, 1, 8], "c5": [1, 1, 4]}),
    variant("v3_small_se_before_64", "v3_small_se_before", 13, networks.v3_small, (64, 64), block=networks.SqueezeBeforeActivation,
            keep={"row1.1.project": [4, 4, 2], "row5.1.project": [1, 1, 4]}),
    Case("same_even", spec("same"), 14, keep={"stem": [3, 3, 4], "row1.1.depthwise": [2, 2, 4], "row6.1.project": [1, 1, 4]}),
    Case("same_odd", spec("same", (33, 31)), 15, keep={"stem": [3, 3, 4], "row1.1.depthwise": [2, 2, 4], "row6.1.project": [1, 1, 4]}),
    Case("v1_keras", spec("v1_keras"), 16, keep={"row1.1.depthwise": MIDDLE, "row9.1.pointwise": [1, 1, 8], "conv1": [1, 1, 1]}),
    Case("normalised_u8", spec("normalised_u8"), 17, keep={"stem": [2, 2, 2]}),
    Case("flatten", spec("flatten"), 19),
    Case("flattened", spec("flattened"), 20),
    Case("layers", spec("layers"), 18, keep={"stem": [3, 3, 4], "shortcut": [3, 3, 4], "branch": [2, 2, 2], "last": [1, 1, 4]}),
]
