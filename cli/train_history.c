/* SPDX-License-Identifier: Apache-2.0 */
#include "train_history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "table.h"

enum { TABLE_EPOCHS = 20, MOST_EPOCHS = 1000000 };

void cli_history_free(cli_history *history)
{
    free(history->epochs);
    *history = (cli_history){0};
}

static midge_status make_room(cli_history *history, size_t count, midge_error *error)
{
    size_t bytes = count * sizeof *history->epochs;
    cli_epoch *moved = count <= MOST_EPOCHS ? realloc(history->epochs, bytes) : NULL;
    if (moved == NULL) return cli_fail_memory(error, "history", bytes);
    for (size_t i = history->count; i < count; ++i) moved[i] = (cli_epoch){0};
    history->epochs = moved;
    history->count = count;
    return MIDGE_OK;
}

midge_status cli_history_set(cli_history *history, const midge_fit_progress *progress,
                             midge_error *error)
{
    TRY(make_room(history, (size_t)progress->epoch + 1, error));
    cli_epoch *epoch = &history->epochs[progress->epoch];
    history->validated = progress->validated;
    *epoch = (cli_epoch){.seconds = progress->seconds,
                         .learning_rate = progress->learning_rate,
                         .loss = progress->loss,
                         .validation_loss = progress->validation_loss,
                         .best = progress->best};
    memcpy(epoch->metrics, progress->metrics, sizeof epoch->metrics);
    memcpy(epoch->validation_metrics, progress->validation_metrics, sizeof epoch->metrics);
    return MIDGE_OK;
}

size_t cli_history_best(const cli_history *history)
{
    size_t best = 0;
    for (size_t i = 0; i < history->count; ++i)
        if (history->epochs[i].best) best = i;
    return best;
}

/* ---- Columns ---- */

/* What may stand in a column, for the metrics in turn. */
typedef enum series { SERIES_LOSS, SERIES_METRIC, SERIES_RATE, SERIES_SECONDS } series;

typedef struct column {
    char name[80];
    series kind;
    size_t metric;
    bool validation;
} column;

enum { MOST_COLUMNS = 2 * MIDGE_MOST_METRICS + 4 };

static size_t find_columns(const cli_history *history, column columns[MOST_COLUMNS])
{
    size_t count = 0;
    for (int validation = 0; validation < (history->validated ? 2 : 1); ++validation) {
        const char *front = validation != 0 ? "val_" : "";
        for (size_t i = 0; i <= history->metric_count; ++i) {
            column *made = &columns[count++];
            *made = (column){.kind = i == 0 ? SERIES_LOSS : SERIES_METRIC,
                             .metric = i == 0 ? 0 : i - 1,
                             .validation = validation != 0};
            (void)snprintf(made->name, sizeof made->name, "%s%s", front,
                           i == 0 ? "loss" : history->metric_names[i - 1]);
        }
    }
    columns[count++] = (column){.name = "learning_rate", .kind = SERIES_RATE};
    columns[count++] = (column){.name = "seconds", .kind = SERIES_SECONDS};
    return count;
}

static double *place(cli_epoch *epoch, const column *at)
{
    switch (at->kind) {
    case SERIES_LOSS: return at->validation ? &epoch->validation_loss : &epoch->loss;
    case SERIES_METRIC:
        return at->validation ? &epoch->validation_metrics[at->metric]
                              : &epoch->metrics[at->metric];
    case SERIES_RATE: return &epoch->learning_rate;
    case SERIES_SECONDS: break;
    }
    return &epoch->seconds;
}

void cli_history_json(const cli_history *history, cli_json *json)
{
    column columns[MOST_COLUMNS];
    size_t count = find_columns(history, columns);
    for (size_t i = 0; i < count; ++i) {
        cli_json_begin(json, columns[i].name, '[');
        for (size_t k = 0; k < history->count; ++k)
            cli_json_number(json, NULL, *place(&history->epochs[k], &columns[i]));
        cli_json_end(json, ']');
    }
}

/* ---- The table ---- */

/* Of a long history the first and last epochs, those between in equal steps, and the best. */
static bool in_table(const cli_history *history, size_t epoch)
{
    size_t step = (history->count + TABLE_EPOCHS - 2) / (TABLE_EPOCHS - 1);
    return history->count <= TABLE_EPOCHS || epoch % step == 0 || epoch + 1 == history->count ||
           epoch == cli_history_best(history);
}

