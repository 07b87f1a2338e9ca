"""Writes safetensors files that are the same to the byte every time.

In: named numpy arrays (f32 or u8) and text metadata. Out: a file. The `safetensors` package orders metadata at
random, hence this writer; `goldens.py` reads each file back with the package.
"""

import json

import numpy as np

DTYPES = {np.dtype(np.float32): "F32", np.dtype(np.uint8): "U8"}


def write(path, arrays, metadata):
    header = {"__metadata__": dict(sorted(metadata.items()))}
    end = 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        header[name] = {"dtype": DTYPES[array.dtype], "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).tobytes())
