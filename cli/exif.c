/* SPDX-License-Identifier: Apache-2.0 */
/* EXIF is a TIFF file: "II*\0" or "MM\0*" gives the byte order, then the offset of a directory: a
 * count and entries of 12 bytes (tag, type, count, value). Orientation is tag 0x0112, a short. */
#include "image_format.h"

typedef struct tiff {
    const unsigned char *bytes;
    size_t size;
    bool big;
} tiff;

/* The number of `width` bytes at `offset`, or 0 beyond the end. */
static uint32_t number_at(const tiff *file, size_t offset, size_t width)
{
    uint32_t value = 0;
    if (offset > file->size || file->size - offset < width) return 0;
    for (size_t i = 0; i < width; ++i) {
        size_t place = file->big ? i : width - 1 - i;
        value = value << 8 | file->bytes[offset + place];
    }
    return value;
}

int cli_exif_orientation(const unsigned char *bytes, size_t size)
{
    enum { entry_bytes = 12, tag_orientation = 0x0112, type_short = 3 };
    tiff file = {bytes, size, size > 0 && bytes[0] == 'M'};
    if (size < 8 || bytes[0] != bytes[1] || number_at(&file, 2, 2) != 42) return 1;
    size_t directory = number_at(&file, 4, 4);
    uint32_t count = number_at(&file, directory, 2);
    for (uint32_t i = 0; i < count; ++i) {
        size_t entry = directory + 2 + (size_t)i * entry_bytes;
        if (entry > size || size - entry < entry_bytes) return 1;
        if (number_at(&file, entry, 2) != tag_orientation) continue;
        if (number_at(&file, entry + 2, 2) != type_short) return 1;
        uint32_t value = number_at(&file, entry + 8, 2);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
