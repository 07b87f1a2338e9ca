"""The networks of the comparison, as ONNX files: torchvision's, exported in f32 with batch norms folded.

In: a folder. Out: NAME.onnx and NAME.input.npy for each network, unless they are there. Never: times.

V1 is `../oracle/networks.py`'s, as torchvision would write it. Weights are drawn by torch from a fixed seed; the
statistics of batch norms are those of random pictures, so that activations are as large as in a trained network.
"""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))

# Name: network, width multiplier, height, width.
NETWORKS = {
    "v1": ("v1", 1.0, 224, 224),
    "v2": ("v2", 1.0, 224, 224),
    "v3_large": ("v3_large", 1.0, 224, 224),
    "v3_small": ("v3_small", 1.0, 224, 224),
    "v2_050": ("v2", 0.5, 224, 224),
    "v2_140": ("v2", 1.4, 224, 224),
    "v2_128": ("v2", 1.0, 128, 128),
    "v2_160": ("v2", 1.0, 160, 160),
    "v2_192": ("v2", 1.0, 192, 192),
    "v2_224x160": ("v2", 1.0, 224, 160),
}


def title(name):
    network, width, height, columns = NETWORKS[name]
    words = {"v1": "V1", "v2": "V2", "v3_large": "V3-Large", "v3_small": "V3-Small"}[network]
    return f"{words} {width}, {height}x{columns}"


def build(name, folder):
    """The path of the model, made if it is not there."""
    path = folder / f"{name}.onnx"
    picture = path.with_suffix(".input.npy")
    if not (path.exists() and picture.exists()):
        network, width, height, columns = NETWORKS[name]
        export(network, width, (height, columns), path)
        values = np.random.default_rng(7).standard_normal((1, 3, height, columns))
        np.save(picture, values.astype(np.float32))
    return path


def export(network, width, size, path):
    import networks
    import torch
    from torch import nn

    torch.manual_seed(1)
    make = networks.MobileNetV1 if network == "v1" else getattr(networks, network)
    model = make(width_mult=width)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        model.train()(torch.randn(4, 3, *size))
    unfinished = path.with_suffix(".new")
    torch.onnx.export(
        model.eval(), torch.zeros(1, 3, *size), unfinished, input_names=["input"], output_names=["logits"], dynamo=False
    )
    unfinished.rename(path)
