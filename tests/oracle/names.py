"""torchvision's names to mnetc's canonical names, by walking the modules of a network.

In: a network of `networks.py`. Out: its layers in order, each with its canonical base name and the paths of its modules.
Never: looks at a value.
"""

from dataclasses import dataclass

from torch import nn
from torchvision.models import mobilenetv2, mobilenetv3
from torchvision.ops.misc import SqueezeExcitation

import networks

V2_REPEATS = [1, 2, 3, 4, 3, 3, 1]
V1_REPEATS = [repeats for _, repeats, _ in networks.V1_ROWS]


@dataclass
class Layer:
    base: str  # row3.2.expand
    conv: str  # path of the convolution or linear layer
    norm: str | None  # path of its batch norm
    output: str | None  # path of the module whose output is the layer's: behind the activation or the residual


def layers(model):
    stem, *blocks = model.features
    last = []
    if not isinstance(model, networks.MobileNetV1):
        last.append(norm_layer("conv1", f"features.{len(blocks)}", blocks.pop()))
    found = [norm_layer("stem", "features.0", stem)]
    for index, (row, repeat) in enumerate(row_numbers(model, len(blocks))):
        found += block_layers(f"row{row}.{repeat}", f"features.{index + 1}", blocks[index])
    return found + last + head_layers(model)


def row_numbers(model, count):
    """(row, repeat) of each block: in V3 every block is a row, in V1 and V2 rows have repeats."""
    if isinstance(model, mobilenetv3.MobileNetV3):
        repeats = [1] * count
    else:
        repeats = V2_REPEATS if isinstance(model, mobilenetv2.MobileNetV2) else V1_REPEATS
    assert sum(repeats) == count
    return [(row + 1, i + 1) for row, n in enumerate(repeats) for i in range(n)]


def norm_layer(base, path, module):
    """A Sequential of convolution, batch norm and, mostly, an activation."""
    assert isinstance(module[0], nn.Conv2d) and isinstance(module[1], nn.BatchNorm2d)
    return Layer(base, f"{path}.0", f"{path}.1", path if len(module) == 3 else None)


def block_layers(base, path, block):
    if isinstance(block, nn.Sequential):  # V1
        return [norm_layer(f"{base}.depthwise", f"{path}.0", block[0]), norm_layer(f"{base}.pointwise", f"{path}.1", block[1])]
    inner = "block" if isinstance(block, mobilenetv3.InvertedResidual) else "conv"
    found, project = [], None
    for index, module in enumerate(getattr(block, inner)):
        here = f"{path}.{inner}.{index}"
        if isinstance(module, SqueezeExcitation):
            found.append(Layer(f"{base}.se.reduce", f"{here}.fc1", None, None))
            found.append(Layer(f"{base}.se.expand", f"{here}.fc2", None, None))
        elif isinstance(module, nn.Sequential) and module[0].groups > 1:
            found.append(norm_layer(f"{base}.depthwise", here, module))
        elif isinstance(module, nn.Sequential) and len(module) == 3:
            found.append(norm_layer(f"{base}.expand", here, module))
        elif isinstance(module, nn.Sequential):  # V3's projection
            project = (f"{here}.0", f"{here}.1")
        elif isinstance(module, nn.Conv2d):  # V2's projection, its batch norm the next module
            project = (here, f"{path}.{inner}.{index + 1}")
    return [*found, Layer(f"{base}.project", *project, path)]


def head_layers(model):
    """Linear layers; the output is that of the activation behind one, if there is one."""
    if isinstance(model.classifier, nn.Linear):
        return [Layer("linear1", "classifier", None, "classifier")]
    found = []
    for index, module in enumerate(model.classifier):
        if isinstance(module, nn.Linear):
            found.append(Layer(f"linear{len(found) + 1}", f"classifier.{index}", None, f"classifier.{index}"))
        elif isinstance(module, (nn.Hardswish, nn.ReLU)):
            found[-1].output = f"classifier.{index}"
    return found


NORM_PARTS = {"weight": "weight", "bias": "bias", "mean": "running_mean", "var": "running_var"}


def tensors(model):
    """Canonical tensor name -> name in torch's state_dict; covers the network completely."""
    state = model.state_dict()
    found = {}
    for layer in layers(model):
        found[f"{layer.base}.weight"] = f"{layer.conv}.weight"
        if f"{layer.conv}.bias" in state:
            found[f"{layer.base}.bias"] = f"{layer.conv}.bias"
        if layer.norm:
            found |= {f"{layer.base}.bn.{ours}": f"{layer.norm}.{torchs}" for ours, torchs in NORM_PARTS.items()}
    missed = {name for name in state if not name.endswith("num_batches_tracked")} - set(found.values())
    assert not missed, missed
    return found
