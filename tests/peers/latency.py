#!/usr/bin/env python3
"""Latency of mnetc's generated code next to ONNX Runtime's, one thread, batch 1, side by side in one run.

usage: latency.py MNETC [--rounds 5] [--networks v1 v2 v3_large v3_small]

MNETC is the built command. Needs the packages of requirements.txt here and of ../oracle. For each network the engines
take turns for ROUNDS rounds; a turn warms up, then times 50 inferences and keeps the median; a figure is the median of
its turns. ONNX Runtime runs the same network as torchvision builds it (V1: `../oracle/networks.py`), exported in f32.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime
import torch

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "oracle"))
import networks  # noqa: E402

REFERENCE = {
    "v1": networks.MobileNetV1,
    "v2": networks.v2,
    "v3_large": networks.v3_large,
    "v3_small": networks.v3_small,
}
LEVELS = ["scalar", "avx2", "avx512"]


def session(name, folder):
    path = folder / f"{name}.onnx"
    model = REFERENCE[name]().eval()
    torch.onnx.export(model, torch.zeros(1, 3, 224, 224), path, input_names=["input"], dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def runtime_ms(run, x, warm=10, times=50):
    for _ in range(warm):
        run.run(None, {"input": x})
    laps = []
    for _ in range(times):
        start = time.perf_counter()
        run.run(None, {"input": x})
        laps.append((time.perf_counter() - start) * 1e3)
    return statistics.median(laps)


def mnetc_ms(mnetc, name, level):
    spec = HERE.parent.parent / "arch-specs" / f"{name}.yaml"
    command = [mnetc, "bench", str(spec), "--level", level, "--iterations", "50", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])["median_ms"] if done.returncode == 0 else None


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("mnetc")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--networks", nargs="+", default=list(REFERENCE))
    a = arguments.parse_args()
    x = np.random.default_rng(7).standard_normal((1, 3, 224, 224)).astype(np.float32)
    print(f"| network | ONNX Runtime {onnxruntime.__version__} | " + " | ".join(LEVELS) + " | ratio |")
    print("| --- " + "| ---: " * (len(LEVELS) + 2) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for name in a.networks:
            run = session(name, pathlib.Path(folder))
            laps = {key: [] for key in ["runtime", *LEVELS]}
            for _ in range(a.rounds):
                laps["runtime"].append(runtime_ms(run, x))
                for level in LEVELS:
                    laps[level].append(mnetc_ms(a.mnetc, name, level))
            median = {k: statistics.median(v) for k, v in laps.items() if None not in v}
            best = min(median[level] for level in LEVELS if level in median)
            cells = [f"{median[k]:.2f}" if k in median else "-" for k in ["runtime", *LEVELS]]
            print(f"| {name} | " + " | ".join(cells) + f" | {median['runtime'] / best:.2f} |", flush=True)


if __name__ == "__main__":
    main()
