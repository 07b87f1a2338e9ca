"""The reference networks: torchvision's MobileNets, variants made by changing those, and V1 as torchvision would write it.

In: a width multiplier, a number of classes, switches. Out: a torch module. Never: reads a spec or draws a weight.
"""

from functools import partial

from torch import nn
from torchvision.models import mobilenet_v2, mobilenetv3
from torchvision.models._utils import _make_divisible as make_divisible
from torchvision.ops.misc import Conv2dNormActivation

v2 = mobilenet_v2

# One row of V1's table: channels, repeats, stride of the first repeat.
V1_ROWS = [(64, 1, 1), (128, 1, 2), (128, 1, 1), (256, 1, 2), (256, 1, 1), (512, 1, 2), (512, 5, 1), (1024, 1, 2), (1024, 1, 1)]


class MobileNetV1(nn.Module):
    """3x3 symmetric padding, convolutions without bias, batch norm and ReLU everywhere, a linear head."""

    def __init__(self, num_classes=1000, width_mult=1.0):
        super().__init__()
        channels = make_divisible(32 * width_mult, 8)
        features = [Conv2dNormActivation(3, channels, stride=2)]
        for c, repeats, stride in V1_ROWS:
            c = make_divisible(c * width_mult, 8)
            for i in range(repeats):
                depthwise = Conv2dNormActivation(channels, channels, stride=stride if i == 0 else 1, groups=channels)
                features.append(nn.Sequential(depthwise, Conv2dNormActivation(channels, c, kernel_size=1)))
                channels = c
        self.features = nn.Sequential(*features)
        self.classifier = nn.Linear(channels, num_classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def v3(size, num_classes=1000, width_mult=1.0, dilated=False, reduced_tail=False, minimalistic=False, block=None):
    """MobileNetV3, `size` "large" or "small"; `minimalistic` is Keras': 3x3 kernels, no squeeze-and-excite, ReLU everywhere."""
    rows, last_channel = mobilenetv3._mobilenet_v3_conf(
        f"mobilenet_v3_{size}", width_mult=width_mult, dilated=dilated, reduced_tail=reduced_tail
    )
    if minimalistic:
        for row in rows:
            row.kernel, row.use_se, row.use_hs = 3, False, False
    model = mobilenetv3.MobileNetV3(rows, last_channel, num_classes=num_classes, block=block)
    if minimalistic:
        replace(model, nn.Hardswish, nn.ReLU)
    return model


def replace(module, old, new):
    for name, child in module.named_children():
        if isinstance(child, old):
            setattr(module, name, new())
        else:
            replace(child, old, new)


class SqueezeBeforeActivation(mobilenetv3.InvertedResidual):
    """Squeeze-and-excite between the depthwise convolution's batch norm and its activation.

    Only in blocks with an expansion; a block without one keeps it behind the activation.
    """

    def __init__(self, row, norm_layer):
        super().__init__(row, norm_layer)
        if row.use_se and row.expanded_channels != row.input_channels:
            expand, depthwise, squeeze, project = self.block
            convolution, norm, activation = depthwise
            self.block = nn.Sequential(expand, nn.Sequential(convolution, norm), squeeze, activation, project)


v3_large = partial(v3, "large")
v3_small = partial(v3, "small")
