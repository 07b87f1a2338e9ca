"""The numbers behind `--weights seed:N`, and the inputs of the goldens.

In: a seed, a tensor's canonical name and its shape. Out: f32 values, the same to the bit as mnetc's.
`python3 seeded.py` prints ten of them, which arch-specs/README quotes.
"""

import numpy as np

GAMMA = np.uint64(0x9E3779B97F4A7C15)


def splitmix64(state, index):
    """Output number `index` (from 1; a number or an array) of splitmix64 started at `state`."""
    with np.errstate(over="ignore"):  # the arithmetic is modulo 2^64
        z = np.uint64(state) + np.asarray(index, np.uint64) * GAMMA
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def fnv1a(text):
    digest = 0xCBF29CE484222325
    for byte in text.encode():
        digest = (digest ^ byte) * 0x100000001B3 % 2**64
    return digest


def uniform(seed, name, count):
    """`count` values in [0, 1), multiples of 2^-24, hence exact in f32."""
    state = splitmix64(seed, 1) ^ np.uint64(fnv1a(name))
    z = splitmix64(state, np.arange(1, count + 1, dtype=np.uint64))
    return (z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)


def signed(u):
    """[0, 1) to [-1, 1), still exact."""
    return np.float32(2) * u - np.float32(1)


def weights(seed, name, shape):
    """The tensor `name` of a network; the name's ending says what it is."""
    u = uniform(seed, name, int(np.prod(shape)))
    if name.endswith(".bn.weight"):
        values = np.float32(0.5) + u
    elif name.endswith(".bn.var"):  # from 0.75: with less, maps grow block by block until gates amplify rounding errors
        values = np.float32(0.75) + u
    elif name.endswith((".bias", ".bn.mean")):
        values = signed(u) * np.float32(0.2)
    else:  # convolution (O, I / groups, kh, kw) or linear (O, I): the axes behind the first are the fan-in
        fan_in = int(np.prod(shape[1:]))
        values = signed(u) * np.float32(np.sqrt(6 / fan_in))
    return values.reshape(shape)


def input_f32(seed, shape):
    """A picture of shape (h, w, c) with values in [-1, 1)."""
    return signed(uniform(seed, "input", int(np.prod(shape)))).reshape(shape)


def input_u8(seed, shape):
    """A picture of shape (h, w, c) with values floor(256 u), in 0..=255."""
    return np.floor(uniform(seed, "input", int(np.prod(shape))) * np.float32(256)).astype(np.uint8).reshape(shape)


TEST_VALUES = [  # seed, tensor, shape, index in row-major order
    (0, "stem.weight", (32, 3, 3, 3), 0),
    (0, "stem.weight", (32, 3, 3, 3), 863),
    (0, "stem.bn.weight", (32,), 0),
    (0, "stem.bn.bias", (32,), 1),
    (0, "stem.bn.mean", (32,), 2),
    (0, "stem.bn.var", (32,), 31),
    (1, "row1.1.depthwise.weight", (32, 1, 3, 3), 100),
    (1, "row4.1.se.reduce.bias", (24,), 5),
    (0, "linear1.weight", (1000, 1280), 1279999),
    (2**64 - 1, "linear1.bias", (1000,), 999),
]


def main():
    for seed, name, shape, index in TEST_VALUES:
        value = weights(seed, name, shape).ravel()[index]
        print(f"seed {seed}  {name} {shape} [{index}]  {value!s}  0x{value.view(np.uint32):08x}")
    print("input, seed 0, first four:", *(str(v) for v in input_f32(0, (2, 2, 1)).ravel()))
    print("input as u8, seed 0, first four:", *input_u8(0, (2, 2, 1)).ravel())


if __name__ == "__main__":
    main()
