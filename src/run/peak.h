/* SPDX-License-Identifier: Apache-2.0 */
/* How fast a session's matrix kernels are at their best. */
#ifndef MG_PEAK_H
#define MG_PEAK_H

#include "run/session.h"

midge_status mg_session_peak(midge_session *session, midge_peak *peak);

#endif
