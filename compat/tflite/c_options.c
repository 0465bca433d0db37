/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteInterpreterOptions. */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

TfLiteInterpreterOptions *TfLiteInterpreterOptionsCreate(void)
{
    TfLiteInterpreterOptions *options = calloc(1, sizeof *options);
    if (options != NULL) options->threads = -1;
    return options;
}

/* A copy of `count` elements with room for one more; NULL without memory. */
static void *grown(const void *from, size_t count, size_t bytes)
{
    void *made = malloc((count + 1) * bytes);
    if (made != NULL && count > 0) memcpy(made, from, count * bytes);
    return made;
}

TfLiteInterpreterOptions *TfLiteInterpreterOptionsCopy(const TfLiteInterpreterOptions *from)
{
    if (from == NULL) return NULL;
    TfLiteInterpreterOptions *made = malloc(sizeof *made);
    if (made == NULL) return NULL;
    *made = *from;
    made->delegates = grown(from->delegates, from->delegate_count, sizeof *from->delegates);
    made->operators = grown(from->operators, from->operator_count, sizeof *from->operators);
    if (made->delegates != NULL && made->operators != NULL) return made;
    TfLiteInterpreterOptionsDelete(made);
    return NULL;
}

void TfLiteInterpreterOptionsDelete(TfLiteInterpreterOptions *options)
{
    if (options == NULL) return;
    free(options->delegates);
    free(options->operators);
    free(options);
}

void TfLiteInterpreterOptionsSetNumThreads(TfLiteInterpreterOptions *options, int32_t num_threads)
{
    if (options != NULL) options->threads = num_threads;
}

void TfLiteInterpreterOptionsAddDelegate(TfLiteInterpreterOptions *options,
                                         TfLiteOpaqueDelegate *delegate)
{
    if (options == NULL) return;
    TfLiteOpaqueDelegate **all =
        grown(options->delegates, options->delegate_count, sizeof *options->delegates);
    if (all == NULL) return;
    all[options->delegate_count++] = delegate;
    free(options->delegates);
    options->delegates = all;
}

void TfLiteInterpreterOptionsSetErrorReporter(TfLiteInterpreterOptions *options,
                                              void (*reporter)(void *user_data, const char *format,
                                                               va_list args),
                                              void *user_data)
{
    if (options != NULL) options->reporter = (tfl_reporter){reporter, user_data};
}

static void add(TfLiteInterpreterOptions *options, const tfl_added_operator *added)
{
    tfl_added_operator *all =
        grown(options->operators, options->operator_count, sizeof *options->operators);
    if (all == NULL) return;
    all[options->operator_count++] = *added;
    free(options->operators);
    options->operators = all;
}

void TfLiteInterpreterOptionsAddOperator(TfLiteInterpreterOptions *options,
                                         TfLiteOperator *registration)
{
    if (options == NULL || registration == NULL) return;
    add(options, &(tfl_added_operator){{.builtin_code = (int32_t)registration->builtin_code,
                                        .custom_name = registration->custom_name,
                                        .version = registration->version,
                                        .registration_external = registration},
                                       registration->version,
                                       registration->version});
}

void TfLiteInterpreterOptionsAddBuiltinOp(TfLiteInterpreterOptions *options,
                                          TfLiteBuiltinOperator op,
                                          const TfLiteRegistration *registration,
                                          int32_t min_version, int32_t max_version)
{
    if (options == NULL || registration == NULL) return;
    tfl_added_operator added = {*registration, min_version, max_version};
    added.registration.builtin_code = (int32_t)op;
    add(options, &added);
}

void TfLiteInterpreterOptionsAddCustomOp(TfLiteInterpreterOptions *options, const char *name,
                                         const TfLiteRegistration *registration,
                                         int32_t min_version, int32_t max_version)
{
    if (options == NULL || registration == NULL || name == NULL) return;
    tfl_added_operator added = {*registration, min_version, max_version};
    added.registration.builtin_code = kTfLiteBuiltinCustom;
    added.registration.custom_name = name;
    add(options, &added);
}

