"""Writes tests/cases/onnx: models that cannot be compiled, or have no spec, one mistake each.

What is said of them stands beside them.

Usage: python3 refused.py, then MNETC_BLESS=1 cargo test -p mnetc --test onnx.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

CASES = pathlib.Path(__file__).parent.parent / "cases" / "onnx"
W = np.ones((4, 3, 1, 1), np.float32)


def conv(x="input", y="y", name="conv", w="w"):
    return h.make_node("Conv", [x, w], [y], name=name)


def model(nodes, shape=(1, 3, 8, 8), out="y", weights=(), opset=17, ir=8, kind=T.FLOAT, inputs=None):
    inputs = inputs or [h.make_tensor_value_info("input", kind, shape)]
    constants = [nh.from_array(W, "w"), *(nh.from_array(a, n) for n, a in weights)]
    graph = h.make_graph(nodes, "g", inputs, [h.make_tensor_value_info(out, T.FLOAT, None)], constants)
    made = h.make_model(graph, opset_imports=[h.make_opsetid("", opset)])
    made.ir_version = ir
    return made


def external(location):
    made = model([conv()])
    tensor = made.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = T.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return made


def short_tensor():
    made = model([conv()])
    made.graph.initializer[0].raw_data = b"\0" * 7
    return made


def deep():
    """A function that calls itself."""
    opsets = [h.make_opsetid("", 17), h.make_opsetid("local", 1)]
    made = model([h.make_node("f", ["input"], ["a"], domain="local"), conv("a")])
    made.functions.append(h.make_function("local", "f", ["x"], ["y"], [h.make_node("f", ["x"], ["y"], domain="local")], opsets))
    made.opset_import.append(opsets[1])
    return made


def twice():
    """Compiles, but no spec gives one map out under two names."""
    made = model([conv(), h.make_node("Identity", ["y"], ["again"])])
    made.graph.output.append(h.make_tensor_value_info("again", T.FLOAT, None))
    return made


MODELS = {
    "N002_opset": model([conv()], opset=5),
    "N002_format": model([conv()], ir=2),
    "N003_deep": deep(),
    "N004_short_tensor": short_tensor(),
    "N004_outside": external("../weights.data"),
    "N005_missing": external("weights.data"),
    "N006_two_inputs": model(
        [h.make_node("Add", ["input", "other"], ["s"]), conv("s")],
        inputs=[h.make_tensor_value_info(n, T.FLOAT, (1, 3, 8, 8)) for n in ("input", "other")],
    ),
    "N006_no_such_output": model([conv()], out="z"),
    "N007_open_height": model([conv()], shape=("batch", 3, "height", 8)),
    "N007_batch": model([conv()], shape=(4, 3, 8, 8)),
    "N008_dynamic": model(
        [
            h.make_node("DynamicQuantizeLinear", ["input"], ["q", "s", "z"]),
            h.make_node("ConvInteger", ["q", "wq", "z"], ["i"]),
            h.make_node("Cast", ["i"], ["y"], to=T.FLOAT),
        ],
        weights=[("wq", np.ones((4, 3, 1, 1), np.uint8))],
    ),
    "nodes_of_three_kinds": model(
        [
            h.make_node("Conv", ["input", "w"], ["a"], name="/stem/Conv"),
            h.make_node("LeakyRelu", ["a"], ["b"], name="/stem/LeakyRelu", alpha=0.1),
            h.make_node("LRN", ["b"], ["c"], name="/norm/LRN", size=3),
            h.make_node("Resize", ["c", "", "scales"], ["y"], name="/up/Resize"),
        ],
        weights=[("scales", np.array([1, 1, 2, 2], np.float32))],
    ),
    "N009_broadcast_add": model(
        [
            conv(y="a"),
            h.make_node("GlobalAveragePool", ["a"], ["p"]),
            h.make_node("Add", ["a", "p"], ["y"], name="/add/Add"),
        ]
    ),
    "N010_one_map_twice": twice(),
}


def main():
    CASES.mkdir(parents=True, exist_ok=True)
    for name, made in MODELS.items():
        (CASES / f"{name}.onnx").write_bytes(made.SerializeToString())
    (CASES / "N001_empty.onnx").write_bytes(b"")
    (CASES / "N001_text.onnx").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 14\n")
    whole = model([conv()]).SerializeToString()
    (CASES / "N001_cut.onnx").write_bytes(whole[: len(whole) // 2])


if __name__ == "__main__":
    main()
