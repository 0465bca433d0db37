/* SPDX-License-Identifier: Apache-2.0 */
/* PNG through libpng. libpng leaves by longjmp; everything that must be freed then hangs on the
 * state below, which outlives the jump, and nothing is allocated between setjmp and it. */
#include "image_format.h"

#ifdef MIDGE_HAVE_PNG

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct decoder {
    cli_picture *picture;
    cli_image *image;
    midge_error *error;
    midge_status status;
    size_t place; /* of the next byte to hand over */
    png_structp png;
    png_infop header;
    png_bytepp rows;
    char message[160];
} decoder;

static void on_error(png_structp png, png_const_charp message)
{
    decoder *state = png_get_error_ptr(png);
    (void)snprintf(state->message, sizeof state->message, "%s", message);
    longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep target, size_t bytes)
{
    decoder *state = png_get_io_ptr(png);
    if (state->picture->size - state->place < bytes) png_error(png, "it ends too early");
    memcpy(target, state->picture->bytes + state->place, bytes);
    state->place += bytes;
}

/* Sets up the conversions that make every kind of PNG into 8-bit RGB. Alpha is dropped and gamma
 * not applied, as Pillow's convert("RGB") does. */
static void set_conversions(png_structp png, png_infop header)
{
    png_byte kind = png_get_color_type(png, header);
    if (kind == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (kind == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, header) < 8) {
        png_set_expand_gray_1_2_4_to_8(png);
    }
    if (png_get_bit_depth(png, header) == 16) png_set_strip_16(png);
    if ((kind & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png);
    png_set_strip_alpha(png);
    (void)png_set_interlace_handling(png);
    png_read_update_info(png, header);
}

/* Allocates the pixels and pointers to their rows. Deflate packs at most 1032 to 1, so a small file
 * cannot make a big claim. */
static midge_status allocate(decoder *state)
{
    const cli_picture *picture = state->picture;
    uint64_t width = png_get_image_width(state->png, state->header);
    uint64_t height = png_get_image_height(state->png, state->header);
    uint64_t packed_row = (width * png_get_bit_depth(state->png, state->header) + 7) / 8;
    TRY(cli_image_check_size(picture, width, height, state->error));
    if (packed_row * height / 1040 > picture->size) {
        return cli_image_damaged(picture, state->error, "%llu x %llu pixels cannot be in %zu bytes",
                                 (unsigned long long)width, (unsigned long long)height,
                                 picture->size);
    }
    TRY(cli_image_allocate(picture, state->image, width, height, state->error));
    state->rows = malloc((size_t)height * sizeof *state->rows);
    if (state->rows == NULL) {
        return cli_fail_memory(state->error, picture->name, (size_t)height * sizeof *state->rows);
    }
    for (size_t y = 0; y < (size_t)height; ++y) {
        state->rows[y] = state->image->pixels + y * (size_t)width * 3;
    }
    return MIDGE_OK;
}

static void read_orientation(decoder *state)
{
#ifdef PNG_eXIf_SUPPORTED
    png_bytep exif = NULL;
    png_uint_32 bytes = 0;
    if (png_get_eXIf_1(state->png, state->header, &bytes, &exif) != 0) {
        state->picture->orientation = cli_exif_orientation(exif, bytes);
    }
#else
    (void)state;
#endif
}

static void decode(decoder *state)
{
    if (setjmp(png_jmpbuf(state->png)) != 0) {
        state->status = cli_image_damaged(state->picture, state->error, "%s", state->message);
        return;
    }
    png_set_read_fn(state->png, state, on_read);
    png_set_user_limits(state->png, CLI_IMAGE_MAX_PIXELS, CLI_IMAGE_MAX_PIXELS);
    png_set_chunk_cache_max(state->png, 64);
    png_set_chunk_malloc_max(state->png, 8 << 20);
    png_read_info(state->png, state->header);
    state->status = allocate(state);
    if (state->status != MIDGE_OK) return;
    set_conversions(state->png, state->header);
    if (png_get_rowbytes(state->png, state->header) != (size_t)state->image->width * 3) {
        png_error(state->png, "its pixels do not convert to RGB");
    }
    png_read_image(state->png, state->rows);
    png_read_end(state->png, state->header);
    read_orientation(state);
}

midge_status cli_image_read_png(cli_picture *picture, cli_image *image, midge_error *error)
{
    decoder state = {.picture = picture, .image = image, .error = error};
    state.status = cli_fail_memory(error, picture->name, sizeof(png_structp));
    state.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, on_error, on_warning);
    if (state.png != NULL) state.header = png_create_info_struct(state.png);
    if (state.header != NULL) decode(&state);
    png_destroy_read_struct(&state.png, &state.header, NULL);
    free(state.rows);
    return state.status;
}

#else

midge_status cli_image_read_png(cli_picture *picture, cli_image *image, midge_error *error)
{
    (void)image;
    return cli_fail(error, MIDGE_UNSUPPORTED,
                    "%s: is a PNG picture, and this midge was built without libpng; save it as BMP "
                    "or PNM",
                    picture->name);
}

#endif
