"""Trains examples/digits: MobileNetV3-Small at 0.35 width on scikit-learn's 8x8 digits.

In: examples/digits/data/digits.yaml. Out, beside it: digits.safetensors (weights by canonical name),
held_out.safetensors (pictures, labels, this network's answers) and three sample pictures. README.md describes them.
One picture in five is held out and never looked at before the end.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch.nn import functional as F

import tensors
from spec import Network

DATA = Path(__file__).parents[2] / "examples" / "digits" / "data"
EPOCHS, BATCH, RATE = 60, 64, 0.004
SAMPLES = (3, 5, 8)


def enlarge(small):
    """(n, 8, 8) levels 0..=16 to (n, 32, 32) bytes: each level times 15, each pixel four by four times."""
    return (small * 15).repeat(4, axis=1).repeat(4, axis=2)


def load():
    digits = load_digits()
    small, labels = digits.images.astype(np.uint8), digits.target.astype(np.uint8)
    held_out = np.arange(len(labels)) % 5 == 4
    return (small[~held_out], labels[~held_out]), (small[held_out], labels[held_out])


def tensor(pictures):
    return torch.from_numpy(pictures.astype(np.float32))[:, None]


def jitter(x):
    """Each picture turned by up to 0.2 rad, sized by 0.9 to 1.1 and moved by up to two of the 32 pixels, black outside."""
    n = len(x)
    angle = (torch.rand(n) * 2 - 1) * 0.2
    size = 1 + (torch.rand(n) * 2 - 1) * 0.1
    shift = (torch.rand(n, 2) * 2 - 1) * (2 / 16)
    cos, sin = size * angle.cos(), size * angle.sin()
    affine = torch.stack([torch.stack([cos, -sin, shift[:, 0]], 1), torch.stack([sin, cos, shift[:, 1]], 1)], 1)
    return F.grid_sample(x, F.affine_grid(affine, list(x.shape), align_corners=False), align_corners=False)


def start(network):
    """torchvision's starting values; the spec's reader leaves PyTorch's, with which deep thin networks learn slowly."""
    for name, value in network.tensors().items():
        if name.endswith(".weight") and value.dim() == 4:
            torch.nn.init.kaiming_normal_(value, mode="fan_out")
        elif name.startswith("linear") and name.endswith(".weight"):
            torch.nn.init.normal_(value, 0, 0.01)
        elif name.endswith(".bias"):
            torch.nn.init.zeros_(value)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.05


def train(network, pictures, labels):
    x, y = tensor(enlarge(pictures)), torch.from_numpy(labels.astype(np.int64))
    steps = EPOCHS * (len(x) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.2)
    network.train()
    for epoch in range(EPOCHS):
        order = torch.randperm(len(x))
        for batch in order[: len(x) // BATCH * BATCH].split(BATCH):
            loss = F.cross_entropy(network(jitter(x[batch]))["output"], y[batch], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1:3}  loss {loss.item():.3f}", flush=True)
    network.eval()


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    torch.use_deterministic_algorithms(True)
    training, (pictures, labels) = load()
    network = Network((DATA / "digits.yaml").read_text())
    params = sum(p.numel() for p in network.parameters())
    start(network)
    train(network, *training)

    with torch.inference_mode():
        logits = network.double()(tensor(enlarge(pictures)).double())["output"].numpy().astype(np.float32)
    predictions = logits.argmax(1).astype(np.uint8)
    accuracy = float((predictions == labels).mean())
    print(f"{params:,} parameters; {int((predictions == labels).sum())} of {len(labels)} held-out pictures right: {accuracy:.4f}")
    assert accuracy >= 0.98 and params < 250_000

    weights = {name: value.detach().numpy().astype(np.float32) for name, value in network.tensors().items()}
    tensors.write(DATA / "digits.safetensors", weights, {"accuracy": f"{accuracy:.4f}"})
    answers = {"images": pictures, "labels": labels, "predictions": predictions, "logits": logits}
    tensors.write(DATA / "held_out.safetensors", answers, {"enlarge": "pixel (y, x) of 32x32 = 15 * images[y / 4][x / 4]"})
    (DATA / "samples").mkdir(exist_ok=True)
    for digit in SAMPLES:
        index = int(np.flatnonzero((labels == digit) & (predictions == digit))[0])
        Image.fromarray(enlarge(pictures)[index]).save(DATA / "samples" / f"{digit}.png")


if __name__ == "__main__":
    main()
