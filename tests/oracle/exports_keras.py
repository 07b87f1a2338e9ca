"""Writes Keras networks as tf2onnx converts them, and what ONNX Runtime answers.

Usage: python3 exports_keras.py            the goldens in tests/goldens/onnx: narrow networks, ten classes
       python3 exports_keras.py FILE.onnx  what exports_rewritten.py makes a golden of
       python3 exports_keras.py DIR        everything in full width, in every way there is

Needs tensorflow and tf2onnx, which want an environment of their own: requirements_keras.txt. Inputs are channels last;
the preprocessing that MobileNetV3 has inside stays inside. Ways: a function (opsets 13 and 17), channels first, a
TFLite file, Keras' own `export`, a saved model.
"""

import os
import pathlib
import subprocess
import sys
import warnings

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import numpy as np

np.object, np.bool = object, np.bool_  # tf2onnx asks NumPy for names it has no more
import keras
import tensorflow as tf
import tf2onnx

import answers

GOLDENS = pathlib.Path(__file__).parent.parent / "goldens" / "onnx"
zoo = keras.applications


def seeded(model):
    rng = np.random.default_rng(5)
    layers = [model]
    while layers:
        layer = layers.pop(0)
        layers = list(getattr(layer, "layers", [])) + layers
        if isinstance(layer, keras.layers.BatchNormalization):
            c = layer.gamma.shape[0]
            ranges = [(0.8, 1.2), (-0.2, 0.2), (-0.2, 0.2), (0.75, 1.75)]
            layer.set_weights([rng.uniform(low, high, c) for low, high in ranges])
    return model


def with_head(base, activation="softmax"):
    """The usual transfer: a network without its top, a new top."""
    x = keras.layers.Dropout(0.2)(base.output)
    return keras.Model(base.input, keras.layers.Dense(10, activation=activation)(x))


def transfer():
    base = zoo.MobileNetV2(weights=None, alpha=0.35, input_shape=(96, 96, 3), include_top=False)
    picture = keras.Input((96, 96, 3))
    x = keras.layers.RandomFlip("horizontal")(picture)
    x = zoo.mobilenet_v2.preprocess_input(x)
    x = keras.layers.GlobalAveragePooling2D()(base(x, training=False))
    x = keras.layers.Dropout(0.2)(x)
    x = keras.layers.BatchNormalization()(keras.layers.Dense(64, activation="relu")(x))
    return keras.Model(picture, keras.layers.Dense(1, activation="sigmoid")(x))


def rescaled():
    inner = zoo.MobileNetV2(weights=None, alpha=0.35, input_shape=(96, 96, 3))
    return keras.Sequential([keras.layers.Input((96, 96, 3)), keras.layers.Rescaling(1 / 127.5, offset=-1), inner])


def small(minimalistic=False):
    shape = (48, 40, 3)
    return with_head(
        zoo.MobileNetV3Small(
            weights=None, alpha=0.05, input_shape=shape, include_top=False, pooling="avg", minimalistic=minimalistic
        )
    )


def v1():
    return with_head(zoo.MobileNet(weights=None, alpha=0.0625, input_shape=(48, 40, 3), include_top=False, pooling="avg"), None)


WIDE = {
    "v1": zoo.MobileNet,
    "v2": zoo.MobileNetV2,
    "v3_large": zoo.MobileNetV3Large,
    "v3_small": zoo.MobileNetV3Small,
    "v3_large_min": lambda weights: zoo.MobileNetV3Large(weights=weights, minimalistic=True),
    "v3_small_min": lambda weights: zoo.MobileNetV3Small(weights=weights, minimalistic=True),
    "v2_035_96": lambda weights: zoo.MobileNetV2(weights=weights, alpha=0.35, input_shape=(96, 96, 3)),
    "v1_025_128": lambda weights: zoo.MobileNet(weights=weights, alpha=0.25, input_shape=(128, 128, 3)),
    "v2_no_top": lambda weights: zoo.MobileNetV2(weights=weights, alpha=0.35, input_shape=(96, 96, 3), include_top=False),
    "v2_rescaled": lambda weights: rescaled(),
    "v2_transfer": lambda weights: transfer(),
}


def size_of(model):
    return [n or 224 for n in model.input_shape[1:3]]


def picture(model):
    """Numbers in 0..255: what preprocessing expects, and what other networks bear."""
    return np.random.default_rng(9).integers(0, 256, (1, *size_of(model), 3)).astype(np.float32)


def signature(model, batch, kind=tf.float32):
    return [tf.TensorSpec((batch, *size_of(model), 3), kind, name="input")]


def function(model, opset):
    def to(path):
        spec = signature(model, None)
        call = tf.function(lambda x: model(x, training=False), input_signature=spec)
        tf2onnx.convert.from_function(call, input_signature=spec, opset=opset, output_path=str(path))
        return picture(model)

    return to


def channels_first(model):
    def to(path):
        spec = signature(model, 1)
        call = tf.function(lambda x: model(x, training=False), input_signature=spec)
        tf2onnx.convert.from_function(
            call, input_signature=spec, opset=17, output_path=str(path), inputs_as_nchw=["input"]
        )
        return np.ascontiguousarray(picture(model).transpose(0, 3, 1, 2))

    return to


def bytes_in(model):
    """uint8 pixels, converted and scaled in front of the network."""

    def to(path):
        spec = signature(model, None, tf.uint8)
        call = tf.function(
            lambda x: model(tf.cast(x, tf.float32) / 127.5 - 1.0, training=False), input_signature=spec
        )
        tf2onnx.convert.from_function(call, input_signature=spec, opset=17, output_path=str(path))
        return picture(model).astype(np.uint8)

    return to


def lite(model, opset):
    def to(path):
        call = tf.function(lambda x: model(x, training=False), input_signature=signature(model, 1))
        converter = tf.lite.TFLiteConverter.from_concrete_functions([call.get_concrete_function()])
        file = path.with_suffix(".tflite")
        file.write_bytes(converter.convert())
        tf2onnx.convert.from_tflite(str(file), opset=opset, output_path=str(path))
        file.unlink()
        return picture(model)

    return to


def own(model):
    def to(path):
        model.export(str(path), format="onnx", opset_version=17, verbose=False)
        return picture(model)

    return to


def saved(model):
    def to(path):
        folder = path.with_suffix(".saved")
        model.export(str(folder), verbose=False)
        command = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", str(folder), "--opset", "15"]
        subprocess.run([*command, "--output", str(path)], check=True, capture_output=True)
        return picture(model)

    return to


def main():
    warnings.filterwarnings("ignore")
    if len(sys.argv) == 1:
        answers.attempt(GOLDENS / "keras_v3_small_tflite17.onnx", lite(seeded(small()), 17))
        answers.attempt(GOLDENS / "keras_v1_u8_tf17.onnx", bytes_in(seeded(v1())))
        return
    folder = pathlib.Path(sys.argv[1])
    if folder.suffix == ".onnx":
        return answers.attempt(folder, function(seeded(small()), 13))
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in WIDE.items():
        net = seeded(make(weights=None))
        expected = net(picture(net), training=False).numpy()
        ways = {"tf13": function(net, 13), "tf17": function(net, 17), "nchw": channels_first(net)}
        ways |= {"tflite13": lite(net, 13), "tflite17": lite(net, 17), "own": own(net), "saved": saved(net)}
        for way, export in ways.items():
            answers.attempt(folder / f"keras_{name}_{way}.onnx", export, expected)
        answers.attempt(folder / f"keras_{name}_u8.onnx", bytes_in(net))


if __name__ == "__main__":
    main()
