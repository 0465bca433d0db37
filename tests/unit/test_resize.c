/* SPDX-License-Identifier: Apache-2.0 */
/* Scaling against tests/pictures/resize.tsv, which holds what Pillow made of the same pictures.
 * test_resize --dump PICTURE [WIDTH HEIGHT FILTER rgb|grey] writes pixels for differential tests.
 */
#include <stdlib.h>

#include "expect.h"
#include "resize.h"

static cli_filter filter_named(const char *name)
{
    if (strcmp(name, "nearest") == 0) return CLI_NEAREST;
    return strcmp(name, "bilinear") == 0 ? CLI_BILINEAR : CLI_BICUBIC;
}

/* The picture of tools/make_picture_goldens.py: high bytes of a linear congruential generator. */
static cli_image noise(int width, int height, int channels)
{
    size_t bytes = (size_t)(width * height * channels);
    cli_image image = {width, height, channels, malloc(bytes), ""};
    uint32_t state = (uint32_t)(width * 31 + height);
    for (size_t i = 0; i < bytes; ++i) {
        state = state * 1664525u + 1013904223u;
        image.pixels[i] = (unsigned char)(state >> 24);
    }
    return image;
}

static void check_goldens(const char *path)
{
    char line[200], filter[20];
    int width, height, channels, new_width, new_height, rows = 0;
    unsigned long long golden;
    FILE *table = fopen(path, "r");
    EXPECT(table != NULL, "%s cannot be opened", path);
    while (table != NULL && fgets(line, sizeof line, table) != NULL) {
        if (line[0] == '#') continue;
        ++rows;
        EXPECT(sscanf(line, "%d %d %d %19s %d %d %llx", &width, &height, &channels, filter,
                      &new_width, &new_height, &golden) == 7,
               "%s", line);
        cli_image image = noise(width, height, channels);
        cli_image scaled = {0};
        midge_error error = {0};
        midge_status status = cli_image_resize("noise", &image, new_width, new_height,
                                               filter_named(filter), &scaled, &error);
        EXPECT(status == MIDGE_OK, "%s", error.message);
        size_t bytes = (size_t)(new_width * new_height * channels);
        EXPECT(status != MIDGE_OK || expect_hash(scaled.pixels, bytes) == golden, "%s", line);
        cli_image_free(&scaled);
        cli_image_free(&image);
    }
    EXPECT(rows > 100, "%d rows", rows);
    if (table != NULL) (void)fclose(table);
}

static void check_refusals(void)
{
    cli_image image = noise(4, 4, 3);
    cli_image scaled = {0};
    midge_error error = {0};
    EXPECT(cli_image_resize("x", &image, 0, 4, CLI_BICUBIC, &scaled, &error) ==
               MIDGE_INVALID_ARGUMENT,
           "width 0");
    EXPECT(cli_image_resize("x", &image, 100000, 100000, CLI_NEAREST, &scaled, &error) ==
               MIDGE_LIMIT_EXCEEDED,
           "10000 megapixels, nearest");
    EXPECT(cli_image_resize("x", &image, 100000, 100000, CLI_BICUBIC, &scaled, &error) ==
               MIDGE_LIMIT_EXCEEDED,
           "10000 megapixels, bicubic");
    EXPECT(scaled.pixels == NULL, "a refusal leaves nothing");
    cli_image_free(&image);
}

static int dump(int count, char **arguments)
{
    cli_image image = {0}, scaled = {0};
    midge_error error = {0};
    if (cli_image_read(arguments[2], &image, &error) != MIDGE_OK) {
        cli_print_error(&error);
        return 1;
    }
    if (count > 6) {
        if (strcmp(arguments[6], "grey") == 0) cli_image_to_grey(&image);
        midge_status status =
            cli_image_resize(arguments[2], &image, atoi(arguments[3]), atoi(arguments[4]),
                             filter_named(arguments[5]), &scaled, &error);
        cli_image_free(&image);
        if (status != MIDGE_OK) {
            cli_print_error(&error);
            return 1;
        }
        image = scaled;
    }
    (void)printf("%d %d %d\n", image.width, image.height, image.channels);
    (void)fwrite(image.pixels, 1,
                 (size_t)image.width * (size_t)image.height * (size_t)image.channels, stdout);
    cli_image_free(&image);
    return 0;
}

int main(int count, char **arguments)
{
    if (count > 2 && strcmp(arguments[1], "--dump") == 0) return dump(count, arguments);
    check_goldens(count > 1 ? arguments[1] : MIDGE_SOURCE_DIR "/tests/pictures/resize.tsv");
    check_refusals();
    return expect_finish();
}
