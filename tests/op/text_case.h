/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of operators as text (draft/draft.h): a model whose inputs are written as constants, and
 * its outputs, also as tensors with values.
 *
 *   {"PACK a:i32[2]={1,2} b:i32[2]={3,4} -> y:i32[?,?] {values_count=2 axis=1}",
 *    "y:i32[2,2]={1,3,2,4}"},
 *
 * Every case runs several times: with all constants, which are folded in prepare; with the data of
 * the first input fed; and with everything fed, so that shapes become known in run.
 */
#ifndef TEXT_CASE_H
#define TEXT_CASE_H

#include <stddef.h>

typedef struct text_case {
    const char *model;
    const char *outputs; /* of a refusal: part of the message */
} text_case;

/* Each case gives exactly these outputs. */
void text_check(const text_case *cases, size_t count);

/* Each case is refused with this message, by prepare or run, however it is fed. */
void text_check_refused(const text_case *cases, size_t count);

#define TEXT_CHECK(cases) text_check(cases, sizeof(cases) / sizeof((cases)[0]))
#define TEXT_CHECK_REFUSED(cases) text_check_refused(cases, sizeof(cases) / sizeof((cases)[0]))

#endif
