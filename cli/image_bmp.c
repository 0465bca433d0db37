/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BMP: 14 bytes of file header ("BM", …, offset of the pixels), an information header whose first
 * field is its size (12: OS/2; 40 and more: Windows), perhaps three colour masks, a palette,
 * pixels. Rows are padded to 4 bytes and stand bottom-up unless the height is negative. All
 * little-endian.
 */
#include "image_format.h"

enum { file_header_bytes = 14, uncompressed = 0, bit_fields = 3, alpha_bit_fields = 6 };

typedef struct bitmap {
    const cli_picture *picture;
    int64_t width, height;
    bool top_down;
    uint32_t bits; /* of a pixel */
    uint32_t compression;
    uint32_t mask[3]; /* where red, green and blue lie in a pixel of 16 or 32 bits */
    size_t palette;   /* offset of the palette */
    size_t palette_count;
    size_t palette_entry; /* bytes: blue, green, red, perhaps one unused */
    size_t pixels;        /* offset of the first row in the file */
    size_t row_bytes;
} bitmap;

/* The caller has checked that the bytes are there. */
static uint32_t number_at(const bitmap *map, size_t offset, size_t width)
{
    uint32_t value = 0;
    for (size_t i = width; i-- > 0;) value = value << 8 | map->picture->bytes[offset + i];
    return value;
}

static midge_status read_masks(bitmap *map, size_t header, midge_error *error)
{
    size_t masks = file_header_bytes + 40;
    map->mask[0] = map->bits == 16 ? 0x7c00 : 0xff0000;
    map->mask[1] = map->bits == 16 ? 0x03e0 : 0x00ff00;
    map->mask[2] = map->bits == 16 ? 0x001f : 0x0000ff;
    if (map->compression == uncompressed) return MIDGE_OK;
    if (map->bits != 16 && map->bits != 32) {
        return cli_image_damaged(map->picture, error, "colour masks with %u bits a pixel",
                                 map->bits);
    }
    if (map->picture->size < masks + 12) {
        return cli_image_damaged(map->picture, error, "it ends in the colour masks");
    }
    for (size_t i = 0; i < 3; ++i) map->mask[i] = number_at(map, masks + 4 * i, 4);
    /* A header of 40 bytes is followed by the masks, a longer one contains them. */
    if (header == 40) map->palette += map->compression == alpha_bit_fields ? 16 : 12;
    return MIDGE_OK;
}

static void read_size(bitmap *map, size_t header)
{
    bool old = header == 12;
    map->width = old ? (int64_t)number_at(map, 18, 2) : (int32_t)number_at(map, 18, 4);
    map->height = old ? (int64_t)number_at(map, 20, 2) : (int32_t)number_at(map, 22, 4);
    map->bits = number_at(map, old ? 24 : 28, 2);
    map->compression = old ? uncompressed : number_at(map, 30, 4);
    map->top_down = map->height < 0;
    if (map->top_down) map->height = -map->height;
}

static midge_status read_header(bitmap *map, midge_error *error)
{
    const cli_picture *picture = map->picture;
    size_t header = picture->size < 18 ? 0 : number_at(map, 14, 4);
    if ((header != 12 && header < 40) || header > 1024 ||
        picture->size < file_header_bytes + header) {
        return cli_image_damaged(picture, error, "its header has %zu bytes", header);
    }
    read_size(map, header);
    if (map->compression != uncompressed && map->compression != bit_fields &&
        map->compression != alpha_bit_fields) {
        return cli_fail(error, MIDGE_UNSUPPORTED,
                        "%s: BMP compression %u is not supported; save it uncompressed or as PNG",
                        picture->name, map->compression);
    }
    if (map->bits != 1 && map->bits != 4 && map->bits != 8 && map->bits != 16 && map->bits != 24 &&
        map->bits != 32) {
        return cli_image_damaged(picture, error, "%u bits a pixel", map->bits);
    }
    map->pixels = number_at(map, 10, 4);
    map->palette = file_header_bytes + header;
    map->palette_entry = header == 12 ? 3 : 4;
    TRY(read_masks(map, header, error));
    if (map->bits > 8) return MIDGE_OK;
    map->palette_count = header == 12 ? 0 : number_at(map, 46, 4);
    if (map->palette_count == 0 || map->palette_count > 256) {
        map->palette_count = (size_t)1 << map->bits;
    }
    /* Writers that state no colours, or too many, still put the pixels where they say. */
    if (map->pixels > map->palette &&
        map->palette_count > (map->pixels - map->palette) / map->palette_entry) {
        map->palette_count = (map->pixels - map->palette) / map->palette_entry;
    }
    if (map->palette_count * map->palette_entry > picture->size - map->palette) {
        return cli_image_damaged(picture, error, "it ends in the palette");
    }
    return MIDGE_OK;
}

