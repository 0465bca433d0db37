/* SPDX-License-Identifier: Apache-2.0 */
/* A delegate out of a shared library: what it makes is wrapped, so that deleting it finds the
 * library again. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "tensorflow/lite/delegates/external/external_delegate.h"

typedef TfLiteDelegate *(*create_function)(const char *const *keys, const char *const *values,
                                           size_t count, void (*report_error)(const char *));
typedef void (*destroy_function)(TfLiteDelegate *delegate);

typedef struct wrapper {
    TfLiteDelegate delegate; /* first: programs have a pointer to it */
    TfLiteDelegate *inner;
    destroy_function destroy;
    void *library;
} wrapper;

static void report(const char *text)
{
    fprintf(stderr, "ERROR: %s\n", text);
}

TfLiteStatus TfLiteExternalDelegateOptionsInsert(TfLiteExternalDelegateOptions *options,
                                                 const char *key, const char *value)
{
    if (options == NULL || options->count < 0 || options->count >= kExternalDelegateMaxOptions) {
        report("an external delegate takes no more options");
        return kTfLiteError;
    }
    options->keys[options->count] = key;
    options->values[options->count] = value;
    ++options->count;
    return kTfLiteOk;
}

TfLiteExternalDelegateOptions TfLiteExternalDelegateOptionsDefault(const char *lib_path)
{
    return (TfLiteExternalDelegateOptions){.lib_path = lib_path,
                                           .insert = TfLiteExternalDelegateOptionsInsert};
}

static TfLiteStatus prepare_inner(TfLiteContext *context, TfLiteDelegate *delegate)
{
    TfLiteDelegate *inner = ((wrapper *)delegate)->inner;
    const TfLiteOpaqueDelegateBuilder *builder = inner->opaque_delegate_builder;
    if (builder != NULL && builder->Prepare != NULL)
        return builder->Prepare((TfLiteOpaqueContext *)context, (TfLiteOpaqueDelegate *)inner,
                                builder->data);
    return inner->Prepare != NULL ? inner->Prepare(context, inner) : kTfLiteDelegateError;
}

static bool load(wrapper *made, const TfLiteExternalDelegateOptions *options)
{
    made->library = dlopen(options->lib_path, RTLD_NOW | RTLD_LOCAL);
    if (made->library == NULL) {
        report(dlerror());
        return false;
    }
    create_function create =
        (create_function)(uintptr_t)dlsym(made->library, "tflite_plugin_create_delegate");
    made->destroy =
        (destroy_function)(uintptr_t)dlsym(made->library, "tflite_plugin_destroy_delegate");
    if (create == NULL || made->destroy == NULL) {
        report("the library is no delegate: it lacks tflite_plugin_create_delegate or "
               "tflite_plugin_destroy_delegate");
        return false;
    }
    made->inner = create(options->keys, options->values, (size_t)options->count, report);
    return made->inner != NULL;
}

TfLiteDelegate *TfLiteExternalDelegateCreate(const TfLiteExternalDelegateOptions *options)
{
    if (options == NULL || options->lib_path == NULL || options->count < 0 ||
        options->count > kExternalDelegateMaxOptions)
        return NULL;
    wrapper *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    if (!load(made, options)) {
        if (made->library != NULL) dlclose(made->library);
        free(made);
        return NULL;
    }
    made->delegate.data_ = made;
    made->delegate.Prepare = prepare_inner;
    const TfLiteOpaqueDelegateBuilder *builder = made->inner->opaque_delegate_builder;
    made->delegate.flags = builder != NULL ? builder->flags : made->inner->flags;
    return &made->delegate;
}

void TfLiteExternalDelegateDelete(TfLiteDelegate *delegate)
{
    wrapper *made = (wrapper *)delegate;
    if (made == NULL) return;
    made->destroy(made->inner);
    dlclose(made->library);
    free(made);
}
