/* SPDX-License-Identifier: Apache-2.0 */
/* A whole model as JSON text, for people, for comparing two models, and for tests. */
#ifndef MG_SCHEMA_DUMP_H
#define MG_SCHEMA_DUMP_H

#include "schema/schema.h"

/* Takes the next piece of text, not terminated; a failure ends the dump. */
typedef midge_status (*mg_dump_write)(void *context, const char *text, size_t length);

/*
 * Every table is an object with its fields in the schema's order, one a line; scalars always, the
 * rest when present. Enumerations and union tags appear by name, or as numbers when the schema has
 * no name for them. A vector of more than 64 bytes becomes {"bytes": length, "fnv1a": hash}. Floats
 * that JSON cannot hold are the strings "nan", "inf" and "-inf". Bytes of strings outside ASCII are
 * written as \u00xx. Returns what `write` returned last.
 */
midge_status mg_schema_dump(const mg_Model *model, mg_dump_write write, void *context);

/* The same of one struct: `table` is MG_TABLE_… . */
midge_status mg_schema_dump_table(unsigned table, const void *value, mg_dump_write write,
                                  void *context);

#endif
