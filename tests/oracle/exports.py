"""Writes small networks as torch exports them, and what ONNX Runtime answers: tests/goldens/onnx.

Usage: python3 exports.py            the goldens: narrow networks, ten classes, random weights of one seed
       python3 exports.py DIR        everything in full width: torchvision and timm, through both of torch's exporters
       python3 exports.py DIR others the networks that are no MobileNets; some of them are refused

Through the TorchScript exporter at several opsets and through the dynamo exporter (opset 18, weights in a file of their
own, an open batch). `exports_keras.py` and `exports_rewritten.py` add theirs.
"""

import pathlib
import sys
import warnings

import numpy as np
import timm
import torch
import torchvision
from torchvision.ops.misc import Conv2dNormActivation

import answers
import networks
import tensors

GOLDENS = pathlib.Path(__file__).parent.parent / "goldens" / "onnx"

SCRIPT = {f"script{opset}": dict(opset_version=opset, dynamo=False) for opset in (11, 13, 17)}
DYNAMO = {"dynamo18": dict(opset_version=18, dynamo=True, external_data=True, dynamic_shapes=({0: "batch"},))}
TRAINING = {"script17_training": SCRIPT["script17"] | dict(training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)}


def seeded(make, gain=0.2, **kwargs):
    """A network whose batch norms scale, too: 1 - gain to 1 + gain."""
    torch.manual_seed(5)
    model = make(**kwargs).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 1 - gain, 1 + gain)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.75, 1.75)
    return model


def timm_same():
    """timm's V3-Small, minimalistic, as trained with TensorFlow: asymmetric padding; a tenth of its width."""
    model = timm.models.mobilenetv3._gen_mobilenet_v3(
        "tf_mobilenetv3_small_minimal_100", 0.1, bn_eps=1e-3, pad_type="same", num_classes=10
    )
    model.conv_head = torch.nn.Conv2d(model.conv_head.in_channels, 32, 1)
    model.classifier = torch.nn.Linear(32, 10)
    return model


def v2():
    """V2 at a tenth of its width; torchvision leaves the last convolution 1280 wide, which only makes the file large."""
    model = torchvision.models.mobilenet_v2(num_classes=10, width_mult=0.1)
    inner = model.features[-1][0].in_channels
    model.features[-1] = Conv2dNormActivation(inner, 64, kernel_size=1, activation_layer=torch.nn.ReLU6)
    model.classifier[1] = torch.nn.Linear(64, 10)
    return model


tv = torchvision.models
NARROW = {
    "v1": (networks.MobileNetV1, dict(num_classes=10, width_mult=0.0625), ["script17"]),
    "v2": (v2, {}, ["script11"]),
    "v3_small": (
        tv.mobilenet_v3_small,
        dict(num_classes=10, width_mult=0.1),
        ["script13", "script17_training", "dynamo18"],
    ),
    "timm_same": (timm_same, {}, ["script17"]),
}
WIDE = {
    "v1": networks.MobileNetV1,
    "v2": tv.mobilenet_v2,
    "v3_large": tv.mobilenet_v3_large,
    "v3_small": tv.mobilenet_v3_small,
}
TIMM = """mobilenetv1_100 mobilenetv1_100h mobilenetv2_100 mobilenetv2_050 mobilenetv2_110d mobilenetv2_140
    mobilenetv3_large_100 mobilenetv3_small_100 mobilenetv3_small_050 mobilenetv3_small_075 mobilenetv3_rw
    tf_mobilenetv3_large_minimal_100 tf_mobilenetv3_large_100 tf_mobilenetv3_large_075 tf_mobilenetv3_small_100
    tf_mobilenetv3_small_075 tf_mobilenetv3_small_minimal_100""".split()
# Networks that are made of layers there are, or nearly: name -> height and width.
OTHERS = dict(
    resnet18=128, vgg11=224, alexnet=224, resnext50_32x4d=96, mnasnet1_0=128, squeezenet1_1=128, efficientnet_b0=128,
    regnet_x_400mf=96, regnet_y_400mf=96, shufflenet_v2_x0_5=96, densenet121=64, googlenet=96, convnext_tiny=64,
)  # fmt: skip
TIMM_OTHERS = dict(
    efficientnet_lite0=128, efficientnet_b0=128, tf_efficientnet_lite0=128, tf_efficientnet_b0=128, mnasnet_100=128,
    semnasnet_100=128, fbnetc_100=128, spnasnet_100=128, lcnet_100=128, tinynet_e=106, hardcorenas_a=128,
    mobilenet_edgetpu_v2_xs=128, mobilenetv4_conv_small=128, mobilenetv4_hybrid_medium=224, mobilevit_xs=256,
    mobilevitv2_050=256, fastvit_t8=256, convnext_atto=64, vit_tiny_patch16_224=224, ghostnet_050=96, rexnet_100=96,
    repvgg_a0=96, mobileone_s0=96, edgenext_xx_small=256, levit_128s=224, efficientformer_l1=224, hrnet_w18_small=96,
    resnet26t=96, dla34=96, xception41=96,
)  # fmt: skip


def picture(height, width):
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(9)) * 2 - 1


def export(model, x, options):
    def to(path):
        torch.onnx.export(model, (x,), path, input_names=["input"], output_names=["logits"], verbose=False, **options)
        return x.numpy()

    return to


def goldens():
    """The first of them share one input."""
    x, modes = picture(48, 40), SCRIPT | DYNAMO | TRAINING
    GOLDENS.mkdir(parents=True, exist_ok=True)
    for name, (make, options, exporters) in NARROW.items():
        model = seeded(make, gain=0.5, **options)
        for mode in exporters:
            path = GOLDENS / f"{name}_{mode}.onnx"
            answer = answers.write(path, export(model, x, modes[mode])(path))
            tensors.write(path.with_suffix(".safetensors"), {"logits": answer[0].astype(np.float32)}, {})
            print(f"{path.stem:28} {sum(f.stat().st_size for f in GOLDENS.glob(path.name + '*')):8} bytes")
    tensors.write(GOLDENS / "input.safetensors", {"input": x[0].numpy()}, {})


def all_of(folder, others):
    """Every network in every way it can be exported."""
    if others:
        sized = [(n, lambda n=n: tv.get_model(n, weights=None), size) for n, size in OTHERS.items()]
        sized += [(f"timm_{n}", lambda n=n: timm.create_model(n), size) for n, size in TIMM_OTHERS.items()]
        modes = {"script17": SCRIPT["script17"]} | DYNAMO
    else:
        sized = [(n, make, 224) for n, make in WIDE.items()]
        sized += [(f"timm_{n}", lambda n=n: timm.create_model(n), 224) for n in TIMM]
        modes = SCRIPT | DYNAMO
    for name, make, size in sized:
        model, x = seeded(make), picture(size, size)
        with torch.no_grad():
            expected = model(x).numpy()
        for mode, options in modes.items():
            answers.attempt(folder / f"{name}_{mode}.onnx", export(model, x, options), expected)


def main():
    warnings.filterwarnings("ignore")
    if len(sys.argv) == 1:
        return goldens()
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    all_of(folder, sys.argv[2:] == ["others"])


if __name__ == "__main__":
    main()
