/* SPDX-License-Identifier: Apache-2.0 */
/* Options of custom operators, which are FlexBuffer maps or, of some older ones, C structs of
 * int32. Failures name the node and the key. */
#ifndef MG_CUSTOM_OPTIONS_H
#define MG_CUSTOM_OPTIONS_H

#include "flatbuf/flex.h"
#include "op/op.h"

midge_status mg_options_open(midge_op_context *context, mg_flex *map);

/* An integer within least … most, which must be there. */
midge_status mg_option_int32(midge_op_context *context, const mg_flex *map, const char *key,
                             int32_t least, int32_t most, int32_t *value);

/* These keep *value when there is no such key. */
midge_status mg_option_bool(midge_op_context *context, const mg_flex *map, const char *key,
                            bool *value);
midge_status mg_option_float(midge_op_context *context, const mg_flex *map, const char *key,
                             float *value);

/* The first fields of options that are a struct of int32, little-endian. */
midge_status mg_option_fields(midge_op_context *context, int count, int32_t *fields);

/* What padding is in such a struct. */
enum { MG_OPTION_SAME = 1, MG_OPTION_VALID = 2 };
midge_status mg_option_padding(midge_op_context *context, int32_t padding);

bool mg_option_exists(const mg_flex *map, const char *key);

#endif
