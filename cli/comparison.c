/* SPDX-License-Identifier: Apache-2.0 */
#include "comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "element.h"

/* Element `index` as the real number it stands for. */
static double real_at(const midge_tensor *tensor, const midge_quantization *quantization,
                      size_t index)
{
    size_t slice = cli_quantization_slice(quantization, midge_tensor_rank(tensor),
                                          midge_tensor_shape(tensor), index);
    double stored = cli_element(midge_tensor_type(tensor), midge_tensor_data(tensor), index);
    return cli_dequantize(quantization, slice, stored);
}

void cli_difference_add(cli_difference *row, const midge_tensor *a, const midge_tensor *b)
{
    size_t elements = midge_tensor_elements(a);
    midge_quantization first = midge_tensor_quantization(a), second = midge_tensor_quantization(b);
    if (row->count == 0) *row = (cli_difference){.a = row->a, .b = row->b, .equal = true};
    row->comparable = elements == midge_tensor_elements(b);
    row->snr = row->comparable ? (double)INFINITY : (double)-INFINITY;
    row->equal = row->equal && row->comparable;
    if (!row->comparable) return;
    for (size_t i = 0; i < elements; ++i) {
        double x = real_at(a, &first, i), y = real_at(b, &second, i);
        if (isfinite(x)) row->signal += x * x;
        if (x == y || (isnan(x) && isnan(y))) continue;
        double distance = fabs(x - y);
        row->equal = false;
        row->noise += distance * distance;
        row->sum += distance;
        if (!(distance <= row->largest)) row->largest = distance;
    }
    row->count += (double)elements;
    if (row->equal) return;
    row->mean = row->sum / row->count;
    row->snr = isfinite(row->noise) ? 10.0 * log10(row->signal / row->noise) : (double)-INFINITY;
}

static bool is_computed(const midge_tensor *tensor)
{
    return !midge_tensor_is_constant(tensor) && midge_tensor_data(tensor) != NULL &&
           cli_is_number(midge_tensor_type(tensor));
}

/* Worst first; among equals the one that is computed first. */
static int worse(const void *x, const void *y)
{
    const cli_difference *a = x, *b = y;
    if (a->snr != b->snr) return a->snr < b->snr ? -1 : 1;
    return a->a < b->a ? -1 : a->a > b->a;
}

/* Names of tensors need not be unique, and the partner is most often at about the same place: the
 * search goes on from where the last one ended, once around. */
static bool find_named(const midge_session *session, const char *name, size_t *place)
{
    size_t count = midge_session_tensor_count(session);
    for (size_t i = 0; i < count && name[0] != '\0'; ++i) {
        size_t index = (*place + i) % count;
        const midge_tensor *tensor = midge_session_tensor(session, index);
        if (!is_computed(tensor) || strcmp(midge_tensor_name(tensor), name) != 0) continue;
        *place = index;
        return true;
    }
    return false;
}

midge_status cli_comparison_open(const midge_session *a, const midge_session *b, bool same_model,
                                 cli_comparison *comparison, midge_error *error)
{
    size_t count = midge_session_tensor_count(a);
    size_t place = 0;
    *comparison = (cli_comparison){.rows = calloc(count + 1, sizeof(cli_difference))};
    if (comparison->rows == NULL) {
        return cli_fail_memory(error, "compare", (count + 1) * sizeof(cli_difference));
    }
    for (size_t i = 0; i < count; ++i) {
        const midge_tensor *tensor = midge_session_tensor(a, i);
        if (!is_computed(tensor)) continue;
        bool found = same_model ? is_computed(midge_session_tensor(b, i))
                                : find_named(b, midge_tensor_name(tensor), &place);
        if (!found) {
            ++comparison->unmatched;
            continue;
        }
        comparison->rows[comparison->count++] =
            (cli_difference){.a = i, .b = same_model ? i : place};
    }
    return MIDGE_OK;
}

void cli_comparison_add(cli_comparison *comparison, const midge_session *a, const midge_session *b)
{
    for (size_t i = 0; i < comparison->count; ++i) {
        cli_difference *row = &comparison->rows[i];
        cli_difference_add(row, midge_session_tensor(a, row->a), midge_session_tensor(b, row->b));
    }
    ++comparison->runs;
}

void cli_comparison_sort(cli_comparison *comparison)
{
    qsort(comparison->rows, comparison->count, sizeof *comparison->rows, worse);
}

void cli_comparison_free(cli_comparison *comparison)
{
    free(comparison->rows);
    *comparison = (cli_comparison){0};
}
