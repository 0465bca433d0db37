/* SPDX-License-Identifier: Apache-2.0 */
/* Where the time of a profiled session went. */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include "json_print.h"

/* Two tables: the slowest nodes, and by kind of operator, with what they reach of the peak of all
 * `threads`. `name` stands in messages. */
midge_status cli_profile_text(const char *name, midge_session *session, int threads,
                              midge_error *error);

/* The members "peak", of all threads together, and "profile": a list of nodes in the order of
 * running. */
midge_status cli_profile_json(const char *name, midge_session *session, int threads, cli_json *json,
                              midge_error *error);

#endif
