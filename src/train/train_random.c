/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_random.h"

#include <math.h>

double mg_random_bell(uint64_t stream, uint64_t place)
{
    const double two_pi = 6.283185307179586;
    double radius = sqrt(-2 * log(1 - mg_random_unit(stream, 2 * place)));
    return radius * cos(two_pi * mg_random_unit(stream, 2 * place + 1));
}

void mg_random_order(uint64_t stream, size_t count, uint32_t *order)
{
    for (size_t i = 0; i < count; ++i) order[i] = (uint32_t)i;
    for (size_t i = count; i > 1; --i) {
        size_t other = (size_t)(mg_random_unit(stream, i) * (double)i);
        uint32_t kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}
