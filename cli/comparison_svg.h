/* SPDX-License-Identifier: Apache-2.0 */
/* A comparison as a drawing: where in a model its numbers get worse. */
#ifndef CLI_COMPARISON_SVG_H
#define CLI_COMPARISON_SVG_H

#include "comparison.h"

/* `makers` has the operator that makes each tensor of `a`; the rows are in the order of `a`, as
 * before sorting. */
midge_status cli_comparison_svg(const cli_comparison *comparison, const midge_session *a,
                                const char *const *makers, const char *title, const char *path,
                                midge_error *error);

#endif
