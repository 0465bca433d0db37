/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize/calibrate.h"

#include <math.h>

#include "quantize/histogram.h"
#include "quantize/learned_ranges.h"
#include "quantize/softmax_bounds.h"

typedef struct watch {
    size_t count;
    mg_range *ranges;
    mg_channel_means *means;
    float *floors;
    size_t lstm_count;
    mg_lstm_watch *lstms;
    mg_histogram *histograms; /* NULL in the first pass */
} watch;

size_t mg_passes(const midge_optimize_options *options)
{
    return 1u + (options->equalize ? 1 : 0) + (options->range != MIDGE_RANGE_ALL ? 1 : 0);
}

midge_status mg_run_samples(midge_model *model, const midge_optimize_options *options, size_t done,
                            size_t total, mg_look look, void *context, midge_error *error)
{
    midge_session_options wanted = midge_session_options_default();
    midge_session *session = NULL;
    wanted.preserve_all_tensors = true;
    wanted.threads = options->threads;
    wanted.allocator = options->allocator;
    TRY(midge_session_create(model, &wanted, &session, error));
    midge_status status = MIDGE_OK;
    for (size_t i = 0; i < options->sample_count && status == MIDGE_OK; ++i) {
        status = options->sample(options->context, i, session, error);
        if (status != MIDGE_OK) break;
        (void)midge_session_reset(session);
        status = midge_session_invoke(session);
        if (status != MIDGE_OK)
            (void)mg_fail(error, status, "sample %zu: %s", i, midge_session_message(session));
        if (status == MIDGE_OK) status = look(context, session, i, error);
        if (status == MIDGE_OK && options->progress != NULL &&
            !options->progress(options->context, done + i + 1, total))
            status = mg_fail(error, MIDGE_CANCELLED, "calibration was cancelled");
    }
    midge_session_free(session);
    return status;
}

/* The values of a float tensor that a node or the caller has filled; NULL for any other. */
static const float *values_of(const midge_tensor *tensor)
{
    if (midge_tensor_type(tensor) != MIDGE_FLOAT32 || midge_tensor_is_constant(tensor)) return NULL;
    return midge_tensor_data(tensor);
}

static midge_status look_at_extremes(void *context, const midge_session *session, size_t sample,
                                     midge_error *error)
{
    watch *at = context;
    char name[200];
    for (size_t i = 0; i < at->count; ++i) {
        const midge_tensor *tensor = midge_session_tensor(session, i);
        const float *values = values_of(tensor);
        size_t elements = midge_tensor_elements(tensor);
        mg_range *range = &at->ranges[i];
        for (size_t k = 0; values != NULL && k < elements; ++k) {
            if (!isfinite(values[k]))
                return mg_fail(error, MIDGE_RUN_ERROR,
                               "sample %zu makes tensor %zu '%s' not finite; it cannot be "
                               "quantised: correct the sample, or keep the node float",
                               sample, i,
                               mg_printable(midge_tensor_name(tensor), name, sizeof name));
            mg_range_add(range, values[k]);
        }
        if (values == NULL) continue;
        mg_channel_means_add(&at->means[i], values, elements);
        int32_t rank = midge_tensor_rank(tensor);
        if (rank > 0)
            mg_softmax_floor_look(&at->floors[i], values, elements,
                                  (size_t)midge_tensor_shape(tensor)[rank - 1]);
    }
    for (size_t i = 0; i < at->lstm_count; ++i) {
        const midge_tensor *input = midge_session_tensor(session, (size_t)at->lstms[i].input);
        mg_lstm_watch_look(&at->lstms[i], midge_tensor_data(input), midge_tensor_shape(input));
    }
    return MIDGE_OK;
}

static midge_status look_at_distribution(void *context, const midge_session *session, size_t sample,
                                         midge_error *error)
{
    watch *at = context;
    (void)sample;
    (void)error;
    for (size_t i = 0; i < at->count; ++i) {
        const midge_tensor *tensor = midge_session_tensor(session, i);
        const float *values = values_of(tensor);
        if (values != NULL && at->ranges[i].seen)
            mg_histogram_add(&at->histograms[i], values, midge_tensor_elements(tensor));
    }
    return MIDGE_OK;
}

