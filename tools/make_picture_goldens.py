#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/pictures: small pictures in many formats, and what Pillow makes of them.

manifest.tsv  file, width, height, hash of the RGB pixels (turned upright)
resize.tsv    width, height, channels of a made-up picture; filter; new width, new height; hash

The hash is 64-bit FNV-1a over the bytes, row by row. Made-up pictures are the high bytes of a linear
congruential generator (see noise below; tests/unit/test_resize.c has the same). Needs Pillow and
numpy; the Pillow version stands in the first line of each table, and the order in which
Image.resize scales the two axes is that of Pillow 13.

usage: make_picture_goldens.py [FOLDER]
"""
import io
import pathlib
import random
import struct
import sys
import zlib

import numpy
import PIL
from PIL import Image, ImageOps

FILTERS = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def noise(width, height, channels):
    state = (width * 31 + height) & 0xFFFFFFFF
    pixels = bytearray()
    for _ in range(width * height * channels):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        pixels.append(state >> 24)
    return bytes(pixels)


def drawing(width=13, height=9):
    """A picture with edges, gradients and colours, so that every conversion shows."""
    y, x = numpy.mgrid[0:height, 0:width]
    red, green = x * 255 // (width - 1), y * 255 // (height - 1)
    blue = (x * 40 + y * 90) % 256
    rgb = numpy.stack([red, green, blue], -1).astype(numpy.uint8)
    rgb[2:4, 3:9] = [250, 5, 120]
    return Image.fromarray(rgb)


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, depth, colour, rows, interlaced=False, extra=b""):
    """A PNG from rows of packed bytes; Pillow writes neither 16-bit colour nor interlaced files."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    body = b"".join(b"\0" + row for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra
            + png_chunk(b"IDAT", zlib.compress(body)) + png_chunk(b"IEND", b""))


def adam7_rows(rgb):
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                           (1, 0, 2, 2), (0, 1, 1, 2)):
        part = rgb[y0::dy, x0::dx]
        if part.shape[1]:
            yield from (row.tobytes() for row in part)


def bmp(header, pixels, palette=b""):
    start = 14 + len(header) + len(palette)
    head = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    return head + header + palette + pixels


def bmp_header(width, height, bits, compression=0, size=40, masks=b""):
    header = struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, compression, 0, 0, 0, 0, 0)
    return (header + masks).ljust(size, b"\0")


