/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/tensorflow_message.h"

#include "base/size.h"

typedef struct memory {
    mg_region *region;
    midge_error *error;
    midge_status status;
} memory;

static void *take(void *context, size_t bytes)
{
    memory *from = context;
    void *got = NULL;
    midge_status status = mg_region_get(from->region, bytes, &got, from->error);
    if (status != MIDGE_OK) from->status = status;
    return status == MIDGE_OK ? got : NULL;
}

/* The region frees everything at once. */
static void leave(void *context, void *piece)
{
    (void)context;
    (void)piece;
}

midge_status mg_message_read(mg_region *region, midge_error *error, const char *name,
                             const char *part, const ProtobufCMessageDescriptor *descriptor,
                             const unsigned char *bytes, size_t size, void **message)
{
    memory from = {region, error, MIDGE_OK};
    ProtobufCAllocator allocator = {take, leave, &from};
    static const unsigned char nothing[1] = {0};
    *message =
        protobuf_c_message_unpack(descriptor, &allocator, size, bytes != NULL ? bytes : nothing);
    if (from.status != MIDGE_OK) return from.status;
    if (*message == NULL)
        return mg_fail(error, MIDGE_INVALID_MODEL, "%s: %s is damaged or was cut short", name,
                       part);
    return MIDGE_OK;
}

bool mg_message_shape(const Mg__TensorShape *shape, int32_t *rank, int32_t *sizes)
{
    *rank = 0;
    if (shape == NULL) return true;
    if (shape->unknown_rank || shape->n_dim > MIDGE_MAX_RANK) return false;
    for (size_t i = 0; i < shape->n_dim; ++i) {
        if (shape->dim[i]->size < 0 || shape->dim[i]->size > INT32_MAX) return false;
        sizes[i] = (int32_t)shape->dim[i]->size;
    }
    *rank = (int32_t)shape->n_dim;
    return true;
}

const Mg__AttrValue *mg_attr(const Mg__NodeDef *node, const char *key)
{
    for (size_t i = 0; i < node->n_attr; ++i)
        if (strcmp(node->attr[i]->key, key) == 0) return node->attr[i]->value;
    return NULL;
}

int64_t mg_attr_int(const Mg__NodeDef *node, const char *key, int64_t fallback)
{
    const Mg__AttrValue *value = mg_attr(node, key);
    return value != NULL ? value->i : fallback;
}

float mg_attr_float(const Mg__NodeDef *node, const char *key, float fallback)
{
    const Mg__AttrValue *value = mg_attr(node, key);
    return value != NULL ? value->f : fallback;
}

bool mg_attr_bool(const Mg__NodeDef *node, const char *key, bool fallback)
{
    const Mg__AttrValue *value = mg_attr(node, key);
    return value != NULL ? value->b != 0 : fallback;
}

int32_t mg_attr_type(const Mg__NodeDef *node, const char *key, int32_t fallback)
{
    const Mg__AttrValue *value = mg_attr(node, key);
    return value != NULL ? value->type : fallback;
}

bool mg_attr_is(const Mg__NodeDef *node, const char *key, const char *text)
{
    const Mg__AttrValue *value = mg_attr(node, key);
    return value != NULL && value->s.len == strlen(text) &&
           memcmp(value->s.data, text, value->s.len) == 0;
}

size_t mg_attr_ints(const Mg__NodeDef *node, const char *key, size_t capacity, int32_t *values)
{
    const Mg__AttrValue *value = mg_attr(node, key);
    if (value == NULL || value->list == NULL) return 0;
    for (size_t i = 0; i < value->list->n_i && i < capacity; ++i) {
        int64_t number = value->list->i[i];
        values[i] = number > INT32_MAX   ? INT32_MAX
                    : number < INT32_MIN ? INT32_MIN
                                         : (int32_t)number;
    }
    return value->list->n_i;
}

const char *mg_attr_function(const Mg__NodeDef *node, const char *key)
{
    const Mg__AttrValue *value = mg_attr(node, key);
    return value != NULL && value->func != NULL ? value->func->name : "";
}
