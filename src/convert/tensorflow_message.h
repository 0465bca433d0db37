/* SPDX-License-Identifier: Apache-2.0 */
/* TensorFlow's messages, unpacked by protobuf-c into memory of a region. tensorflow.proto has them;
 * tensorflow.pb-c.h is made of it when midge is built. */
#ifndef MG_TENSORFLOW_MESSAGE_H
#define MG_TENSORFLOW_MESSAGE_H

#include <string.h>

#include "base/alloc.h"
#include "tensorflow.pb-c.h"

/* *message lives as long as the region. `name` and `part` are for messages. */
midge_status mg_message_read(mg_region *region, midge_error *error, const char *name,
                             const char *part, const ProtobufCMessageDescriptor *descriptor,
                             const unsigned char *bytes, size_t size, void **message);

/* A shape whose sizes are all known, and not too many; no shape is that of a scalar. */
bool mg_message_shape(const Mg__TensorShape *shape, int32_t *rank, int32_t *sizes);

/* ---- Attributes of a node; the fallback is for those that it lacks */

const Mg__AttrValue *mg_attr(const Mg__NodeDef *node, const char *key);
int64_t mg_attr_int(const Mg__NodeDef *node, const char *key, int64_t fallback);
float mg_attr_float(const Mg__NodeDef *node, const char *key, float fallback);
bool mg_attr_bool(const Mg__NodeDef *node, const char *key, bool fallback);
/* TensorFlow's number of a type; 0 for none. */
int32_t mg_attr_type(const Mg__NodeDef *node, const char *key, int32_t fallback);
bool mg_attr_is(const Mg__NodeDef *node, const char *key, const char *text);
/* The elements of a list of numbers, at most `capacity`; the count that there is. */
size_t mg_attr_ints(const Mg__NodeDef *node, const char *key, size_t capacity, int32_t *values);
/* The name of a function; "" for none. */
const char *mg_attr_function(const Mg__NodeDef *node, const char *key);

#endif
