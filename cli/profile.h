/* SPDX-License-Identifier: Apache-2.0 */
/* Where the time of a profiled session went. */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include "json_print.h"

/* Two tables: by kind of operator, and the slowest nodes. `name` stands in messages. */
midge_status cli_profile_text(const char *name, const midge_session *session, midge_error *error);

/* The member "profile": a list of nodes in the order of running. */
void cli_profile_json(const midge_session *session, cli_json *json);

#endif
