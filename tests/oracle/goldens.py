"""Writes tests/goldens: what each network of `cases.py` answers, in float64, with seeded weights.

In: the cases. Out: one NAME.safetensors a case, and torchvision's tensor names. README.md describes both.
Stops when torchvision and the spec's own reader disagree, or a number of the table below does not come out.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torchvision
from safetensors import safe_open
from torch import nn

import names
import networks
import seeded
import tensors
from cases import CASES, spec
from spec import Network

GOLDENS = Path(__file__).parent.parent / "goldens"

# PyTorch in float32 stays this near to float64; mnetc has 1e-5. A case beyond it needs another seed.
F32_LIMIT = 6e-6

# Network, its spec, multiply-adds, parameters: with 1000 classes.
COUNTS = [
    (lambda: networks.MobileNetV1(), spec("v1"), 568_740_352, 4_231_976),
    (lambda: networks.MobileNetV1(width_mult=0.75), spec("v1", (192, 192), 0.75), 239_273_472, 2_585_560),
    (lambda: networks.MobileNetV1(width_mult=0.5), spec("v1", (160, 160), 0.5), 76_524_800, 1_331_592),
    (lambda: networks.MobileNetV1(width_mult=0.25), spec("v1", (128, 128), 0.25), 13_570_048, 470_072),
    (lambda: networks.MobileNetV1(width_mult=0.25), spec("v1", (96, 96), 0.25), 7_745_152, 470_072),
    (lambda: networks.v2(), spec("v2"), 300_774_272, 3_504_872),
    (lambda: networks.v2(width_mult=1.4), spec("v2", None, 1.4), 582_195_824, 6_108_776),
    (lambda: networks.v2(width_mult=0.35), spec("v2", (96, 96), 0.35), 11_934_128, 1_677_128),
    (lambda: networks.v3_large(), spec("v3_large"), 216_589_760, 5_483_032),
    (lambda: networks.v3_large(width_mult=0.75), spec("v3_large", None, 0.75), 140_033_816, 3_377_576),
    (lambda: networks.v3_small(), spec("v3_small"), 56_510_400, 2_542_856),
    (lambda: networks.v3_large(dilated=True, reduced_tail=True), spec("v3_large_dilated"), 224_427_040, 2_569_352),
    (lambda: networks.v3_small(dilated=True, reduced_tail=True), spec("v3_small_dilated"), 59_131_552, 1_099_672),
]


def counts(model, shape):
    """(multiply-adds, parameters) by running the model once and looking at its convolutions and linear layers."""
    macs = 0

    def count(module, _, output):
        nonlocal macs
        macs += output.numel() * module.weight[0].numel()

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.inference_mode():
        model.eval()(torch.zeros(1, shape[2], *shape[:2]))
    for hook in hooks:
        hook.remove()
    return macs, sum(p.numel() for p in model.parameters())


def check_counts():
    for make, text, *expected in COUNTS:
        network, reference = Network(text), make()
        shape = input_shape(network)
        for model in (network, reference):
            assert list(counts(model, shape)) == expected, (network.input, counts(model, shape), expected)
        print(f"{shape} {expected[0]:>12,} macs {expected[1]:>10,} params: as expected")


def input_shape(network):
    return [network.input[key] for key in ("height", "width", "channels")]


def picture(network, seed):
    """The input as a (1, c, h, w) float64 tensor, before any normalisation."""
    make = seeded.input_u8 if network.input.get("type") == "u8" else seeded.input_f32
    return torch.from_numpy(make(seed, input_shape(network)).astype(np.float64)).permute(2, 0, 1)[None].contiguous()


def draw_weights(targets, seed):
    """Fills `targets`, canonical name -> tensor, in place."""
    with torch.no_grad():
        for name, target in targets.items():
            target.copy_(torch.from_numpy(seeded.weights(seed, name, tuple(target.shape))))


def reference_maps(case, x):
    """Base name -> map of the network in `networks.py`, through hooks, and its end under `output`."""
    model = case.reference().eval()
    state = model.state_dict()
    draw_weights({name: state[theirs] for name, theirs in names.tensors(model).items()}, case.seed)
    maps = {}
    modules = dict(model.named_modules())

    def keep(base):  # cloned: torchvision adds residuals in place
        return lambda module, inputs, output: maps.__setitem__(base, output.clone())

    for layer in names.layers(model):
        if layer.output:
            modules[layer.output].register_forward_hook(keep(layer.base))
    with torch.inference_mode():
        maps["output"] = model.to(x.dtype)(x)
    return maps


def spec_maps(case, x, fold=False):
    network = Network(case.spec)
    draw_weights(network.tensors(), case.seed)
    with torch.no_grad():
        if fold:
            network.double().fold()
        return network.to(x.dtype).maps(x)


def float32_error(case, x, maps, bases):
    """The worst of two float32 evaluations, with batch norms on their own and folded."""
    singles = [spec_maps(case, x.float(), fold) for fold in (False, True)]
    return max(difference(single[base], maps[base]) for single in singles for base in bases)


def difference(a, b):
    """Largest difference, relative to the largest value of `b`."""
    return float((a.double() - b.double()).abs().max() / b.double().abs().max())


def array(value, strides):
    """A map as (h, w, c), a vector as (n), thinned out, in f32."""
    value = value[0].permute(1, 2, 0) if value.dim() == 4 else value[0]
    thinned = value.numpy()[tuple(slice(None, None, step) for step in strides)]
    return np.ascontiguousarray(thinned.astype(np.float32))


def write(case):
    network = Network(case.spec)
    x = picture(network, case.seed)
    maps = spec_maps(case, x)
    outputs = network.outputs()
    if case.reference:
        theirs = reference_maps(case, x)
        if ("output", "output") not in outputs:
            del maps["output"]
        for base, ours in maps.items():
            if base in theirs:
                assert difference(ours, theirs[base]) < 1e-12, (case.name, base)
        maps |= {base: value for base, value in theirs.items() if base in maps}
    error = float32_error(case, x, maps, [base for _, base in outputs])
    assert error < F32_LIMIT, (case.name, error)

    kept = {name: (base, case.keep.get(name, [])) for name, base in outputs}
    kept |= {name: (name, strides) for name, strides in case.keep.items() if name not in kept}
    arrays, shapes, strides = {}, {}, {}
    for name, (base, steps) in kept.items():
        label = f"tap.{name}" if name in network.taps else name
        arrays[label] = array(maps[base], steps)
        shapes[label] = list(array(maps[base], []).shape)
        strides[label] = steps or [1] * len(shapes[label])
    arrays["input.first"] = array(x, []).ravel()[:16]
    metadata = {
        "spec": case.spec,
        "seed": str(case.seed),
        "input_seed": str(case.seed),
        "input_shape": json.dumps(input_shape(network)),
        "input_type": network.input.get("type", "f32"),
        "outputs": json.dumps([name for name, _ in outputs]),
        "shapes": json.dumps(shapes),
        "strides": json.dumps(strides),
        "reference": "torchvision" if case.reference else "spec.py",
        "float32_error": f"{error:.1e}",
        "torch": torch.__version__.split("+")[0],
        "torchvision": torchvision.__version__.split("+")[0],
    }
    path = GOLDENS / f"{case.name}.safetensors"
    tensors.write(path, arrays, metadata)
    with safe_open(path, "numpy") as file:
        assert file.metadata() == metadata
        for name, expected in arrays.items():
            assert np.array_equal(file.get_tensor(name), expected)
            assert np.isfinite(expected).all() and expected.std() > 0, (case.name, name)
    print(f"{case.name:26} {path.stat().st_size:>8} bytes  f32 error {error:.1e}")


def write_names():
    """torchvision's tensor name, mnetc's, and the shape, one tensor a line."""
    for name, model in [("v2", networks.v2()), ("v3_large", networks.v3_large()), ("v3_small", networks.v3_small())]:
        state = model.state_dict()
        lines = [f"{theirs} {ours} {'x'.join(map(str, state[theirs].shape))}\n" for ours, theirs in names.tensors(model).items()]
        (GOLDENS / f"{name}.names.txt").write_text("".join(lines))


def main():
    torch.set_num_threads(1)
    GOLDENS.mkdir(exist_ok=True)
    check_counts()
    for case in CASES:
        write(case)
    write_names()


if __name__ == "__main__":
    main()
