/* SPDX-License-Identifier: Apache-2.0 */
#include "classifier.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "element.h"
#include "machine.h"
#include "npy.h"

static const char built_in_model[] = "fashion_mnist_int8.tflite";
static const char built_in_labels[] = "fashion_mnist_labels.txt";

static midge_status load_model(cli_classifier *classifier, const char *path, midge_error *error)
{
    const embedded_file *file = cli_embedded_find(built_in_model);
    if (path != NULL) {
        classifier->name = path;
        return cli_model_load(path, &classifier->model, error);
    }
    classifier->name = "the built-in model";
    if (file == NULL) {
        return cli_fail(error, MIDGE_UNSUPPORTED,
                        "this midge was built without a built-in model; name one with --model");
    }
    return midge_model_load_memory(file->bytes, file->size, NULL, &classifier->model, error);
}

/* The longest side of a tensor whose values lie along one axis; 0 for any other. */
static size_t line_length(const midge_tensor *tensor)
{
    const int32_t *shape = midge_tensor_shape(tensor);
    size_t longest = 1;
    for (int i = 0; i < midge_tensor_rank(tensor); ++i) {
        if (shape[i] > 0 && (size_t)shape[i] > longest) longest = (size_t)shape[i];
    }
    bool is_line = midge_tensor_elements(tensor) == longest;
    return is_line && cli_is_number(midge_tensor_type(tensor)) ? longest : 0;
}

/* The output with the scores is the first that is a line of numbers. */
static midge_status find_output(cli_classifier *classifier, midge_error *error)
{
    char shape[CLI_SHAPE_TEXT] = "nothing";
    size_t count = midge_session_output_count(classifier->session);
    for (size_t i = 0; i < count && classifier->scores == 0; ++i) {
        classifier->output = i;
        classifier->scores = line_length(midge_session_output(classifier->session, i));
    }
    if (classifier->scores > 0) {
        size_t bytes = classifier->scores * sizeof *classifier->order;
        classifier->order = malloc(bytes);
        return classifier->order != NULL ? MIDGE_OK
                                         : cli_fail_memory(error, classifier->name, bytes);
    }
    if (count > 0) {
        const midge_tensor *tensor = midge_session_output(classifier->session, 0);
        (void)cli_shape_text(midge_tensor_rank(tensor), midge_tensor_shape(tensor), shape);
    }
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: its output is %s, but a classifier gives one score for each class; use "
                    "'midge run'",
                    classifier->name, shape);
}

static midge_status find_labels(cli_classifier *classifier, const cli_classifier_choice *choice,
                                midge_error *error)
{
    char source[1100];
    const embedded_file *file = cli_embedded_find(built_in_labels);
    TRY(cli_model_labels(choice->model, classifier->model, classifier->metadata, classifier->output,
                         choice->labels, &classifier->labels, source, sizeof source, error));
    if (classifier->labels.count == 0 && choice->model == NULL && file != NULL) {
        (void)snprintf(source, sizeof source, "%s", built_in_labels);
        TRY(cli_labels_parse(source, file->bytes, file->size, &classifier->labels, error));
    }
    if (classifier->labels.count > 0) {
        cli_detail("%zu labels from %s", classifier->labels.count, source);
    } else {
        cli_detail("no labels; give them with --labels");
    }
    return cli_labels_check(&classifier->labels, source, classifier->scores, error);
}

midge_status cli_classifier_open(cli_classifier *classifier, const cli_classifier_choice *choice,
                                 midge_error *error)
{
    double range[2];
    midge_error reason = {MIDGE_OK, ""};
    *classifier = (cli_classifier){.softmax = choice->softmax};
    if (choice->range != NULL)
        TRY(cli_range_read("classify: --range", choice->range, range, error));
    TRY(load_model(classifier, choice->model, error));
    TRY(cli_session_create(classifier->name, classifier->model, &choice->session,
                           &classifier->session, error));
    if (midge_metadata_create(classifier->model, &classifier->metadata, &reason) != MIDGE_OK) {
        cli_note("%s: %s; going on without it", classifier->name, reason.message);
    }
    TRY(find_output(classifier, error));
    TRY(find_labels(classifier, choice, error));
    return cli_picture_input_find(classifier->name, classifier->session, classifier->metadata,
                                  choice->range != NULL ? range : NULL, choice->filter,
                                  &classifier->input, error);
}

void cli_classifier_free(cli_classifier *classifier)
{
    free(classifier->order);
    cli_labels_free(&classifier->labels);
    midge_metadata_free(classifier->metadata);
    midge_session_free(classifier->session);
    midge_model_free(classifier->model);
    *classifier = (cli_classifier){0};
}

static double output_at(const cli_classifier *classifier, size_t index)
{
    const midge_tensor *tensor = midge_session_output(classifier->session, classifier->output);
    midge_quantization quantization = midge_tensor_quantization(tensor);
    double stored = cli_element(midge_tensor_type(tensor), midge_tensor_data(tensor), index);
    return cli_dequantize(&quantization, 0, stored);
}

double cli_classifier_score(const cli_classifier *classifier, size_t index)
{
    double output = output_at(classifier, index);
    return classifier->softmax ? exp(output - classifier->largest) / classifier->sum : output;
}

static void find_sum(cli_classifier *classifier)
{
    classifier->largest = output_at(classifier, 0);
    classifier->sum = 0;
    for (size_t i = 1; i < classifier->scores; ++i)
        classifier->largest = fmax(classifier->largest, output_at(classifier, i));
    for (size_t i = 0; i < classifier->scores; ++i)
        classifier->sum += exp(output_at(classifier, i) - classifier->largest);
}

/* Equal scores stay in the order of their numbers, and what is not a number comes last. */
static size_t sort_best(cli_classifier *classifier, size_t top)
{
    size_t filled = 0;
    if (top > classifier->scores) top = classifier->scores;
    for (size_t i = 0; i < classifier->scores; ++i) {
        double score = cli_classifier_score(classifier, i);
        size_t place = filled;
        while (place > 0) {
            double before = cli_classifier_score(classifier, classifier->order[place - 1]);
            if (before >= score || isnan(score)) break;
            --place;
        }
        if (place >= top) continue;
        if (filled < top) ++filled;
        memmove(classifier->order + place + 1, classifier->order + place,
                (filled - 1 - place) * sizeof *classifier->order);
        classifier->order[place] = i;
    }
    return filled;
}

midge_status cli_classifier_look(cli_classifier *classifier, const char *name, cli_image *image,
                                 size_t top, size_t *count, double *milliseconds,
                                 midge_error *error)
{
    midge_session *session = classifier->session;
    TRY(cli_picture_input_write(&classifier->input, name, image, error));
    double start = cli_milliseconds();
    midge_status status = midge_session_invoke(session);
    *milliseconds = cli_milliseconds() - start;
    if (status != MIDGE_OK) return cli_session_failed(classifier->name, session, status, error);
    size_t scores = line_length(midge_session_output(session, classifier->output));
    if (scores != classifier->scores) {
        return cli_fail(error, MIDGE_INVALID_MODEL, "%s: gave %zu scores instead of %zu for %s",
                        classifier->name, scores, classifier->scores, name);
    }
    if (classifier->softmax) find_sum(classifier);
    *count = sort_best(classifier, top);
    return MIDGE_OK;
}
