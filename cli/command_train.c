/* SPDX-License-Identifier: Apache-2.0 */
/* midge train: makes a network learn from labelled samples. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "files.h"
#include "npy.h"
#include "train.h"

#define AT(member) offsetof(cli_train_choice, member)

static const cli_train_choice defaults = {
    .label_smoothing = CLI_TRAIN_UNSET,
    .learning_rate = CLI_TRAIN_UNSET,
    .momentum = CLI_TRAIN_UNSET,
    .weight_decay = CLI_TRAIN_UNSET,
    .clip_norm = CLI_TRAIN_UNSET,
    .clip_value = CLI_TRAIN_UNSET,
    .epochs = 10,
    .batch = 32,
    .seed = 1,
    .schedule_factor = 0.1,
    .schedule_epochs = 10,
    .checkpoint_seconds = 30,
};

static const cli_option options[] = {
    {"data", 'd', CLI_TEXT, AT(data), "DATA",
     "samples with their targets: fashion-mnist, a folder, SAMPLES,TARGETS or FILE.csv", 0, 0},
    {"output", 'o', CLI_TEXT, AT(output), "MODEL", "the .keras, .h5 or .tflite file to write", 0,
     0},
    {"epochs", 'e', CLI_COUNT, AT(epochs), "N", "how often to go through all samples (default 10)",
     1, 1000000},
    {"batch", 'b', CLI_COUNT, AT(batch), "N", "samples for each step (default 32)", 1, 1000000},
    {"seed", 's', CLI_COUNT, AT(seed), "N",
     "of first weights, order, dropout and augmentation (default 1)", 0, INT64_MAX},
    {"threads", 't', CLI_COUNT, AT(threads), "N",
     "threads to compute with (default: as many as processors); the result is the same", 1, 256},
    {"validation", '\0', CLI_TEXT, AT(validation), "SHARE|DATA",
     "a share of the samples, such as 0.2, or other samples, to judge each epoch by", 0, 0},
    {"test", '\0', CLI_TEXT, AT(test), "DATA",
     "samples to judge the result by (default: the part for tests of --data, if it has one)", 0, 0},
    {"label-column", '\0', CLI_TEXT, AT(label_column), "NAME|N|first|last",
     "the column of a CSV file that is the target", 0, 0},
    {"pixels", '\0', CLI_TEXT, AT(pixels), "LOW:HIGH",
     "what black and white become in pictures (default 0:1; 0:255 before a Rescaling layer)", 0, 0},
    {"input-size", '\0', CLI_TEXT, AT(input_size), "HxW[xC]",
     "size of pictures for a built-in network", 0, 0},
    {"new-head", '\0', CLI_FLAG, AT(new_head), NULL,
     "replace the last layer by a new one for the classes of the samples", 0, 0},
    {"freeze", '\0', CLI_LIST, AT(freeze), "LAYER", "leave the weights of this layer as they are",
     0, 0},
    {"freeze-all-but-last", '\0', CLI_FLAG, AT(freeze_all_but_last), NULL,
     "let only the last layer with weights learn", 0, 0},
    {"loss", '\0', CLI_TEXT, AT(loss), "NAME",
     "as Keras calls it (default: that of the model, or what suits its output)", 0, 0},
    {"from-logits", '\0', CLI_FLAG, AT(from_logits), NULL,
     "with --loss: the model ends before softmax or sigmoid", 0, 0},
    {"label-smoothing", '\0', CLI_NUMBER, AT(label_smoothing), "SHARE",
     "of a cross-entropy (default 0)", 0, 1},
    {"optimizer", '\0', CLI_TEXT, AT(optimizer), "sgd|adam|adamw|rmsprop",
     "with Keras' defaults (default: that of the model, or adam)", 0, 0},
    {"learning-rate", '\0', CLI_NUMBER, AT(learning_rate), "RATE",
     "of the optimiser (default: its own)", 0, 1000},
    {"momentum", '\0', CLI_NUMBER, AT(momentum), "SHARE", "of sgd and rmsprop (default 0)", 0, 1},
    {"nesterov", '\0', CLI_FLAG, AT(nesterov), NULL, "sgd looks ahead", 0, 0},
    {"weight-decay", '\0', CLI_NUMBER, AT(weight_decay), "RATE",
     "of the optimiser (default: its own)", 0, 1000},
    {"clip-norm", '\0', CLI_NUMBER, AT(clip_norm), "NORM",
     "longest gradient of a weight (default: any)", 0, INT32_MAX},
    {"clip-value", '\0', CLI_NUMBER, AT(clip_value), "VALUE",
     "largest element of a gradient (default: any)", 0, INT32_MAX},
    {"metric", '\0', CLI_LIST, AT(metrics), "NAME",
     "what else to tell of each epoch (default: that of the model, or accuracy)", 0, 0},
    {"schedule", '\0', CLI_CHOICE, AT(schedule), "constant|step|cosine|plateau",
     "how the learning rate falls (default constant)", 0, 0},
    {"schedule-factor", '\0', CLI_NUMBER, AT(schedule_factor), "FACTOR",
     "what step and plateau multiply it by (default 0.1)", 0, 1},
    {"schedule-epochs", '\0', CLI_COUNT, AT(schedule_epochs), "N",
     "epochs of a step, or without anything better (default 10)", 1, 1000000},
    {"least-rate", '\0', CLI_NUMBER, AT(least_rate), "RATE", "no learning rate below (default 0)",
     0, 1000},
    {"monitor", '\0', CLI_CHOICE, AT(monitor), "loss|metric",
     "what tells which epoch is better: the loss or the first metric, of the validation if there "
     "is one (default loss)",
     0, 0},
    {"patience", '\0', CLI_COUNT, AT(patience), "N",
     "stop after N epochs without anything better (default: never)", 1, 1000000},
    {"least-improvement", '\0', CLI_NUMBER, AT(least_improvement), "VALUE",
     "what counts as better (default 0)", 0, 1000000},
    {"restore-best", '\0', CLI_FLAG, AT(restore_best), NULL,
     "end with the weights of the best epoch", 0, 0},
    {"best", '\0', CLI_TEXT, AT(best), "MODEL", "also write the model after each best epoch", 0, 0},
    {"class-weights", '\0', CLI_TEXT, AT(class_weights), "balanced|W,W,...",
     "factors of the loss by class", 0, 0},
    {"augment", '\0', CLI_TEXT, AT(augment), "LIST",
     "change pictures at random, by a list such as shift=0.1,rotate=10,flip; also zoom, flip-y, "
     "brightness, contrast, noise",
     0, 0},
    {"quantize-aware", '\0', CLI_FLAG, AT(quantize_aware), NULL,
     "learn with what int8 will lose, so that --optimize int8, now or later, loses less", 0, 0},
    {"sparsity", '\0', CLI_NUMBER, AT(sparsity), "PERCENT",
     "make so many of the weights 0, the smallest, little by little", 0, 99},
    {"sparsity-epochs", '\0', CLI_COUNT, AT(sparsity_epochs), "N",
     "over how many epochs (default: the first half)", 1, 1000000},
    {"cluster", '\0', CLI_COUNT, AT(clusters), "N",
     "leave N different weights in each tensor, which go on to learn", 2, 256},
    {"cluster-epochs", '\0', CLI_COUNT, AT(cluster_epochs), "N",
     "in how many epochs at the end (default: the last half)", 1, 1000000},
    {"in-order", '\0', CLI_FLAG, AT(in_order), NULL, "do not shuffle the samples", 0, 0},
    {"optimize", 'O', CLI_CHOICE, AT(optimize), "none|float16|dynamic|int8|int16x8",
     "make a .tflite result smaller, calibrated with the samples (default none)", 0, 0},
    {"history", '\0', CLI_TEXT, AT(history), "FILE|none",
     "what each epoch brought, as JSON (default: MODEL's name with .history.json)", 0, 0},
    {"curve", '\0', CLI_TEXT, AT(curve), "FILE|none",
     "a drawing of it as SVG (default: MODEL's name with .curve.svg)", 0, 0},
    {"resume", 'r', CLI_FLAG, AT(resume), NULL,
     "go on with the interrupted run whose checkpoint is there", 0, 0},
    {"checkpoint-seconds", '\0', CLI_COUNT, AT(checkpoint_seconds), "N",
     "write a checkpoint so often (default 30; 0: after each step)", 0, 1000000},
    {"quiet", 'q', CLI_FLAG, AT(quiet), NULL, "no progress", 0, 0},
    CLI_OPTION_JSON(cli_train_choice),
};
/* What will be done, before it takes its time. */
static void introduce(const cli_training *at)
{
    char shape[CLI_SHAPE_TEXT], rest[80] = "", classes[40] = "";
    midge_trainer_info about = midge_trainer_describe(at->trainer);
    midge_compile_options compiled = midge_trainer_compiled(at->trainer);
    if (at->choice->quiet) return;
    if (at->validation.count > 0)
        (void)snprintf(rest, sizeof rest, ", %zu for the validation", at->validation.count);
    if (at->data.class_count > 0)
        (void)snprintf(classes, sizeof classes, ", %zu classes", at->data.class_count);
    (void)fprintf(stderr,
                  "%s: %llu weights, %llu of them learn\n"
                  "%s: %zu samples of %s%s%s\n"
                  "%s %g, %s, batch %lld, seed %lld, %d threads\n",
                  at->network, (unsigned long long)about.parameters,
                  (unsigned long long)about.trained_parameters, at->choice->data,
                  at->training.count, cli_shape_text(at->data.rank, at->data.shape, shape), rest,
                  classes, compiled.optimizer, compiled.learning_rate, compiled.loss,
                  (long long)at->choice->batch, (long long)at->choice->seed, at->threads);
}

