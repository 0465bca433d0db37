/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MG_CREATE_H
#define MG_CREATE_H

#include "run/session.h"

/* Makes a session and tries to prepare its primary subgraph; see midge_session_create. */
midge_status mg_session_create(midge_model *model, const midge_session_options *options,
                               midge_session **session, midge_error *error);
void mg_session_destroy(midge_session *session);

#endif