TfLiteStatus TfLiteInterpreterOptionsEnableCancellation(TfLiteInterpreterOptions *options,
                                                        bool enable)
{
    if (options == NULL) return kTfLiteError;
    options->cancellation = enable;
    return kTfLiteOk;
}

void TfLiteInterpreterOptionsSetEnableDelegateFallback(TfLiteInterpreterOptions *options,
                                                       bool enable)
{
    if (options != NULL) options->delegate_fallback = enable;
}

void TfLiteInterpreterOptionsSetUseNNAPI(TfLiteInterpreterOptions *options, bool enable)
{
    (void)options;
    (void)enable;
}

void TfLiteInterpreterOptionsSetTelemetryProfiler(TfLiteInterpreterOptions *options,
                                                  struct TfLiteTelemetryProfilerStruct *profiler)
{
    (void)options;
    (void)profiler;
}

/* ---- Resolvers ---- */

static void set_resolver(TfLiteInterpreterOptions *options, tfl_resolver resolver)
{
    if (options == NULL) return;
    resolver.set = true;
    options->resolver = resolver;
}

void TfLiteInterpreterOptionsSetOpResolver(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration *(*find_builtin_op)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration *(*find_custom_op)(void *, const char *, int),
    void *op_resolver_user_data)
{
    set_resolver(options, (tfl_resolver){.find_builtin = (tfl_function)find_builtin_op,
                                         .find_custom = (tfl_function)find_custom_op,
                                         .registration_version = 4,
                                         .user_data = op_resolver_user_data});
}

void TfLiteInterpreterOptionsSetOpResolverV1(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V1 *(*find_builtin_op)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration_V1 *(*find_custom_op)(void *, const char *, int),
    void *op_resolver_user_data)
{
    set_resolver(options, (tfl_resolver){.find_builtin = (tfl_function)find_builtin_op,
                                         .find_custom = (tfl_function)find_custom_op,
                                         .registration_version = 1,
                                         .user_data = op_resolver_user_data});
}

void TfLiteInterpreterOptionsSetOpResolverV2(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V2 *(*find_builtin_op)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration_V2 *(*find_custom_op)(void *, const char *, int),
    void *op_resolver_user_data)
{
    set_resolver(options, (tfl_resolver){.find_builtin = (tfl_function)find_builtin_op,
                                         .find_custom = (tfl_function)find_custom_op,
                                         .registration_version = 2,
                                         .user_data = op_resolver_user_data});
}

void TfLiteInterpreterOptionsSetOpResolverV3(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V3 *(*find_builtin_op)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration_V3 *(*find_custom_op)(void *, const char *, int),
    void *op_resolver_user_data)
{
    set_resolver(options, (tfl_resolver){.find_builtin = (tfl_function)find_builtin_op,
                                         .find_custom = (tfl_function)find_custom_op,
                                         .registration_version = 3,
                                         .user_data = op_resolver_user_data});
}

void TfLiteInterpreterOptionsSetOpResolverExternal(
    TfLiteInterpreterOptions *options, const TfLiteOperator *(*find_builtin_op)(void *, int, int),
    const TfLiteOperator *(*find_custom_op)(void *, const char *, int), void *op_resolver_user_data)
{
    set_resolver(options, (tfl_resolver){.find_builtin_external = find_builtin_op,
                                         .find_custom_external = find_custom_op,
                                         .user_data = op_resolver_user_data});
}

void TfLiteInterpreterOptionsSetOpResolverExternalWithFallback(
    TfLiteInterpreterOptions *options,
    const TfLiteOperator *(*find_builtin_op_external)(void *, int, int),
    const TfLiteOperator *(*find_custom_op_external)(void *, const char *, int),
    const TfLiteRegistration *(*find_builtin_op)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration *(*find_custom_op)(void *, const char *, int),
    void *op_resolver_user_data)
{
    set_resolver(options, (tfl_resolver){.find_builtin = (tfl_function)find_builtin_op,
                                         .find_custom = (tfl_function)find_custom_op,
                                         .registration_version = 4,
                                         .find_builtin_external = find_builtin_op_external,
                                         .find_custom_external = find_custom_op_external,
                                         .user_data = op_resolver_user_data});
}
