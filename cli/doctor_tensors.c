/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "doctor.h"
#include "element.h"

/* Findings of one kind beyond these are counted, not printed. */
enum { SHOWN_OF_A_KIND = 3 };

/* One kind of finding over all tensors. */
typedef struct kind {
    size_t count;
} kind;

typedef struct examination {
    const cli_model_facts *facts;
    cli_findings *findings;
    size_t graph, index;
    midge_tensor_info tensor;
    const char *label;
    kind scale, zero_point, asymmetric, not_finite, all_zero;
} examination;

static bool shows(kind *of)
{
    return ++of->count <= SHOWN_OF_A_KIND;
}

static void lowest_highest(midge_type type, int64_t *low, int64_t *high)
{
    size_t bits = midge_type_bits(type);
    bool is_signed = type == MIDGE_INT8 || type == MIDGE_INT16 || type == MIDGE_INT32 ||
                     type == MIDGE_INT4 || type == MIDGE_INT2;
    *low = is_signed ? -((int64_t)1 << (bits - 1)) : 0;
    *high = is_signed ? ((int64_t)1 << (bits - 1)) - 1 : ((int64_t)1 << bits) - 1;
}

static bool is_quantised_type(midge_type type)
{
    size_t bits = midge_type_bits(type);
    return bits > 0 && bits <= 32 && !cli_is_floating(type) && type != MIDGE_BOOL;
}

static void examine_scales(examination *at)
{
    const midge_quantization *quantization = &at->tensor.quantization;
    for (size_t i = 0; i < quantization->count; ++i) {
        float scale = quantization->scale[i];
        if (isfinite(scale) && scale >= FLT_MIN) continue;
        if (shows(&at->scale)) {
            cli_problem(at->findings, "convert the model again; calibration data may be missing",
                        "tensor %zu '%s' has scale %g", at->index, at->label, (double)scale);
        }
        return;
    }
}

static void examine_zero_points(examination *at)
{
    const midge_quantization *quantization = &at->tensor.quantization;
    int64_t low = 0, high = 0;
    lowest_highest(at->tensor.type, &low, &high);
    for (size_t i = 0; i < quantization->count; ++i) {
        int64_t zero = quantization->zero_point[i];
        if ((zero < low || zero > high) && shows(&at->zero_point)) {
            cli_problem(at->findings, "convert the model again",
                        "tensor %zu '%s' has zero point %lld, which is no %s", at->index, at->label,
                        (long long)zero, midge_type_name(at->tensor.type));
            return;
        }
    }
    bool symmetric_type = at->tensor.type == MIDGE_INT16 || quantization->count > 1;
    for (size_t i = 0; i < quantization->count && symmetric_type; ++i) {
        if (quantization->zero_point[i] == 0) continue;
        if (shows(&at->asymmetric)) {
            cli_remark(at->findings, "runtimes expect 0 there and may ignore it",
                       "tensor %zu '%s' (%s%s) has zero point %lld", at->index, at->label,
                       midge_type_name(at->tensor.type),
                       quantization->count > 1 ? ", one scale a channel" : "",
                       (long long)quantization->zero_point[i]);
        }
        return;
    }
}

static void examine_constant(examination *at)
{
    const midge_tensor_info *tensor = &at->tensor;
    size_t bits = midge_type_bits(tensor->type);
    bool any = false;
    if (tensor->constant == NULL || bits == 0) return;
    size_t elements = tensor->constant_bytes * 8 / bits;
    bool floating = cli_is_floating(tensor->type);
    for (size_t i = 0; i < elements && (floating || !any); ++i) {
        double value = cli_element(tensor->type, tensor->constant, i);
        any = any || value != 0.0;
        if (isfinite(value)) continue;
        /* Masks hold infinities on purpose; not-a-number is never meant. */
        if (isnan(value) && shows(&at->not_finite)) {
            cli_problem(at->findings, "training went wrong; train and convert the model again",
                        "tensor %zu '%s' holds a value that is not a number, at %zu", at->index,
                        at->label, i);
        }
        return;
    }
    bool weights = tensor->rank >= 2 && elements >= 64;
    if (!any && weights && shows(&at->all_zero)) {
        cli_remark(at->findings, "", "tensor %zu '%s' holds %zu zeros and nothing else", at->index,
                   at->label, elements);
    }
}

static void note_rest(cli_findings *findings, const kind *of, const char *what)
{
    if (of->count <= SHOWN_OF_A_KIND) return;
    cli_remark(findings, "", "%zu more tensors %s", of->count - SHOWN_OF_A_KIND, what);
}

void cli_doctor_tensors(const cli_model_facts *facts, cli_findings *findings)
{
    examination at = {.facts = facts, .findings = findings};
    char label[30];
    for (at.graph = 0; at.graph < midge_inspect_graph_count(facts->model); ++at.graph) {
        for (at.index = 0; midge_inspect_tensor(facts->model, at.graph, at.index, &at.tensor);
             ++at.index) {
            at.label = cli_tensor_label(&at.tensor, at.index, label, sizeof label);
            if (is_quantised_type(at.tensor.type)) {
                examine_scales(&at);
                examine_zero_points(&at);
            }
            examine_constant(&at);
        }
    }
    note_rest(findings, &at.scale, "have such scales");
    note_rest(findings, &at.zero_point, "have such zero points");
    note_rest(findings, &at.asymmetric, "have zero points other than 0");
    note_rest(findings, &at.not_finite, "hold values that are not numbers");
    note_rest(findings, &at.all_zero, "hold only zeros");
}
