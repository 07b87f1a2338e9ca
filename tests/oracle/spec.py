"""A second, independent reader of specs: YAML in, a torch network out.

It serves two ends: goldens whose network torchvision does not have, and the proof that the spec stored in a golden
means the torchvision network the numbers come from (`goldens.py` evaluates both). It reads valid specs only.
"""

from collections import Counter

import torch
import yaml
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {
    "none": lambda x: x,
    "relu": F.relu,
    "relu6": F.relu6,
    "hard_swish": F.hardswish,
    "hard_sigmoid": F.hardsigmoid,
    "sigmoid": torch.sigmoid,
    "swish": F.silu,
}
ACTIVATIONS |= {"RE": F.relu, "R6": F.relu6, "HS": F.hardswish}


def make_divisible(v, divisor=8, minimum=None):
    rounded = max(divisor if minimum is None else minimum, int(v + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * v else rounded


def window_padding(size, k, s, d, padding):
    """(top, left, bottom, right) for a window over a map of `size` (h, w)."""
    if padding == "valid":
        return (0, 0, 0, 0)
    if padding == "symmetric":
        return (d * (k - 1) // 2,) * 4
    if padding == "same":
        totals = [max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) for n in size]
        before = [total // 2 for total in totals]
        return (*before, totals[0] - before[0], totals[1] - before[1])
    return tuple(padding)


def pad(x, k, s, d, padding, value=0.0):
    top, left, bottom, right = window_padding(x.shape[2:], k, s, d, padding)
    return F.pad(x, (left, right, top, bottom), value=value)


class Unit(nn.Module):
    """A convolution with all that follows it in a fused layer: padding, batch norm or bias, activation."""

    def __init__(self, base, cin, cout, activation, k=1, s=1, d=1, groups=1, padding="symmetric", epsilon=None, bias=False):
        super().__init__()
        self.base, self.window, self.activation = base, (k, s, d, padding), ACTIVATIONS[activation]
        self.conv = nn.Conv2d(cin, cout, k, s, dilation=d, groups=groups, bias=bias)
        self.bn = nn.Identity() if epsilon is None else nn.BatchNorm2d(cout, eps=epsilon)

    def linear_part(self, x):
        return self.bn(self.conv(pad(x, *self.window)))

    def forward(self, x, maps):
        maps[self.base] = self.activation(self.linear_part(x))
        return maps[self.base]

    def fold(self):
        """Moves the batch norm into the convolution, as mnetc does; afterwards the unit has other tensors."""
        if isinstance(self.bn, nn.BatchNorm2d):
            scale = self.bn.weight / (self.bn.running_var + self.bn.eps).sqrt()
            bias = 0 if self.conv.bias is None else self.conv.bias
            self.conv.weight = nn.Parameter(self.conv.weight * scale[:, None, None, None])
            self.conv.bias = nn.Parameter(self.bn.bias + (bias - self.bn.running_mean) * scale)
            self.bn = nn.Identity()

    def tensors(self):
        yield f"{self.base}.weight", self.conv.weight
        if self.conv.bias is not None:
            yield f"{self.base}.bias", self.conv.bias
        if isinstance(self.bn, nn.BatchNorm2d):
            yield f"{self.base}.bn.weight", self.bn.weight
            yield f"{self.base}.bn.bias", self.bn.bias
            yield f"{self.base}.bn.mean", self.bn.running_mean
            yield f"{self.base}.bn.var", self.bn.running_var


class Linear(nn.Module):
    def __init__(self, base, cin, cout, activation, bias):
        super().__init__()
        self.base, self.activation, self.linear = base, ACTIVATIONS[activation], nn.Linear(cin, cout, bias=bias)

    def forward(self, x, maps):
        maps[self.base] = self.activation(self.linear(vector(x)))
        return maps[self.base]

    def tensors(self):
        yield f"{self.base}.weight", self.linear.weight
        if self.linear.bias is not None:
            yield f"{self.base}.bias", self.linear.bias


class Block(nn.Module):
    """Expansion (optional), depthwise, squeeze-and-excite (optional), projection, skip: bneck and inverted_residual."""

    def __init__(self, expand, depthwise, squeeze, project, skip, squeeze_first):
        super().__init__()
        self.expand, self.depthwise, self.project, self.skip, self.squeeze_first = expand, depthwise, project, skip, squeeze_first
        self.squeeze = nn.ModuleList(squeeze)

    def excite(self, x, maps):
        reduce, expand = self.squeeze
        return x * expand(reduce(x.mean((2, 3), keepdim=True), maps), maps)

    def forward(self, x, maps):
        y = x if self.expand is None else self.expand(x, maps)
        if self.squeeze_first:
            y = self.depthwise.activation(self.excite(self.depthwise.linear_part(y), maps))
        else:
            y = self.depthwise(y, maps)
            y = self.excite(y, maps) if len(self.squeeze) else y
        y = self.project(y, maps)
        maps[self.project.base] = y + x if self.skip else y
        return maps[self.project.base]


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x, maps):
        return self.function(x, maps)


def vector(x):
    """A 1x1 map as a vector."""
    if x.dim() == 4:
        assert x.shape[2:] == (1, 1), x.shape
    return x.flatten(1)


def average_pool(x, k, s, padding):
    """The mean of the pixels under the window; padding does not count."""
    total = F.avg_pool2d(pad(x, k, s, 1, padding), k, s)
    return total / F.avg_pool2d(pad(torch.ones_like(x), k, s, 1, padding), k, s)


class Network(nn.Module):
    """forward(x): x is the input as the user gives it, (1, c, h, w). Out: the outputs by name, `output` for an untapped end."""

    def __init__(self, text):
        super().__init__()
        spec = yaml.safe_load(text)
        self.input = spec["input"]
        self.alpha = spec.get("width_multiplier", 1.0)
        rounding = spec.get("rounding", {})
        self.round = lambda v: make_divisible(v, rounding.get("divisor", 8), rounding.get("minimum"))
        self.defaults = spec.get("defaults", {})
        self.steps, self.taps, self.counts, self.rows = nn.ModuleList(), {}, Counter(), 0
        self.channels = self.input["channels"]
        for layer in spec["layers"]:
            kind, value = (layer, None) if isinstance(layer, str) else next(iter(layer.items()))
            getattr(self, f"add_{kind}")(value)
        self.eval()

    # Layers outside tables.

    def add_conv(self, value):
        value = value | {"c": self.width(value, "scaled")}
        base = value.get("name") or ("stem" if not len(self.steps) else self.number("conv"))
        self.push(self.unit(base, value, value["c"], value.get("groups", 1)), base, value)

    def add_depthwise(self, value):
        base = value.get("name") or self.number("depthwise")
        self.push(self.unit(base, value, self.channels, self.channels), base, value)

    def add_linear(self, value):
        base = value.get("name") or self.number("linear")
        cout = self.width(value, "fixed")
        self.push(Linear(base, self.channels, cout, value.get("activation", "none"), value.get("bias", True)), base, value)
        self.channels = cout

    def add_global_average_pool(self, _):
        self.function(lambda x: x.mean((2, 3), keepdim=True))

    def add_average_pool(self, value):
        self.function(lambda x: average_pool(x, value["k"], value["s"], value["padding"]))

    def add_max_pool(self, value):
        k, s = value["k"], value["s"]
        self.function(lambda x: F.max_pool2d(pad(x, k, s, 1, value["padding"], float("-inf")), k, s))

    def add_flatten(self, _):
        self.function(lambda x: x.flatten(1))
        self.eval()
        x = torch.zeros(1, *(self.input[key] for key in ("channels", "height", "width")))
        with torch.no_grad():
            self.channels = self.maps(x)["output"].shape[1]

    def add_dropout(self, _):
        pass

    def add_softmax(self, _):
        self.function(lambda x: x.softmax(1))

    def add_sigmoid(self, _):
        self.function(torch.sigmoid)

    def add_activation(self, value):
        self.function(ACTIVATIONS[value])

    def add_add(self, value):
        self.steps.append(Function(lambda x, maps: x + maps[value["from"]]))

    # Tables.

    def add_separable(self, value):
        def block(base, row, stride):
            layer = {"activation": row.get("nl")}
            window = {"k": 3} | row | {"s": stride}
            depthwise = self.unit(f"{base}.depthwise", layer | window, self.channels, self.channels)
            pointwise = self.unit(f"{base}.pointwise", layer, self.round(row["c"] * self.alpha))
            self.steps.append(depthwise)
            self.steps.append(pointwise)
            return None, pointwise.base

        self.table(value, block)

    def add_inverted_residual(self, value):
        self.table(value, self.block)

    def add_bneck(self, value):
        self.table(value, self.block)

    def table(self, value, block):
        for row in value["rows"]:
            row = row if isinstance(row, dict) else dict(zip(value["columns"], row, strict=True))
            self.rows += 1
            for i in range(row.get("n", 1)):
                expansion, output = block(f"row{self.rows}.{i + 1}", row, row.get("s", 1) if i == 0 else 1)
            if "tap" in row:
                self.taps[row["tap"]] = output
            if "tap_expansion" in row:
                self.taps[row["tap_expansion"]] = expansion

    def block(self, base, row, stride):
        cin, cout = self.channels, self.round(row["c"] * self.alpha)
        inner = self.round(row["exp"] * self.alpha) if "exp" in row else self.times(row["t"])
        layer = {"activation": row.get("nl")}
        expand = None if inner == cin else self.unit(f"{base}.expand", layer, inner)
        window = {key: row[key] for key in ("k", "d", "padding") if key in row}
        depthwise = self.unit(f"{base}.depthwise", {"k": 3} | layer | window | {"s": stride}, inner, inner)
        squeeze, squeeze_first = self.squeeze(base, row.get("se", False), inner)
        project = self.unit(f"{base}.project", {"activation": "none"}, cout)
        skip = row.get("residual", "auto")
        skip = stride == 1 and cin == cout if skip == "auto" else skip
        self.steps.append(Block(expand, depthwise, squeeze, project, skip, squeeze_first and expand is not None))
        return expand and expand.base, project.base

    def squeeze(self, base, se, inner):
        if se is False:
            return [], False
        se_defaults = {"ratio": 0.25, "divisor": 8, "gate": "hard_sigmoid", "activation": "relu"} | self.defaults.get("se", {})
        squeezed = make_divisible(int(inner * se_defaults["ratio"]), se_defaults["divisor"]) if se is True else se
        reduce = Unit(f"{base}.se.reduce", inner, squeezed, se_defaults["activation"], bias=True)
        expand = Unit(f"{base}.se.expand", squeezed, inner, se_defaults["gate"], bias=True)
        return [reduce, expand], se_defaults.get("placement") == "before_activation"

    # Helpers.

    def width(self, value, default):
        if "t" in value:
            return self.times(value["t"])
        rule = value.get("width", default)
        if rule == "fixed":
            return value["c"]
        return self.round(value["c"] * (max(1.0, self.alpha) if rule == "at_least_one" else self.alpha))

    def times(self, t):
        product = self.channels * t
        return int(product) if product == int(product) else self.round(product)

    def unit(self, base, value, cout, groups=1):
        norm = value.get("batch_norm", True)
        epsilon = self.defaults.get("batch_norm", {}).get("epsilon", 1e-5)
        epsilon = norm.get("epsilon", epsilon) if isinstance(norm, dict) else epsilon if norm else None
        unit = Unit(
            base,
            self.channels,
            cout,
            value.get("activation") or self.defaults.get("activation", "none"),
            value.get("k", 1),
            value.get("s", 1),
            value.get("d", 1),
            groups,
            value.get("padding") or self.defaults.get("padding", "symmetric"),
            epsilon,
            value.get("bias", epsilon is None),
        )
        self.channels = cout
        return unit

    def number(self, kind):
        self.counts[kind] += 1
        return f"{kind}{self.counts[kind]}"

    def push(self, step, base, value):
        self.steps.append(step)
        if "tap" in value:
            self.taps[value["tap"]] = base

    def function(self, function):
        self.steps.append(Function(lambda x, _: function(x)))

    # Use.

    def tensors(self):
        """Canonical name -> parameter or statistic, in the order of execution."""
        return dict(item for module in self.modules() if isinstance(module, (Unit, Linear)) for item in module.tensors())

    def fold(self):
        for module in self.modules():
            if isinstance(module, Unit):
                module.fold()

    def normalised(self, x):
        channel = lambda key, default: torch.tensor(self.input.get(key, default), dtype=x.dtype).reshape(-1, 1, 1)
        return (x * self.input.get("scale", 1.0) - channel("mean", [0.0])) / channel("std", [1.0])

    def maps(self, x):
        """Every layer's map by base name, and the last value under `output`."""
        maps = {}
        x = self.normalised(x)
        for step in self.steps:
            x = step(x, maps)
        maps["output"] = x
        return maps

    def outputs(self):
        """(name of the output, name of its map): the taps, then the end unless it is tapped."""
        last = self.steps[-1]
        tapped = getattr(last, "base", None) or (isinstance(last, Block) and last.project.base)
        return list(self.taps.items()) + ([] if tapped in self.taps.values() else [("output", "output")])

    def forward(self, x):
        maps = self.maps(x)
        return {name: maps[base] for name, base in self.outputs()}
