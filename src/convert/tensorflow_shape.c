/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that change the shape alone. */
#include "base/size.h"
#include "convert/tensorflow_operation.h"

/* One size may be -1: what is left over. */
static midge_status complete(mg_tensorflow *tf, size_t elements, size_t rank, int32_t *shape)
{
    size_t known = 1;
    int32_t *open = NULL;
    for (size_t i = 0; i < rank; ++i) {
        if (shape[i] < -1 || (shape[i] == -1 && open != NULL))
            return mg_tf_refuse(tf, "wants an impossible shape");
        if (shape[i] == -1)
            open = &shape[i];
        else if (!mg_size_multiply(known, (size_t)shape[i], &known))
            return mg_tf_refuse(tf, "wants an impossible shape");
    }
    if (open == NULL) return MIDGE_OK;
    if (known == 0 || elements % known != 0 || elements / known > INT32_MAX)
        return mg_tf_refuse(tf, "cannot give %zu elements its shape", elements);
    *open = (int32_t)(elements / known);
    return MIDGE_OK;
}

midge_status mg_tf_lower_reshape(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output, shape[MIDGE_MAX_RANK];
    size_t rank = 0, elements = 0;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input_ints(tf, operation, 1, MIDGE_MAX_RANK, shape, &rank));
    const mg_network_tensor *source = mg_tf_tensor(tf, input);
    (void)mg_shape_elements(source->rank, source->shape, &elements);
    TRY(complete(tf, elements, rank, shape));
    TRY(mg_tf_reshape(tf, input, (int32_t)rank, shape, &output));
    return mg_tf_give_one(tf, operation, output);
}
