/* SPDX-License-Identifier: Apache-2.0 */
/* What drawings have in common. */
#ifndef CLI_SVG_H
#define CLI_SVG_H

#include <stdio.h>

/* Writes text of unknown origin, escaped. */
void cli_svg_text(FILE *stream, const char *text);

/* A colour for a name; the same name always has the same. */
const char *cli_svg_colour(const char *name);

#endif
