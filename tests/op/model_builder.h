/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models of one operator, built in memory with the project's own writer and run through midge.h.
 *
 *   op_model model = {.op = MG_BUILTIN_ADD, .version = 1, .options_type = MG_OPTIONS_AddOptions,
 *                     .options = &(mg_AddOptions){0}, .input_count = 2, .output_count = 1,
 *                     .inputs = {{.type = MIDGE_FLOAT32, .rank = 1, .shape = {2}, .data = a},
 *                                {.type = MIDGE_FLOAT32, .rank = 0, .data = b, .constant = true}},
 *                     .outputs = {{.type = MIDGE_FLOAT32, .rank = 1, .shape = {2}}}};
 *   op_running running;
 *   assert_int_equal(op_start(&model, NULL, &running), MIDGE_OK);
 *   … midge_session_output(running.session, 0) …
 *   op_stop(&running);
 */
#ifndef MODEL_BUILDER_H
#define MODEL_BUILDER_H

#include "base/alloc.h"
#include "midge.h"
#include "schema/schema.h"

enum { OP_MOST_TENSORS = 24 };

typedef struct op_tensor {
    midge_type type;
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    /* Of an input: what is fed, or stored in the file when `constant`. Tests keep expectations of
     * outputs here. */
    const void *data;
    size_t bytes; /* of data; 0: as type and shape say (not for strings) */
    bool constant;
    bool variable;
    bool absent; /* an optional input that is not there */
    float scale; /* 0: not quantised, or as below */
    int64_t zero_point;
    size_t scale_count; /* one scale per slice of `axis` */
    const float *scales;
    const int64_t *zero_points;
    int32_t axis;
} op_tensor;

typedef struct op_model {
    int32_t op; /* MG_BUILTIN_… */
    const char *custom_name;
    int32_t version; /* 0: 1 */
    uint8_t options_type;
    const void *options;
    uint8_t options_2_type;
    const void *options_2;
    const void *custom_options;
    size_t custom_options_bytes;
    size_t input_count;
    op_tensor inputs[OP_MOST_TENSORS];
    size_t output_count;
    op_tensor outputs[OP_MOST_TENSORS];
} op_model;

typedef struct op_running {
    mg_heap heap;
    void *file;
    midge_model *model;
    midge_session *session;
    midge_error error;
} op_running;

/* The model as a file, to be freed with mg_heap_release. */
midge_status op_write(const op_model *model, mg_heap *heap, void **file, size_t *bytes,
                      midge_error *error);

/* Writes, loads, creates a session, feeds all inputs that are not constant, and invokes. On failure
 * running->error has the reason; op_stop must be called in any case. */
midge_status op_start(const op_model *model, const midge_session_options *options,
                      op_running *running);
void op_stop(op_running *running);

/* Elements of a stated shape. */
size_t op_elements(const op_tensor *tensor);

#endif
