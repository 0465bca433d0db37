/* SPDX-License-Identifier: Apache-2.0 */
/* One model, two sessions in two threads: the model is shared, each session belongs to its thread.
 * usage: two_threads MODEL */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "midge.h"

typedef struct task {
    midge_model *model;
    int fill;          /* every byte of the input */
    unsigned long sum; /* of the bytes of the output */
    midge_error error;
} task;

static void *run(void *argument)
{
    task *mine = argument;
    midge_session *session = NULL;
    if (midge_session_create(mine->model, NULL, &session, &mine->error) != MIDGE_OK) return NULL;
    midge_tensor *input = midge_session_input(session, 0);
    for (int round = 0; round < 100; ++round) {
        memset(midge_tensor_data(input), mine->fill, midge_tensor_bytes(input));
        if (midge_session_invoke(session) != MIDGE_OK) {
            (void)snprintf(mine->error.message, sizeof mine->error.message, "%s",
                           midge_session_message(session));
            mine->error.status = MIDGE_RUN_ERROR;
            break;
        }
    }
    const midge_tensor *output = midge_session_output(session, 0);
    const unsigned char *bytes = midge_tensor_data(output);
    for (size_t i = 0; i < midge_tensor_bytes(output); ++i) mine->sum += bytes[i];
    midge_session_free(session);
    return NULL;
}

int main(int count, char **words)
{
    if (count != 2) return fprintf(stderr, "usage: two_threads MODEL\n"), 2;
    midge_error error = {0};
    midge_model *model = NULL;
    if (midge_model_load_file(words[1], NULL, &model, &error) != MIDGE_OK)
        return fprintf(stderr, "%s\n", error.message), 1;
    task tasks[2] = {{.model = model, .fill = 0}, {.model = model, .fill = 200}};
    pthread_t threads[2];
    int started = 0;
    while (started < 2 && pthread_create(&threads[started], NULL, run, &tasks[started]) == 0)
        ++started;
    for (int i = 0; i < started; ++i) pthread_join(threads[i], NULL);
    midge_model_free(model);
    for (int i = 0; i < 2; ++i) {
        if (tasks[i].error.status != MIDGE_OK || started < 2)
            return fprintf(stderr, "thread %d: %s\n", i, tasks[i].error.message), 1;
        printf("thread %d: sum of the outputs %lu\n", i, tasks[i].sum);
    }
    return 0;
}
