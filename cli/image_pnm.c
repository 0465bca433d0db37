/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PNM: "P1" to "P6", then width, height and, but for bitmaps, the highest value, as decimal numbers
 * between blanks; # starts a comment that ends with the line. P1 to P3 (bitmap, grey, colour) go on
 * with numbers; P4 to P6 with one blank and then bytes, two a sample (high first) above 255.
 */
#include "image_format.h"

typedef struct scanner {
    const cli_picture *picture;
    size_t place;
    uint32_t top; /* the highest value of a sample */
} scanner;

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static void skip_blanks(scanner *scan)
{
    const cli_picture *picture = scan->picture;
    bool comment = false;
    for (; scan->place < picture->size; ++scan->place) {
        unsigned char byte = picture->bytes[scan->place];
        if (comment) {
            comment = byte != '\n' && byte != '\r';
        } else if (byte == '#') {
            comment = true;
        } else if (!is_blank(byte)) {
            return;
        }
    }
}

static midge_status number(scanner *scan, uint32_t top, const char *what, uint32_t *value,
                           midge_error *error)
{
    const cli_picture *picture = scan->picture;
    uint32_t result = 0;
    skip_blanks(scan);
    size_t start = scan->place;
    for (; scan->place < picture->size; ++scan->place) {
        unsigned char byte = picture->bytes[scan->place];
        if (byte < '0' || byte > '9') break;
        result = result * 10 + (uint32_t)(byte - '0');
        if (result <= top) continue;
        return cli_image_damaged(picture, error, "%s at byte %zu is larger than %u", what, start,
                                 top);
    }
    if (scan->place == start) {
        return cli_image_damaged(picture, error, "no number at byte %zu, where %s should be", start,
                                 what);
    }
    *value = result;
    return MIDGE_OK;
}

/* A sample in 0 … top as the nearest of 0 … 255. */
static unsigned char stretch(uint32_t sample, uint32_t top)
{
    return (unsigned char)((sample * 510 + top) / (2 * top));
}

static midge_status read_numbers(scanner *scan, size_t count, size_t repeat, unsigned char *target,
                                 midge_error *error)
{
    for (size_t i = 0; i < count; ++i, target += repeat) {
        uint32_t sample = 0;
        TRY(number(scan, scan->top, "a sample", &sample, error));
        for (size_t k = 0; k < repeat; ++k) target[k] = stretch(sample, scan->top);
    }
    return MIDGE_OK;
}

/* Bitmaps need no blank between their digits; 1 is black. */
static midge_status read_digits(scanner *scan, size_t count, unsigned char *target,
                                midge_error *error)
{
    const cli_picture *picture = scan->picture;
    for (size_t i = 0; i < count; ++i, target += 3) {
        skip_blanks(scan);
        unsigned char byte = scan->place < picture->size ? picture->bytes[scan->place] : 0;
        if (byte != '0' && byte != '1') {
            return cli_image_damaged(picture, error, "no 0 or 1 at byte %zu", scan->place);
        }
        ++scan->place;
        target[0] = target[1] = target[2] = byte == '0' ? 255 : 0;
    }
    return MIDGE_OK;
}

static void read_bits(const scanner *scan, size_t width, size_t height, unsigned char *target)
{
    size_t row_bytes = (width + 7) / 8;
    for (size_t i = 0; i < width * height; ++i, target += 3) {
        size_t x = i % width;
        unsigned byte = scan->picture->bytes[scan->place + i / width * row_bytes + x / 8];
        target[0] = target[1] = target[2] = (byte >> (7 - x % 8) & 1) != 0 ? 0 : 255;
    }
}

static void read_bytes(const scanner *scan, size_t count, size_t repeat, unsigned char *target)
{
    const unsigned char *from = scan->picture->bytes + scan->place;
    bool wide = scan->top > 255;
    for (size_t i = 0; i < count; ++i, target += repeat) {
        uint32_t sample = wide ? (uint32_t)from[2 * i] << 8 | from[2 * i + 1] : from[i];
        if (sample > scan->top) sample = scan->top;
        for (size_t k = 0; k < repeat; ++k) target[k] = stretch(sample, scan->top);
    }
}

static midge_status check_length(const scanner *scan, uint64_t needed, midge_error *error)
{
    size_t present = scan->picture->size - scan->place;
    if (present >= needed) return MIDGE_OK;
    return cli_image_damaged(scan->picture, error, "%zu bytes of pixels where %llu should be",
                             present, (unsigned long long)needed);
}

midge_status cli_image_read_pnm(cli_picture *picture, cli_image *image, midge_error *error)
{
    scanner scan = {picture, 2, 1};
    int kind = picture->bytes[1] - '0';
    bool bitmap = kind == 1 || kind == 4;
    bool colour = kind == 3 || kind == 6;
    size_t repeat = colour ? 1 : 3;
    uint32_t width = 0, height = 0;
    TRY(number(&scan, CLI_IMAGE_MAX_PIXELS, "the width", &width, error));
    TRY(number(&scan, CLI_IMAGE_MAX_PIXELS, "the height", &height, error));
    if (!bitmap) TRY(number(&scan, 65535, "the highest value", &scan.top, error));
    if (scan.top == 0) return cli_image_damaged(picture, error, "its highest value is 0");
    TRY(cli_image_check_size(picture, width, height, error));
    uint64_t samples = (uint64_t)width * height * (colour ? 3 : 1);
    uint64_t needed = samples; /* at the least: a digit each, and a blank between two */
    if (kind == 2 || kind == 3) needed = samples * 2 - 1;
    if (kind == 4) needed = (uint64_t)((width + 7) / 8) * height;
    if (kind >= 5 && scan.top > 255) needed = samples * 2;
    if (kind >= 4 && scan.place < picture->size) ++scan.place;
    TRY(check_length(&scan, needed, error));
    TRY(cli_image_allocate(picture, image, width, height, error));
    if (kind == 1) return read_digits(&scan, (size_t)samples, image->pixels, error);
    if (kind <= 3) return read_numbers(&scan, (size_t)samples, repeat, image->pixels, error);
    if (kind == 4) {
        read_bits(&scan, width, height, image->pixels);
    } else {
        read_bytes(&scan, (size_t)samples, repeat, image->pixels);
    }
    return MIDGE_OK;
}