midge_status cli_history_table(const cli_history *history, midge_error *error)
{
    column columns[MOST_COLUMNS];
    const char *headers[CLI_TABLE_COLUMNS] = {"epoch"};
    size_t count = find_columns(history, columns);
    if (count > CLI_TABLE_COLUMNS - 2) count = CLI_TABLE_COLUMNS - 2;
    for (size_t i = 0; i < count; ++i) headers[i + 1] = columns[i].name;
    headers[count + 1] = "";
    cli_table table = cli_table_make(count + 2, headers, (1u << (count + 1)) - 1);
    for (size_t k = 0; k < history->count; ++k) {
        if (!in_table(history, k)) continue;
        cli_table_add(&table, "%zu", k + 1);
        for (size_t i = 0; i < count; ++i)
            cli_table_add(&table,
                          columns[i].kind == SERIES_SECONDS ? "%.2f"
                          : columns[i].kind == SERIES_RATE  ? "%.3g"
                                                            : "%.4f",
                          *place(&history->epochs[k], &columns[i]));
        cli_table_add(&table, "%s", k == cli_history_best(history) ? "best" : "");
    }
    return cli_table_print(&table, 0, error);
}

/* ---- Beside the checkpoint ---- */

midge_status cli_history_write(const cli_history *history, const char *path, const char *settings,
                               midge_error *error)
{
    column columns[MOST_COLUMNS];
    cli_writer writer;
    size_t count = find_columns(history, columns);
    TRY(cli_writer_reopen(&writer, path, error));
    (void)fprintf(writer.stream, "%s\n%d", settings, history->validated ? 1 : 0);
    for (size_t i = 0; i < count; ++i) (void)fprintf(writer.stream, ",%s", columns[i].name);
    for (size_t k = 0; k < history->count; ++k) {
        (void)fprintf(writer.stream, "\n%d", history->epochs[k].best ? 1 : 0);
        for (size_t i = 0; i < count; ++i)
            (void)fprintf(writer.stream, ",%.17g", *place(&history->epochs[k], &columns[i]));
    }
    (void)fputc('\n', writer.stream);
    return cli_writer_commit(&writer, error);
}

/* Cuts the line off the text; NULL at its end. */
static char *next_line(char **text)
{
    char *line = *text;
    size_t length = strcspn(line, "\n");
    if (line[length] == '\0') return NULL;
    line[length] = '\0';
    *text = line + length + 1;
    return line;
}

static midge_status read_epochs(cli_history *history, const char *path, char *text,
                                midge_error *error)
{
    column columns[MOST_COLUMNS];
    char *names = next_line(&text);
    history->validated = names != NULL && names[0] == '1';
    size_t count = find_columns(history, columns);
    for (char *line = next_line(&text); line != NULL; line = next_line(&text)) {
        TRY(make_room(history, history->count + 1, error));
        cli_epoch *epoch = &history->epochs[history->count - 1];
        char *end = line;
        epoch->best = strtod(line, &end) > 0;
        for (size_t i = 0; i < count; ++i) {
            char *from = end + 1;
            if (*end != ',') from = end;
            *place(epoch, &columns[i]) = strtod(from, &end);
            if (*from != '\0' && end != from) continue;
            return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                            "%s: epoch %zu is damaged; remove the checkpoint to train anew", path,
                            history->count);
        }
    }
    return MIDGE_OK;
}

/* Names the first word in which two lines of settings differ. */
static midge_status refuse_settings(const char *path, const char *had, const char *have,
                                    midge_error *error)
{
    size_t at = 0, word = 0;
    for (; had[at] != '\0' && had[at] == have[at]; ++at)
        if (had[at] == ' ') word = at + 1;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: the interrupted run had %.*s, not %.*s; give the same, or remove the "
                    "checkpoint to train anew",
                    path, (int)strcspn(had + word, " "), had + word, (int)strcspn(have + word, " "),
                    have + word);
}

midge_status cli_history_read(cli_history *history, const char *path, const char *settings,
                              midge_error *error)
{
    cli_bytes bytes = {0};
    TRY(cli_file_read(path, (size_t)1 << 28, &bytes, error));
    char *text = malloc(bytes.size + 1);
    midge_status status = MIDGE_OK;
    if (text == NULL) {
        status = cli_fail_memory(error, path, bytes.size + 1);
    } else {
        char *rest = text;
        if (bytes.size > 0) memcpy(text, bytes.data, bytes.size);
        text[bytes.size] = '\0';
        const char *stored = next_line(&rest);
        if (stored == NULL || strcmp(stored, settings) != 0)
            status = refuse_settings(path, stored != NULL ? stored : "", settings, error);
        else
            status = read_epochs(history, path, rest, error);
    }
    free(text);
    cli_bytes_free(&bytes);
    return status;
}
