/* SPDX-License-Identifier: Apache-2.0 */
#include "op/resource.h"

#include <string.h>

enum { FIRST_CAPACITY = 8 };

static bool same(const mg_resource *resource, mg_resource_kind kind, const char *container,
                 const char *name, int32_t number)
{
    return resource->kind == kind && resource->number == number &&
           strcmp(resource->container, container) == 0 && strcmp(resource->name, name) == 0;
}

static midge_status grow(mg_resources *resources, midge_error *error)
{
    if (resources->count < resources->capacity) return MIDGE_OK;
    size_t capacity = resources->capacity == 0 ? FIRST_CAPACITY : resources->capacity * 2;
    void *items;
    TRY(mg_heap_get_array(resources->heap, capacity, sizeof(mg_resource), &items, error));
    if (resources->count > 0) {
        memcpy(items, resources->items, resources->count * sizeof(mg_resource));
    }
    mg_heap_release(resources->heap, resources->items);
    resources->items = items;
    resources->capacity = capacity;
    return MIDGE_OK;
}

midge_status mg_resource_open(mg_resources *resources, mg_resource_kind kind, const char *container,
                              const char *name, int32_t number, int32_t *index, midge_error *error)
{
    if (container == NULL) container = "";
    if (name == NULL) name = "";
    for (size_t i = 0; i < resources->count; i++) {
        if (same(&resources->items[i], kind, container, name, number)) {
            *index = (int32_t)i;
            return MIDGE_OK;
        }
    }
    if (resources->count >= INT32_MAX) {
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "too many resources");
    }
    TRY(grow(resources, error));
    *index = (int32_t)resources->count;
    resources->items[resources->count++] =
        (mg_resource){.kind = kind, .container = container, .name = name, .number = number};
    return MIDGE_OK;
}

mg_resource *mg_resource_at(mg_resources *resources, mg_resource_kind kind, int32_t index)
{
    if (index < 0 || (size_t)index >= resources->count) return NULL;
    mg_resource *resource = &resources->items[index];
    return resource->kind == kind ? resource : NULL;
}

midge_status mg_resource_reserve(mg_resources *resources, mg_resource *resource, size_t bytes,
                                 midge_error *error)
{
    if (resource->data != NULL && resource->capacity >= bytes) {
        resource->bytes = bytes;
        return MIDGE_OK;
    }
    void *memory;
    TRY(mg_heap_get(resources->heap, bytes, &memory, error));
    mg_heap_release(resources->heap, resource->data);
    resource->data = memory;
    resource->bytes = resource->capacity = bytes;
    return MIDGE_OK;
}

void mg_resources_free(mg_resources *resources)
{
    for (size_t i = 0; i < resources->count; i++) {
        mg_heap_release(resources->heap, resources->items[i].data);
    }
    mg_heap_release(resources->heap, resources->items);
    resources->items = NULL;
    resources->count = resources->capacity = 0;
}
