#!/usr/bin/env python3
"""Write what ONNX Runtime computes for the models of tests/onnx/variants.

usage: MNETC_WRITE_MODELS=DIR cargo test -p mnetc-tests --test onnx computes
       python3 tests/oracle/forms.py DIR > tests/goldens/onnx/forms.txt

One line a model: its name, then all numbers of all outputs.
"""
import pathlib, sys
import numpy as np, onnxruntime as ort


def main():
    folder = pathlib.Path(sys.argv[1])
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    for line in (folder / "index.txt").read_text().splitlines():
        number, name = line.split(" ", 1)
        path = folder / f"{number}.onnx"
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        x, shape = np.fromfile(folder / f"{number}.input", np.float32), session.get_inputs()[0].shape
        if "uint8" in session.get_inputs()[0].type:
            x = (x * 16 + 128).astype(np.uint8)
        outputs = session.run(None, {session.get_inputs()[0].name: x.reshape(shape)})
        numbers = np.concatenate([y.ravel() for y in outputs])
        print(f"{name}: " + " ".join(f"{n:.9g}" for n in numbers))


main()
