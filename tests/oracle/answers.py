"""Writes what ONNX Runtime answers to an exported model beside it.

In: a model's path and an input with its batch of one. Out: NAME.safetensors with `input` and one tensor for each output,
in order, all without their batch. Never: exports.
"""

import numpy as np
import onnxruntime

import tensors


def write(path, x, names=None):
    """Runs the model at `path` on `x`; gives its first output."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    outputs = session.run(None, {session.get_inputs()[0].name: x})
    names = names or [f"output{i}" for i in range(len(outputs))]
    arrays = {name: np.ascontiguousarray(y[0].astype(np.float32)) for name, y in zip(names, outputs)}
    tensors.write(path.with_suffix(".safetensors"), {"input": np.ascontiguousarray(x[0]), **arrays}, {})
    return outputs[0]


def attempt(path, export, expected=None):
    """Exports by `export(path)`, which gives the input, and says how it went: exporters fail at some networks."""
    try:
        y = write(path, export(path))
    except Exception as error:  # each exporter has exceptions of its own
        print(f"{path.name:50} FAILED {type(error).__name__}: {' '.join(str(error).split())[:200]}", flush=True)
        return
    off = "" if expected is None else f"  off by {np.abs(y.ravel() - expected.ravel()).max() / np.abs(expected).max():.1e}"
    print(f"{path.name:50} {path.stat().st_size:9} bytes{off}", flush=True)
