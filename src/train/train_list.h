/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that grow while a trainer is made. Items move when the list grows. */
#ifndef MG_TRAIN_LIST_H
#define MG_TRAIN_LIST_H

#include "train/trainer.h"

static inline midge_status mg_train_list_add(mg_heap *heap, mg_train_list *list, size_t item_bytes,
                                             void **item, midge_error *error)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity < 16 ? 16 : list->capacity * 2;
        void *larger = NULL;
        TRY(mg_heap_get_array(heap, capacity, item_bytes, &larger, error));
        if (list->count > 0) memcpy(larger, list->items, list->count * item_bytes);
        mg_heap_release(heap, list->items);
        list->items = larger;
        list->capacity = capacity;
    }
    *item = (unsigned char *)list->items + list->count * item_bytes;
    memset(*item, 0, item_bytes);
    ++list->count;
    return MIDGE_OK;
}

#endif
