/* SPDX-License-Identifier: Apache-2.0 */
/* ops.def, turned into a table and searched. */
#include <string.h>

#include "op/op.h"

#define OP(code, options, options_2, version, min_in, max_in, min_out, max_out, optional, flags, \
           family)                                                                               \
    midge_status mg_prepare_##family(midge_op_context *context);                                 \
    midge_status mg_run_##family(midge_op_context *context);
#define CUSTOM(name, min_in, max_in, min_out, max_out, optional, flags, family) \
    midge_status mg_prepare_##family(midge_op_context *context);                \
    midge_status mg_run_##family(midge_op_context *context);
#include "op/ops.def"
#undef OP
#undef CUSTOM

enum { MG_OPTIONS_None = 0, ANY_VERSION = INT32_MAX };

static const mg_op rows[] = {
#define OP(code, options, options_2, version, min_in, max_in, min_out, max_out, optional, flags, \
           family)                                                                               \
    {MG_BUILTIN_##code,                                                                          \
     #code,                                                                                      \
     MG_OPTIONS_##options,                                                                       \
     MG_OPTIONS_##options_2,                                                                     \
     version,                                                                                    \
     min_in,                                                                                     \
     max_in,                                                                                     \
     min_out,                                                                                    \
     max_out,                                                                                    \
     optional,                                                                                   \
     flags,                                                                                      \
     mg_prepare_##family,                                                                        \
     mg_run_##family},
#define CUSTOM(name, min_in, max_in, min_out, max_out, optional, flags, family)                \
    {MG_BUILTIN_CUSTOM, name,    0,        0,     ANY_VERSION,         min_in,         max_in, \
     min_out,           max_out, optional, flags, mg_prepare_##family, mg_run_##family},
#include "op/ops.def"
#undef OP
#undef CUSTOM
};

const mg_op *mg_op_find(int32_t code, const char *custom_name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        if (rows[i].code != code) continue;
        if (code != MG_BUILTIN_CUSTOM || strcmp(rows[i].name, custom_name) == 0) return &rows[i];
    }
    return NULL;
}