/* The masked bits of a pixel, stretched to 0 … 255. */
static unsigned char masked(uint32_t pixel, uint32_t mask)
{
    if (mask == 0) return 0;
    uint64_t low = mask & (~mask + 1);
    uint64_t top = mask / low;
    return (unsigned char)((pixel & mask) / low * 255 / top);
}

static midge_status put_palette_row(const bitmap *map, const unsigned char *row,
                                    unsigned char *target, midge_error *error)
{
    uint32_t per_byte = 8 / map->bits;
    uint32_t top = (1u << map->bits) - 1;
    for (int64_t x = 0; x < map->width; ++x, target += 3) {
        uint32_t shift = (per_byte - 1 - (uint32_t)(x % per_byte)) * map->bits;
        uint32_t index = (uint32_t)row[x / per_byte] >> shift & top;
        if (index >= map->palette_count) {
            return cli_image_damaged(map->picture, error, "colour %u of a palette of %zu", index,
                                     map->palette_count);
        }
        const unsigned char *entry =
            map->picture->bytes + map->palette + index * map->palette_entry;
        target[0] = entry[2];
        target[1] = entry[1];
        target[2] = entry[0];
    }
    return MIDGE_OK;
}

static void put_masked_row(const bitmap *map, const unsigned char *row, unsigned char *target)
{
    size_t step = map->bits / 8;
    for (int64_t x = 0; x < map->width; ++x, row += step, target += 3) {
        uint32_t pixel = (uint32_t)row[0] | (uint32_t)row[1] << 8;
        if (step == 4) pixel |= (uint32_t)row[2] << 16 | (uint32_t)row[3] << 24;
        for (size_t i = 0; i < 3; ++i) target[i] = masked(pixel, map->mask[i]);
    }
}

static midge_status put_row(const bitmap *map, const unsigned char *row, unsigned char *target,
                            midge_error *error)
{
    bool plain = map->bits == 24 || (map->bits == 32 && map->compression == uncompressed);
    size_t step = map->bits / 8;
    if (map->bits <= 8) return put_palette_row(map, row, target, error);
    if (!plain) {
        put_masked_row(map, row, target);
        return MIDGE_OK;
    }
    for (int64_t x = 0; x < map->width; ++x, row += step, target += 3) {
        target[0] = row[2];
        target[1] = row[1];
        target[2] = row[0];
    }
    return MIDGE_OK;
}

midge_status cli_image_read_bmp(cli_picture *picture, cli_image *image, midge_error *error)
{
    bitmap map = {.picture = picture};
    TRY(read_header(&map, error));
    TRY(cli_image_check_size(picture, map.width < 0 ? 0 : (uint64_t)map.width, (uint64_t)map.height,
                             error));
    uint64_t row_bytes = ((uint64_t)map.width * map.bits + 31) / 32 * 4;
    uint64_t needed = (row_bytes * ((uint64_t)map.height - 1)) +
                      ((uint64_t)map.width * map.bits + 7) / 8; /* the last padding may be absent */
    uint64_t present = map.pixels > picture->size ? 0 : picture->size - map.pixels;
    if (present < needed) {
        return cli_image_damaged(picture, error, "%llu bytes of pixels where %llu should be",
                                 (unsigned long long)present, (unsigned long long)needed);
    }
    TRY(cli_image_allocate(picture, image, (uint64_t)map.width, (uint64_t)map.height, error));
    map.row_bytes = (size_t)row_bytes;
    for (size_t y = 0; y < (size_t)map.height; ++y) {
        size_t target = map.top_down ? y : (size_t)map.height - 1 - y;
        TRY(put_row(&map, picture->bytes + map.pixels + y * map.row_bytes,
                    image->pixels + target * (size_t)map.width * 3, error));
    }
    return MIDGE_OK;
}
