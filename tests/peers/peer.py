"""One peer, one model, in a process of its own: `peer.py ENGINE MODEL.onnx THREADS`.

In, on standard input: the input, raw f32, then one byte for each turn. Out: the output as raw f32, and behind each turn
the milliseconds of its inferences as f64. OpenVINO says on standard error which primitives it runs. Never: compares.
`tract/src/main.rs` is the same for tract.

A turn warms up for ten inferences and a tenth of a second, as `mnetc bench` does, then times 50.
"""

import sys
import time

import numpy as np

WARM_UP_RUNS, WARM_UP_SECONDS, RUNS = 10, 0.1, 50


def onnxruntime(model, threads):
    import onnxruntime as runtime

    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    return entry.shape, lambda x: session.run(None, {entry.name: x})[0]


def openvino(model, threads):
    import openvino as ov

    # Left to itself it computes f32 models in bf16 on machines that have it.
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = ov.Core().compile_model(model, "CPU", settings)
    kinds = {str(node.get_rt_info()["primitiveType"].astype(str)) for node in compiled.get_runtime_model().get_ops()}
    print("primitives:", *sorted(kinds), file=sys.stderr, flush=True)
    request = compiled.create_infer_request()
    return list(compiled.input(0).shape), lambda x: list(request.infer({0: x}, share_inputs=True).values())[0]


def turn(infer):
    start, runs = time.perf_counter(), 0
    while runs < WARM_UP_RUNS or time.perf_counter() - start < WARM_UP_SECONDS:
        infer()
        runs += 1
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        infer()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main():
    engine, model, threads = sys.argv[1:]
    shape, infer = {"onnxruntime": onnxruntime, "openvino": openvino}[engine](model, int(threads))
    x = np.frombuffer(sys.stdin.buffer.read(4 * int(np.prod(shape))), np.float32).reshape(shape)
    sys.stdout.buffer.write(np.ascontiguousarray(infer(x), np.float32).tobytes())
    sys.stdout.buffer.flush()
    while sys.stdin.buffer.read(1):
        sys.stdout.buffer.write(np.array(turn(lambda: infer(x))).tobytes())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
