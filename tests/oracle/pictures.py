#!/usr/bin/env python3
"""Writes cases/pictures: small pictures of every kind that is not plain RGB, and next to each what Pillow makes of it:
`Image.open(..).convert("RGB")`, as PPM. (Pillow clips 16-bit grey at 255 there; its golden holds the high bytes, as
TensorFlow and libpng's `strip_16` have them.) Run by hand; needs Pillow and NumPy alone."""
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

here = pathlib.Path(__file__).parent.parent / "cases/pictures"
here.mkdir(parents=True, exist_ok=True)
y, x = np.mgrid[0:8, 0:8]
rgb = np.stack([x * 36, y * 36, (x * y * 5) % 256], -1).astype(np.uint8)
alpha = (255 - x * 32).astype(np.uint8)[..., None]
smooth = np.stack([64 + x * 16, 64 + y * 16, 128 + 0 * x], -1).astype(np.uint8)


def save(name, picture, **how):
    picture.save(here / name, **how)
    opened = Image.open(here / name)
    opened.convert("RGB").save(here / f"{name}.ppm")
    print(name, opened.mode)


save("rgba.png", Image.fromarray(np.concatenate([rgb, alpha], -1), "RGBA"))
save("grey.png", Image.fromarray(rgb[..., 2], "L"))
save("grey_alpha.png", Image.fromarray(np.concatenate([rgb[..., 2:], alpha], -1), "LA"))
save("grey16.png", Image.fromarray((rgb[..., 2].astype(np.uint16) * 256 + 200)))
Image.fromarray(rgb[..., 2], "L").convert("RGB").save(here / "grey16.png.ppm")
save("bits.png", Image.fromarray(rgb[..., 2] > 100))
palette = Image.fromarray(rgb, "RGB").quantize(16)
save("palette.png", palette)
save("palette_alpha.png", palette, transparency=3)
save("palette.bmp", palette)
save("rgba.bmp", Image.fromarray(np.concatenate([rgb, alpha], -1), "RGBA"))
save("grey.pgm", Image.fromarray(rgb[..., 2], "L"))
save("grey.jpg", Image.fromarray(smooth[..., 0], "L"), quality=95)
save("smooth.jpg", Image.fromarray(smooth, "RGB"), quality=95, subsampling=0)
save("progressive.jpg", Image.fromarray(smooth, "RGB"), quality=95, progressive=True)
save("cmyk.jpg", Image.fromarray(smooth, "RGB").convert("CMYK"), quality=95)
turned = Image.Exif()
turned[0x0112] = 6  # on its side, as a phone held upright writes it
save("turned.jpg", Image.fromarray(smooth[:4], "RGB"), quality=95, subsampling=0, exif=turned)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# Pillow does not write 16-bit colours.
rows = b"".join(b"\0" + row.tobytes() for row in (rgb.astype(">u2") * 256 + 200).astype(">u2"))
header = struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0)
png = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
(here / "rgb16.png").write_bytes(b"\x89PNG\r\n\x1a\n" + png)
Image.open(here / "rgb16.png").convert("RGB").save(here / "rgb16.png.ppm")
assert (np.asarray(Image.open(here / "rgb16.png.ppm")) == rgb).all()
