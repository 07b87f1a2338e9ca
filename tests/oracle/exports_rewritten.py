"""Writes exported models as other tools rewrite them, and what ONNX Runtime answers.

Usage: python3 exports_rewritten.py KERAS.onnx  the goldens: that model in float16, and one of tests/goldens/onnx optimised
       python3 exports_rewritten.py DIR OUT     every model in DIR; OUT/refused has the quantised ones

The tools: onnxsim, onnxslim, ONNX Runtime's optimiser at two levels, the converters to float16 and to later opsets,
ONNX Runtime's quantiser in its three forms.
"""

import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnxruntime as ort
import onnxsim
import onnxslim
from onnx import version_converter
from onnxconverter_common import float16
from onnxruntime import quantization as q
from safetensors.numpy import load_file

import answers

GOLDENS = pathlib.Path(__file__).parent.parent / "goldens" / "onnx"


def fed(source):
    """What a model was fed, with its batch."""
    own = load_file(source.with_suffix(".safetensors"))
    return (own if "input" in own else load_file(source.parent / "input.safetensors"))["input"][None]


def simplified(source, path):
    model = onnx.load(source)
    shapes = {model.graph.input[0].name: list(fed(source).shape)}
    rewritten, same = onnxsim.simplify(model, overwrite_input_shapes=shapes)
    assert same
    onnx.save(rewritten, path)


def slimmed(source, path):
    onnx.save(onnxslim.slim(onnx.load(source)), path)


def optimised(level):
    def rewrite(source, path):
        options = ort.SessionOptions()
        options.graph_optimization_level = level
        options.optimized_model_filepath = str(path)
        # Weights outside the file stay where they are, so the model must not have any.
        whole = path.with_suffix(".whole.onnx")
        onnx.save(onnx.load(source), whole)
        ort.InferenceSession(str(whole), options, providers=["CPUExecutionProvider"])
        whole.unlink()

    return rewrite


def halved(source, path):
    onnx.save(float16.convert_float_to_float16(onnx.load(source), keep_io_types=True), path)


def rounded(source, path):
    """Weights as float16 has them, everything else as before: what a model in float16 means when computed in float32."""
    model = onnx.load(source)
    for tensor in model.graph.initializer:
        numbers = onnx.numpy_helper.to_array(tensor)
        if numbers.dtype == np.float32 and numbers.size > 1:
            half = numbers.astype(np.float16).astype(np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(half, tensor.name))
    onnx.save(model, path)


def converted(opset):
    def rewrite(source, path):
        onnx.save(version_converter.convert_version(onnx.load(source), opset), path)

    return rewrite


class Calibration(q.CalibrationDataReader):
    """One picture."""

    def __init__(self, source):
        self.pictures = [{onnx.load(source).graph.input[0].name: fed(source)}]

    def get_next(self):
        return self.pictures.pop() if self.pictures else None


def quantised(form, **options):
    def rewrite(source, path):
        q.quantize_static(str(source), str(path), Calibration(source), quant_format=form, **options)

    return rewrite


REWRITES = {
    "sim": simplified,
    "slim": slimmed,
    "basic": optimised(ort.GraphOptimizationLevel.ORT_ENABLE_BASIC),
    "extended": optimised(ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED),
    "fp16": halved,
    "opset21": converted(21),
    "opset26": converted(26),
}
QUANTISED = {
    "qdq": quantised(q.QuantFormat.QDQ),
    "qdq_per_channel": quantised(
        q.QuantFormat.QDQ, per_channel=True, activation_type=q.QuantType.QInt8, weight_type=q.QuantType.QInt8
    ),
    "qoperator": quantised(q.QuantFormat.QOperator),
    "dynamic": lambda source, path: q.quantize_dynamic(str(source), str(path)),
}


def rewritten(source, rewrite):
    def to(path):
        rewrite(source, path)
        return fed(source)

    return to


def main():
    warnings.filterwarnings("ignore")
    if len(sys.argv) == 2:
        source, model = pathlib.Path(sys.argv[1]), GOLDENS / "keras_v3_small_fp16.onnx"
        answers.attempt(model, rewritten(source, rounded))
        halved(source, model)
        answers.attempt(GOLDENS / "v1_extended.onnx", rewritten(GOLDENS / "v1_script17.onnx", REWRITES["extended"]))
        return
    sources, out = map(pathlib.Path, sys.argv[1:])
    (out / "refused").mkdir(parents=True, exist_ok=True)
    for source in sorted(sources.glob("*.onnx")):
        expected = load_file(source.with_suffix(".safetensors"))["output0"].astype(np.float64)
        for way, rewrite in REWRITES.items():
            answers.attempt(out / f"{source.stem}_{way}.onnx", rewritten(source, rewrite), expected)
        for way, rewrite in QUANTISED.items():
            answers.attempt(out / "refused" / f"{source.stem}_{way}.onnx", rewritten(source, rewrite), expected)


if __name__ == "__main__":
    main()
