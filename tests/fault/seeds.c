/* SPDX-License-Identifier: Apache-2.0 */
#include "seeds.h"

const char *seed_text(size_t number)
{
    const char *const *const lists[] = {seeds_a_m, seeds_n_z, seeds_stateful};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; ++i) {
        for (const char *const *at = lists[i]; *at != NULL; ++at)
            if (number-- == 0) return *at;
    }
    return NULL;
}