def saved(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def bmp_files(image):
    rgb = numpy.asarray(image)
    height, width = rgb.shape[:2]
    yield "rgb24.bmp", saved(image, "BMP"), None
    yield "palette8.bmp", saved(image.quantize(60), "BMP"), None
    yield "grey8.bmp", saved(image.convert("L"), "BMP"), None
    yield "bits1.bmp", saved(image.convert("1"), "BMP"), None
    bgra = numpy.concatenate([rgb[..., ::-1], numpy.full_like(rgb[..., :1], 77)], -1)
    yield "rgb32.bmp", bmp(bmp_header(width, height, 32), bgra[::-1].tobytes()), rgb
    yield "top_down32.bmp", bmp(bmp_header(width, -height, 32), bgra.tobytes()), rgb
    masks = struct.pack("<IIII", 0xFF000000, 0xFF0000, 0xFF00, 0xFF)
    abgr = bgra[..., [3, 0, 1, 2]]
    yield ("fields32.bmp",
           bmp(bmp_header(width, height, 32, 3, 108, masks), abgr[::-1].tobytes()), rgb)
    red, green, blue = (rgb[..., i].astype(numpy.uint16) for i in range(3))
    padded = numpy.zeros((height, width + width % 2), "<u2")
    padded[:, :width] = red >> 3 << 11 | green >> 2 << 5 | blue >> 3
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    yield ("fields16.bmp",
           bmp(bmp_header(width, height, 16, 3) + masks, padded[::-1].tobytes()),
           numpy.stack([(red >> 3) * 255 // 31, (green >> 2) * 255 // 63, (blue >> 3) * 255 // 31],
                       -1).astype(numpy.uint8))
    padded[:, :width] = red >> 3 << 10 | green >> 3 << 5 | blue >> 3
    yield ("rgb16.bmp", bmp(bmp_header(width, height, 16), padded[::-1].tobytes()),
           (numpy.stack([red >> 3, green >> 3, blue >> 3], -1) * 255 // 31).astype(numpy.uint8))
    index = (rgb[..., 0] >> 4) & 15
    padded = numpy.zeros((height, 16), numpy.uint8)
    padded[:, :width] = index
    nibbles = padded[:, 0::2] << 4 | padded[:, 1::2]
    table = numpy.arange(48, dtype=numpy.uint8).reshape(16, 3) * 5
    palette = numpy.pad(table[:, ::-1], ((0, 0), (0, 1))).tobytes()
    yield ("palette4.bmp", bmp(bmp_header(width, height, 4), nibbles[::-1, :8].tobytes(), palette),
           table[index])
    core = struct.pack("<IHHHH", 12, width, height, 1, 24)
    padded = numpy.zeros((height, (width * 3 + 3) // 4 * 4), numpy.uint8)
    padded[:, :width * 3] = rgb[..., ::-1].reshape(height, -1)
    yield "os2.bmp", bmp(core, padded[::-1].tobytes()), rgb


def png_files(image):
    rgb = numpy.asarray(image)
    height, width = rgb.shape[:2]
    yield "rgb.png", saved(image, "PNG"), None
    yield "grey.png", saved(image.convert("L"), "PNG"), None
    yield "bits1.png", saved(image.convert("1"), "PNG"), None
    yield "palette.png", saved(image.quantize(11), "PNG"), None
    yield "palette_clear.png", saved(image.quantize(11), "PNG", transparency=3), None
    clear = image.copy()
    clear.putalpha(image.convert("L"))
    yield "alpha.png", saved(clear, "PNG"), None
    yield "grey_alpha.png", saved(clear.convert("LA"), "PNG"), None
    wide = (rgb.astype(int) * 257 - (rgb > 0)).astype(">u2")
    yield "rgb16.png", png(width, height, 16, 2, [row.tobytes() for row in wide]), wide >> 8
    grey = wide[..., :1]
    yield ("grey16.png", png(width, height, 16, 0, [row.tobytes() for row in grey]),
           numpy.repeat(grey >> 8, 3, -1))
    nibbles = numpy.pad(rgb[..., 0] >> 4, ((0, 0), (0, 1)))
    yield ("grey4.png",
           png(width, height, 4, 0, [(r[0::2] << 4 | r[1::2]).tobytes() for r in nibbles]),
           numpy.repeat((nibbles[:, :width] * 17)[..., None], 3, -1))
    yield "interlaced.png", png(width, height, 8, 2, adam7_rows(rgb), interlaced=True), rgb
    exif = Image.Exif()
    exif[0x0112] = 8
    yield "turned.png", saved(image, "PNG", exif=exif), None


def jpeg_files(image):
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"{name}.jpg", saved(image, "JPEG", quality=85, subsampling=sampling), None
    yield "grey.jpg", saved(image.convert("L"), "JPEG", quality=80), None
    yield "cmyk.jpg", saved(image.convert("CMYK"), "JPEG", quality=90), None
    yield "progressive.jpg", saved(image, "JPEG", quality=70, progressive=True), None
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x010F] = "maker"
        yield (f"orientation{orientation}.jpg",
               saved(image, "JPEG", quality=90, exif=exif), None)


def pnm_files(image):
    rgb = numpy.asarray(image)
    height, width = rgb.shape[:2]
    numbers = "\n".join(" ".join(map(str, row.ravel())) for row in rgb)
    yield "p3.ppm", f"P3\n# a comment\n{width} {height}\n255\n{numbers}\n".encode(), rgb
    grey = numpy.asarray(image.convert("L"))
    numbers = "\n".join(" ".join(map(str, row)) for row in grey)
    yield ("p2.pgm", f"P2 {width} {height} 255 {numbers}".encode(),
           numpy.repeat(grey[..., None], 3, -1))
    yield "p6.ppm", saved(image, "PPM"), None
    yield "p5.pgm", saved(image.convert("L"), "PPM"), None
    wide = (rgb.astype(int) * 257).astype(">u2")
    yield "p6_wide.ppm", f"P6 {width} {height} 65535\n".encode() + wide.tobytes(), rgb
    yield ("p5_top100.pgm",
           f"P5\n{width} {height}\n100\n".encode() + (grey // 3).astype(numpy.uint8).tobytes(),
           numpy.repeat(((grey // 3).astype(int) * 510 + 100) // 200, 3).reshape(rgb.shape))
    black = grey < 128
    digits = "\n".join("".join("01"[int(b)] for b in row) for row in black)
    white = numpy.repeat(numpy.where(black, 0, 255)[..., None], 3, -1)
    yield "p1.pbm", f"P1\n{width} {height}\n{digits}\n".encode(), white
    yield ("p4.pbm", f"P4\n{width} {height}\n".encode() + numpy.packbits(black, axis=1).tobytes(),
           white)


def write_pictures(folder):
    image = drawing()
    lines = [f"# Pillow {PIL.__version__}\tfile, width, height, FNV-1a of the RGB pixels"]
    for make in (bmp_files, png_files, jpeg_files, pnm_files):
        for name, data, expected in make(image):
            (folder / name).write_bytes(data)
            if expected is None:
                opened = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
                expected = numpy.asarray(opened.convert("RGB"))
            expected = numpy.asarray(expected).astype(numpy.uint8)
            height, width = expected.shape[:2]
            lines.append(f"{name}\t{width}\t{height}\t{fnv1a(expected.tobytes())}")
    (folder / "manifest.tsv").write_text("\n".join(lines) + "\n")


def write_resizes(folder):
    draw = random.Random(4)
    lines = [f"# Pillow {PIL.__version__}\twidth, height, channels, filter, new width, new height, "
             "FNV-1a"]
    sizes = [(28, 28, 224, 224), (97, 61, 24, 24), (64, 64, 64, 20), (64, 64, 20, 64),
             (1, 1, 7, 5), (50, 3, 1, 1), (90, 90, 41, 4), (31, 90, 45, 12), (100, 80, 99, 79)]
    sizes += [tuple(draw.randint(1, 90) for _ in range(4)) for _ in range(14)]
    for width, height, new_width, new_height in sizes:
        for mode, channels in (("RGB", 3), ("L", 1)):
            picture = Image.frombytes(mode, (width, height), noise(width, height, channels))
            for name, kind in FILTERS.items():
                scaled = picture.resize((new_width, new_height), kind).tobytes()
                lines.append(f"{width}\t{height}\t{channels}\t{name}\t{new_width}\t{new_height}\t"
                             f"{fnv1a(scaled)}")
    (folder / "resize.tsv").write_text("\n".join(lines) + "\n")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    write_pictures(folder)
    write_resizes(folder)


if __name__ == "__main__":
    main()
