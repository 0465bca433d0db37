#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Decoding and scaling of real pictures against Pillow, byte for byte.

usage: resize.py TEST_RESIZE [--seed N] [PICTURE…]

TEST_RESIZE is the built tests/unit/test_resize. Without pictures those of ../shared/images are taken.
Where Pillow or the pictures are absent the run counts as skipped.
"""
import argparse
import pathlib
import random
import subprocess
import sys

try:
    import numpy
    import PIL
    from PIL import Image, ImageOps
except ImportError:
    print("skipped: Pillow is not installed")
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(0)

# Pillow before 13 always scales the rows first, so that the rounding in between differs.
ANY_ORDER = int(PIL.__version__.split(".")[0]) >= 13


def ours(program, *arguments):
    done = subprocess.run([program, "--dump", *map(str, arguments)], capture_output=True)
    if done.returncode != 0:
        return done.stderr.decode().strip()
    head, pixels = done.stdout.split(b"\n", 1)
    width, height, channels = map(int, head.split())
    return numpy.frombuffer(pixels, numpy.uint8).reshape(height, width, channels)


def sizes_for(image, draw):
    fixed = [(224, 224), (96, 96), (28, 28), (image.width, 100), (100, image.height), (1, 1)]
    return fixed + [(draw.randint(1, 1500), draw.randint(1, 1500)) for _ in range(4)]


def comparisons(program, path, draw):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    yield f"{path.name}", numpy.asarray(image), ours(program, path)
    filters = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
    for name, kind in filters.items():
        for width, height in sizes_for(image, draw):
            columns_first = image.height - height > max(0, 2 * (image.width - width))
            if columns_first and name != "nearest" and not ANY_ORDER:
                continue
            for mode, channels in (("rgb", "RGB"), ("grey", "L")):
                wanted = numpy.asarray(image.convert(channels).resize((width, height), kind))
                yield (f"{path.name} {width} x {height} {name} {mode}",
                       wanted.reshape(height, width, -1),
                       ours(program, path, width, height, name, mode))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("pictures", nargs="*", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    shared = pathlib.Path(__file__).resolve().parents[3] / "shared" / "images"
    pictures = options.pictures or sorted(shared.glob("*.*"))
    draw = random.Random(options.seed)
    print(f"Pillow {PIL.__version__}, seed {options.seed}")
    passed = failed = 0
    for path in pictures:
        for what, wanted, got in comparisons(options.program, path, draw):
            if isinstance(got, str) or not numpy.array_equal(wanted, got):
                failed += 1
                print(f"{what}: {got if isinstance(got, str) else 'other pixels'}")
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed, {0 if pictures else 1} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