static midge_status narrow_ranges(midge_model *model, const midge_optimize_options *options,
                                  mg_region *region, watch *at, midge_error *error)
{
    void *memory = NULL;
    TRY(mg_region_get_array(region, at->count, sizeof(mg_histogram), &memory, error));
    at->histograms = memory;
    for (size_t i = 0; i < at->count; ++i) {
        if (!at->ranges[i].seen) continue;
        TRY(mg_region_get(region, MG_HISTOGRAM_BINS * sizeof(uint64_t), &memory, error));
        at->histograms[i] = (mg_histogram){at->ranges[i].low, at->ranges[i].high, memory};
    }
    size_t passes = mg_passes(options);
    TRY(mg_run_samples(model, options, (passes - 1) * options->sample_count,
                       passes * options->sample_count, look_at_distribution, at, error));
    bool symmetric = options->mode == MIDGE_OPTIMIZE_INT16X8;
    double share = (options->percentile > 0 ? options->percentile : 99.99) / 100.0;
    for (size_t i = 0; i < at->count; ++i) {
        mg_range *range = &at->ranges[i];
        if (!range->seen) continue;
        if (options->range == MIDGE_RANGE_PERCENTILE)
            mg_histogram_percentile(&at->histograms[i], share, &range->low, &range->high);
        else
            mg_histogram_least_error(&at->histograms[i], symmetric ? 65535 : 255, symmetric,
                                     &range->low, &range->high);
    }
    return MIDGE_OK;
}

static midge_status find_lstms(mg_network *network, watch *at)
{
    const mg_network_graph *graph = &network->graphs[0];
    void *memory = NULL;
    for (size_t n = 0; n < graph->node_count; ++n)
        at->lstm_count += mg_lstm_has_integer_form(graph, &graph->nodes[n]);
    TRY(mg_network_memory(network, at->lstm_count * sizeof(mg_lstm_watch), &memory));
    at->lstms = memory;
    for (size_t n = 0, k = 0; n < graph->node_count; ++n)
        if (mg_lstm_has_integer_form(graph, &graph->nodes[n]))
            TRY(mg_lstm_watch_make(network, graph, &graph->nodes[n], &at->lstms[k++]));
    return MIDGE_OK;
}

/* The passes over the samples. */
static midge_status look_at_samples(mg_network *network, midge_model *model,
                                    const midge_optimize_options *options, watch *at)
{
    size_t before = options->equalize ? options->sample_count : 0;
    TRY(mg_run_samples(model, options, before, mg_passes(options) * options->sample_count,
                       look_at_extremes, at, network->error));
    if (options->range == MIDGE_RANGE_ALL) return MIDGE_OK;
    return narrow_ranges(model, options, &network->region, at, network->error);
}

midge_status mg_calibrate(mg_network *network, midge_model *model,
                          const midge_optimize_options *options, mg_calibration *calibration)
{
    void *memory = NULL;
    bool samples = options->sample != NULL && options->sample_count > 0;
    if (!samples && (!mg_has_learned_ranges(&network->graphs[0]) || options->correct_bias))
        return mg_fail(network->error, MIDGE_INVALID_ARGUMENT,
                       "integer arithmetic needs samples of typical inputs; none were given");
    watch at = {.count = network->graphs[0].tensor_count};
    TRY(mg_network_memory(network, at.count * sizeof(mg_range), &memory));
    at.ranges = memory;
    TRY(mg_network_memory(network, at.count * sizeof(mg_channel_means), &memory));
    at.means = memory;
    TRY(mg_channel_means_want(network, &network->graphs[0], at.means));
    TRY(mg_softmax_floors_want(network, &at.floors));
    if (options->mode == MIDGE_OPTIMIZE_INT8) TRY(find_lstms(network, &at));
    if (at.lstm_count > 0 && !samples)
        return mg_fail(network->error, MIDGE_INVALID_ARGUMENT,
                       "the gates of an LSTM need samples of typical inputs; none were given");
    if (samples) TRY(look_at_samples(network, model, options, &at));
    /* A model that has learned with rounded weights makes up for their errors itself. */
    for (size_t i = 0; i < at.count && mg_has_learned_ranges(&network->graphs[0]); ++i)
        at.means[i].count = 0;
    TRY(mg_take_learned_ranges(network, at.ranges));
    *calibration =
        (mg_calibration){at.count, at.ranges, at.means, at.floors, at.lstm_count, at.lstms};
    return MIDGE_OK;
}
