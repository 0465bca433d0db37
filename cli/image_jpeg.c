/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG through libjpeg. libjpeg leaves by longjmp; what must be freed then hangs on the state
 * below, which outlives the jump. */
#include "image_format.h"

#ifdef MIDGE_HAVE_JPEG

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* jpeglib.h needs size_t and FILE declared before it. */
#include <jerror.h>
#include <jpeglib.h>

/* A progressive file may repeat its scans; this bounds the work of a hostile one. */
#define MAX_SCANNED_PIXELS 2000000000u
#define ALWAYS_SCANS 20

typedef struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    cli_picture *picture;
    cli_image *image;
    midge_error *error;
    midge_status status;
    unsigned char *inks; /* one row of a CMYK picture */
    jmp_buf leave;
    char message[JMSG_LENGTH_MAX];
} decoder;

static void leave(decoder *state, const char *message)
{
    (void)snprintf(state->message, sizeof state->message, "%s", message);
    longjmp(state->leave, 1);
}

static void on_error(j_common_ptr jpeg)
{
    decoder *state = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    leave(state, message);
}

/* Level -1 is a warning: the data is damaged, and libjpeg goes on with what it can guess. A file
 * that just ends is worse: the rest of the picture would be grey. */
static void on_message(j_common_ptr jpeg, int level)
{
    decoder *state = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];
    if (level >= 0) return;
    if (jpeg->err->msg_code == JWRN_JPEG_EOF) leave(state, "it ends too early");
    jpeg->err->format_message(jpeg, message);
    if (jpeg->err->num_warnings++ == 0) {
        (void)snprintf(state->image->damage, sizeof state->image->damage, "%.*s",
                       (int)sizeof state->image->damage - 1, message);
    }
}

static void on_progress(j_common_ptr jpeg)
{
    decoder *state = jpeg->client_data;
    uint64_t pixels = (uint64_t)state->jpeg.image_width * state->jpeg.image_height;
    int scan = state->jpeg.input_scan_number;
    if (scan > ALWAYS_SCANS && pixels * (unsigned)scan > MAX_SCANNED_PIXELS) {
        leave(state, "it has too many scans");
    }
}

static void read_orientation(decoder *state)
{
    for (jpeg_saved_marker_ptr marker = state->jpeg.marker_list; marker != NULL;
         marker = marker->next) {
        if (marker->data_length > 6 && memcmp(marker->data, "Exif\0", 6) == 0) {
            state->picture->orientation =
                cli_exif_orientation(marker->data + 6, marker->data_length - 6);
            return;
        }
    }
}

/* Writers of CMYK files store inverted inks, as Adobe's do: 255 is no ink. */
static void put_inks(const unsigned char *inks, size_t width, unsigned char *target)
{
    for (size_t x = 0; x < width; ++x, inks += 4, target += 3) {
        for (size_t i = 0; i < 3; ++i) {
            uint32_t product = (255u - inks[i]) * inks[3] + 128;
            uint32_t shade = ((product >> 8) + product) >> 8;
            target[i] = (unsigned char)(inks[3] - shade);
        }
    }
}

static midge_status start(decoder *state)
{
    struct jpeg_decompress_struct *jpeg = &state->jpeg;
    bool inks = jpeg->num_components == 4;
    jpeg->out_color_space = inks ? JCS_CMYK : JCS_RGB;
    TRY(cli_image_allocate(state->picture, state->image, jpeg->image_width, jpeg->image_height,
                           state->error));
    if (inks) {
        state->inks = malloc((size_t)jpeg->image_width * 4);
        if (state->inks == NULL) {
            return cli_fail_memory(state->error, state->picture->name,
                                   (size_t)jpeg->image_width * 4);
        }
    }
    return MIDGE_OK;
}

static void decode(decoder *state)
{
    struct jpeg_decompress_struct *jpeg = &state->jpeg;
    if (setjmp(state->leave) != 0) {
        state->status = cli_image_damaged(state->picture, state->error, "%s", state->message);
        return;
    }
    jpeg_create_decompress(jpeg);
    jpeg->progress = &state->progress;
    jpeg->mem->max_memory_to_use = 512L << 20;
    jpeg_mem_src(jpeg, state->picture->bytes, (unsigned long)state->picture->size);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
    (void)jpeg_read_header(jpeg, TRUE);
    state->status = start(state);
    if (state->status != MIDGE_OK) return;
    read_orientation(state);
    (void)jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        size_t width = (size_t)state->image->width;
        unsigned char *target = state->image->pixels + jpeg->output_scanline * width * 3;
        JSAMPROW row = state->inks != NULL ? state->inks : target;
        (void)jpeg_read_scanlines(jpeg, &row, 1);
        if (state->inks != NULL) put_inks(state->inks, width, target);
    }
    (void)jpeg_finish_decompress(jpeg);
}

midge_status cli_image_read_jpeg(cli_picture *picture, cli_image *image, midge_error *error)
{
    decoder state = {.picture = picture, .image = image, .error = error};
    state.jpeg.err = jpeg_std_error(&state.errors);
    state.jpeg.client_data = &state;
    state.errors.error_exit = on_error;
    state.errors.emit_message = on_message;
    state.progress.progress_monitor = on_progress;
    decode(&state);
    jpeg_destroy_decompress(&state.jpeg);
    free(state.inks);
    return state.status;
}

#else

midge_status cli_image_read_jpeg(cli_picture *picture, cli_image *image, midge_error *error)
{
    (void)image;
    return cli_fail(error, MIDGE_UNSUPPORTED,
                    "%s: is a JPEG picture, and this midge was built without libjpeg; save it as "
                    "BMP or PNM",
                    picture->name);
}

#endif
