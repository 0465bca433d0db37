/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint of objects has a text that names its variables. */
#include <stdlib.h>

#include "convert/bundle.h"
#include "convert/tensorflow_message.h"

static const char graph_key[] = "_CHECKPOINTABLE_OBJECT_GRAPH";

static int by_name(const void *a, const void *b)
{
    const mg_bundle_object *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : strcmp(left->key, right->key);
}

static midge_status read_objects(mg_bundle *bundle)
{
    const unsigned char *text = NULL;
    size_t size = 0, count = 0;
    Mg__ObjectGraph *graph = NULL;
    void *memory = NULL;
    bundle->has_objects = true;
    if (!mg_bundle_has(bundle, graph_key)) return MIDGE_OK;
    TRY(mg_bundle_text_read(bundle, graph_key, &text, &size));
    TRY(mg_message_read(&bundle->region, bundle->error, bundle->name, "the list of variables",
                        &mg__object_graph__descriptor, text, size, (void **)&graph));
    for (size_t i = 0; i < graph->n_nodes; ++i) count += graph->nodes[i]->n_attributes;
    TRY(mg_region_get_array(&bundle->region, count, sizeof(mg_bundle_object), &memory,
                            bundle->error));
    bundle->objects = memory;
    for (size_t i = 0; i < graph->n_nodes; ++i)
        for (size_t k = 0; k < graph->nodes[i]->n_attributes; ++k) {
            const Mg__ObjectGraph__Attribute *attribute = graph->nodes[i]->attributes[k];
            if (strcmp(attribute->name, "VARIABLE_VALUE") != 0) continue;
            bundle->objects[bundle->object_count++] =
                (mg_bundle_object){attribute->full_name, attribute->checkpoint_key};
        }
    if (bundle->object_count > 0)
        qsort(bundle->objects, bundle->object_count, sizeof *bundle->objects, by_name);
    return MIDGE_OK;
}

midge_status mg_bundle_key_of(mg_bundle *bundle, const char *name, const char **key)
{
    size_t low = 0, high;
    *key = NULL;
    if (!bundle->has_objects) TRY(read_objects(bundle));
    high = bundle->object_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(bundle->objects[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == bundle->object_count || strcmp(bundle->objects[low].name, name) != 0)
        return MIDGE_OK;
    bool alone = low + 1 == bundle->object_count ||
                 strcmp(bundle->objects[low + 1].name, name) != 0 ||
                 strcmp(bundle->objects[low + 1].key, bundle->objects[low].key) == 0;
    if (alone) *key = bundle->objects[low].key;
    return MIDGE_OK;
}
