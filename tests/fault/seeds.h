/* SPDX-License-Identifier: Apache-2.0 */
/* Sound models, most of one operator, in the language of draft.h: what hostile cases start from and
 * what fuzz targets draw from. */
#ifndef SEEDS_H
#define SEEDS_H

#include <stddef.h>

/* Each ends with NULL. */
extern const char *const seeds_a_m[];
extern const char *const seeds_n_z[];
extern const char *const seeds_stateful[];

/* All of them, by number; NULL past the end. */
const char *seed_text(size_t number);

#endif