static midge_status check_names(const cli_train_choice *choice, midge_error *error)
{
    if (choice->data == NULL) return cli_usage(error, "train: name the samples with --data");
    if (choice->output == NULL) return cli_usage(error, "train: name the result with --output");
    const char *models[] = {choice->output, choice->best};
    for (size_t i = 0; i < 2; ++i)
        if (models[i] != NULL && !cli_training_can_save(models[i]))
            return cli_usage(error, "train: '%s' ends in none of .keras, .h5 and .tflite",
                             models[i]);
    size_t length = strlen(choice->output);
    if (choice->optimize != MIDGE_OPTIMIZE_NONE &&
        (length < 7 || strcmp(choice->output + length - 7, ".tflite") != 0))
        return cli_usage(error, "train: --optimize is for a .tflite file");
    return MIDGE_OK;
}

/* What cannot be written is better known before hours of training than after. */
static midge_status check_folder(const char *path, midge_error *error)
{
    cli_writer writer;
    TRY(cli_writer_open(&writer, path, error));
    cli_writer_discard(&writer);
    return MIDGE_OK;
}

static midge_status run(const void *values, const cli_texts *operands, midge_error *error)
{
    cli_training at = {.choice = values, .network = operands->items[0]};
    TRY(check_names(at.choice, error));
    TRY(check_folder(at.choice->output, error));
    midge_status status = cli_training_open(&at, error);
    if (status == MIDGE_OK) introduce(&at);
    if (status == MIDGE_OK) status = cli_training_fit(&at, error);
    if (status == MIDGE_OK) status = cli_training_close(&at, error);
    if (status == MIDGE_OK) cli_training_forget(&at);
    cli_training_free(&at);
    return status;
}

const cli_command cli_train = {
    .name = "train",
    .operands = "NETWORK",
    .summary = "make a network learn from labelled samples",
    .about =
        "Trains a Keras model (.keras, .h5 or its configuration as .json), going on from the "
        "weights it has, or a built-in network: dense, conv, mobile (for pictures), sound (for "
        "time x frequency). DATA is one of\n"
        "\n"
        "  fashion-mnist     the files of Debian's package dataset-fashion-mnist\n"
        "  FOLDER            four IDX files like MNIST's, or a folder for each class\n"
        "  SAMPLES,TARGETS   two .npy or IDX files, compressed or not\n"
        "  FILE.csv          one sample a row, its target in a column\n"
        "\n"
        "and :train or :test behind the first two picks a part. Interrupted by a signal or a power "
        "cut, the same command with --resume goes on from the checkpoint beside MODEL and ends "
        "with the same bits. Names of classes go to a text beside MODEL, where midge classify "
        "finds them.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = 1,
    .defaults = &defaults,
    .values_size = sizeof(cli_train_choice),
    .run = run,
};
