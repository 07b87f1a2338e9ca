"""Writes tests/goldens/onnx: small networks as torch exports them, and what ONNX Runtime answers.

Usage: python3 exports.py. Narrow torchvision networks with ten classes, random weights and batch norms of one seed; through
the TorchScript exporter at several opsets and through the dynamo exporter (opset 18, weights in a file of their own).
"""

import pathlib
import warnings

import numpy as np
import onnxruntime
import torch
import torchvision

import networks
import tensors

GOLDENS = pathlib.Path(__file__).parent.parent / "goldens" / "onnx"


def network(make, **kwargs):
    torch.manual_seed(5)
    model = make(num_classes=10, **kwargs).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.75, 1.75)
    return model


V1 = network(networks.MobileNetV1, width_mult=0.125)
V2 = network(torchvision.models.mobilenet_v2, width_mult=0.1)
SMALL = network(torchvision.models.mobilenet_v3_small, width_mult=0.1)
CASES = {
    "v1_script17": (V1, dict(opset_version=17, dynamo=False)),
    "v2_script11": (V2, dict(opset_version=11, dynamo=False)),
    "v3_small_script13": (SMALL, dict(opset_version=13, dynamo=False)),
    "v3_small_script17_training": (
        SMALL,
        dict(opset_version=17, dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False),
    ),
    "v3_small_dynamo18": (SMALL, dict(opset_version=18, dynamo=True, external_data=True, dynamic_shapes=({0: "batch"},))),
}


def main():
    warnings.filterwarnings("ignore")
    GOLDENS.mkdir(parents=True, exist_ok=True)
    x = torch.rand(1, 3, 48, 40, generator=torch.Generator().manual_seed(9)) * 2 - 1
    for name, (model, options) in CASES.items():
        path = GOLDENS / f"{name}.onnx"
        torch.onnx.export(model, (x,), path, input_names=["input"], output_names=["logits"], verbose=False, **options)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        (answer,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
        print(f"{name:28} {sum(f.stat().st_size for f in GOLDENS.glob(name + '.onnx*')):8} bytes")
        tensors.write(GOLDENS / f"{name}.safetensors", {"logits": answer[0].astype(np.float32)}, {})
    tensors.write(GOLDENS / "input.safetensors", {"input": x[0].numpy()}, {})


if __name__ == "__main__":
    main()
