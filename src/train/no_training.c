/* SPDX-License-Identifier: Apache-2.0 */
/* The interface of training where the readers of Keras models are left out: every door says what to
 * install. */
#include "base/status.h"
#include "midge_tools.h"

static midge_status left_out(midge_error *error)
{
    return mg_fail(error, MIDGE_UNSUPPORTED,
                   "this midge was built without the readers for Keras models, which training "
                   "needs; install libhdf5-dev, libzip-dev and libjansson-dev and build it again");
}

midge_trainer_options midge_trainer_options_default(void)
{
    return (midge_trainer_options){.size = sizeof(midge_trainer_options), .threads = 1};
}

midge_compile_options midge_compile_options_default(const char *optimizer)
{
    (void)optimizer;
    return (midge_compile_options){.size = sizeof(midge_compile_options)};
}

midge_fit_options midge_fit_options_default(void)
{
    return (midge_fit_options){.size = sizeof(midge_fit_options)};
}

midge_status midge_trainer_create(const char *source, const midge_trainer_options *options,
                                  midge_trainer **trainer, midge_error *error)
{
    (void)source;
    (void)options;
    (void)trainer;
    return left_out(error);
}

/* Without a trainer nothing below can be called. */

void midge_trainer_free(midge_trainer *trainer)
{
    (void)trainer;
}

midge_compile_options midge_trainer_compiled(const midge_trainer *trainer)
{
    (void)trainer;
    return midge_compile_options_default(NULL);
}

midge_status midge_trainer_set_learning_rate(midge_trainer *trainer, double rate,
                                             midge_error *error)
{
    (void)trainer;
    (void)rate;
    return left_out(error);
}

midge_status midge_trainer_compile(midge_trainer *trainer, const midge_compile_options *options,
                                   midge_error *error)
{
    (void)trainer;
    (void)options;
    return left_out(error);
}

midge_trainer_info midge_trainer_describe(const midge_trainer *trainer)
{
    (void)trainer;
    return (midge_trainer_info){0};
}

bool midge_trainer_layer_at(const midge_trainer *trainer, size_t index, midge_trainer_layer *layer)
{
    (void)trainer;
    (void)index;
    (void)layer;
    return false;
}

bool midge_trainer_weight_at(const midge_trainer *trainer, size_t index,
                             midge_trainer_weight *weight)
{
    (void)trainer;
    (void)index;
    (void)weight;
    return false;
}

bool midge_trainer_find_weight(const midge_trainer *trainer, const char *layer, const char *name,
                               size_t *index)
{
    (void)trainer;
    (void)layer;
    (void)name;
    (void)index;
    return false;
}

midge_status midge_trainer_set_weight(midge_trainer *trainer, size_t index, size_t elements,
                                      const float *values, midge_error *error)
{
    (void)trainer;
    (void)index;
    (void)elements;
    (void)values;
    return left_out(error);
}

midge_status midge_trainer_set_trained(midge_trainer *trainer, const char *layer, bool trained,
                                       midge_error *error)
{
    (void)trainer;
    (void)layer;
    (void)trained;
    return left_out(error);
}

const char *midge_trainer_metric_name(const midge_trainer *trainer, size_t index)
{
    (void)trainer;
    (void)index;
    return NULL;
}

midge_status midge_trainer_fit(midge_trainer *trainer, const midge_train_data *data,
                               const midge_train_data *validation, const midge_fit_options *options,
                               midge_error *error)
{
    (void)trainer;
    (void)data;
    (void)validation;
    (void)options;
    return left_out(error);
}

midge_status midge_trainer_train_on_batch(midge_trainer *trainer, size_t count, const float *x,
                                          const float *y, const float *sample_weights, double *loss,
                                          double *metrics, midge_error *error)
{
    (void)trainer;
    (void)count;
    (void)x;
    (void)y;
    (void)sample_weights;
    (void)loss;
    (void)metrics;
    return left_out(error);
}

midge_status midge_trainer_evaluate(midge_trainer *trainer, const midge_train_data *data,
                                    int32_t batch, double *loss, double *metrics,
                                    midge_error *error)
{
    (void)trainer;
    (void)data;
    (void)batch;
    (void)loss;
    (void)metrics;
    return left_out(error);
}

midge_status midge_trainer_predict(midge_trainer *trainer, size_t count, const float *x,
                                   float *output, midge_error *error)
{
    (void)trainer;
    (void)count;
    (void)x;
    (void)output;
    return left_out(error);
}

midge_status midge_trainer_save(midge_trainer *trainer, const char *path, midge_error *error)
{
    (void)trainer;
    (void)path;
    return left_out(error);
}

midge_status midge_trainer_convert(midge_trainer *trainer, const midge_convert_options *options,
                                   void **bytes, size_t *size, midge_error *error)
{
    (void)trainer;
    (void)options;
    (void)bytes;
    (void)size;
    return left_out(error);
}

midge_status midge_trainer_save_state(midge_trainer *trainer, const char *path, midge_error *error)
{
    (void)trainer;
    (void)path;
    return left_out(error);
}

midge_status midge_trainer_load_state(midge_trainer *trainer, const char *path, midge_error *error)
{
    (void)trainer;
    (void)path;
    return left_out(error);
}

midge_status midge_trainer_json(midge_trainer *trainer, const char **json, midge_error *error)
{
    (void)trainer;
    (void)json;
    return left_out(error);
}
