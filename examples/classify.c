/* SPDX-License-Identifier: Apache-2.0 */
/* Names what a picture shows: raw bytes in, best label out.
 * usage: classify MODEL LABELS PICTURE.raw   (PICTURE.raw: as many bytes as the model's input) */
#include <stdio.h>

#include "midge.h"

int main(int count, char **words)
{
    midge_error error = {0};
    midge_model *model = NULL;
    midge_session *session = NULL;
    if (count != 4) return fprintf(stderr, "usage: classify MODEL LABELS PICTURE.raw\n"), 2;
    if (midge_model_load_file(words[1], NULL, &model, &error) != MIDGE_OK ||
        midge_session_create(model, NULL, &session, &error) != MIDGE_OK)
        return fprintf(stderr, "%s\n", error.message), midge_model_free(model), 1;

    midge_tensor *input = midge_session_input(session, 0);
    FILE *picture = fopen(words[3], "rb");
    size_t bytes = midge_tensor_bytes(input);
    if (picture == NULL || fread(midge_tensor_data(input), 1, bytes, picture) != bytes)
        return fprintf(stderr, "%s: need %zu bytes\n", words[3], bytes), 1;
    fclose(picture);
    if (midge_session_invoke(session) != MIDGE_OK)
        return fprintf(stderr, "%s\n", midge_session_message(session)), 1;

    const midge_tensor *output = midge_session_output(session, 0);
    const unsigned char *scores = midge_tensor_data(output);
    size_t best = 0;
    for (size_t i = 1; i < midge_tensor_elements(output); ++i)
        if (scores[i] > scores[best]) best = i;

    char label[100] = "?";
    FILE *labels = fopen(words[2], "r");
    for (size_t i = 0; labels != NULL && i <= best; ++i)
        if (fgets(label, sizeof label, labels) == NULL) break;
    midge_quantization scale = midge_tensor_quantization(output);
    printf("%.2f %s", (double)scale.scale[0] * scores[best], label);
    if (labels != NULL) fclose(labels);
    midge_session_free(session);
    midge_model_free(model);
    return 0;
}
