/* The library from C: compiled as C99 and linked with nothing but libmillrace_edge.so. */
#define _XOPEN_SOURCE 700
#include "edge/millrace_edge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT(claim)                                                              \
    do {                                                                           \
        if (!(claim)) {                                                            \
            fprintf(stderr, "%s:%d: %s; the last error: %s\n", __FILE__, __LINE__, \
                    #claim, mlr_last_error());                                     \
            exit(1);                                                               \
        }                                                                          \
    } while (0)

static char folder[] = "/tmp/millrace_c_XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void keys_are_made_once_and_loaded(mlr_key **key)
{
    uint8_t made[MLR_PUBLIC_KEY_BYTES], loaded[MLR_PUBLIC_KEY_BYTES];
    uint8_t point[MLR_LONG_PUBLIC_KEY_BYTES];
    mlr_key *again = NULL;
    EXPECT(mlr_key_load(in_folder("device.key"), key) == MLR_NOT_FOUND);
    EXPECT(strstr(mlr_last_error(), "device.key") != NULL);
    EXPECT(mlr_key_create(in_folder("device.key"), key) == MLR_OK);
    EXPECT(mlr_key_create(in_folder("device.key"), &again) == MLR_DENIED);
    EXPECT(mlr_key_load(in_folder("device.key"), &again) == MLR_OK);
    mlr_key_public(*key, made);
    mlr_key_public(again, loaded);
    EXPECT(memcmp(made, loaded, sizeof made) == 0);
    mlr_key_long_public(*key, point);
    EXPECT(point[0] == 4 && memcmp(point + 1, made + 1, 32) == 0);
    mlr_key_free(again);
    mlr_key_free(NULL);
}

static void wrong_arguments_are_refused(const mlr_key *key, const mlr_options *good)
{
    mlr_queue *queue = NULL;
    mlr_options options = *good;
    EXPECT(mlr_queue_open(NULL, key, good, &queue) == MLR_INVALID);
    EXPECT(mlr_queue_open(in_folder("q"), NULL, good, &queue) == MLR_INVALID);
    EXPECT(mlr_queue_open(in_folder("q"), key, NULL, &queue) == MLR_INVALID);
    options.size = 8;
    EXPECT(mlr_queue_open(in_folder("q"), key, &options, &queue) == MLR_INVALID);
    options = *good;
    options.master_count = 0;
    EXPECT(mlr_queue_open(in_folder("q"), key, &options, &queue) == MLR_INVALID);
    options = *good;
    options.shares_rule = 7;
    EXPECT(mlr_queue_open(in_folder("q"), key, &options, &queue) == MLR_INVALID);
    EXPECT(mlr_queue_add(NULL, NULL, "a", "b", 1) == MLR_INVALID);
    EXPECT(mlr_queue_sync(NULL) == MLR_INVALID);
    EXPECT(mlr_batch_next(NULL, 0, NULL) == MLR_INVALID);
}

static void items_become_batches(mlr_queue *queue, const mlr_key *key)
{
    uint8_t id[MLR_ITEM_ID_BYTES];
    mlr_stats stats;
    mlr_key_item_id(key, "frame 1", 7, id);
    EXPECT(mlr_queue_add(queue, id, "frames/1.jpg", "pixels", 6) == MLR_OK);
    EXPECT(mlr_queue_add(queue, id, "frames/1.jpg", "pixels", 6) == MLR_KNOWN);
    EXPECT(mlr_queue_add(queue, NULL, "frames/1.jpg", "pixels", 6) == MLR_DENIED);
    EXPECT(mlr_queue_add(queue, NULL, "../up", "pixels", 6) == MLR_INVALID);
    EXPECT(mlr_queue_add_row(queue, "20.5,51", 7) == MLR_OK);
    EXPECT(mlr_queue_is_due(queue) == 0);
    memset(&stats, 0, sizeof stats);
    EXPECT(mlr_queue_stats(queue, &stats) == MLR_INVALID);
    stats.size = sizeof stats;
    EXPECT(mlr_queue_stats(queue, &stats) == MLR_OK);
    EXPECT(stats.waiting_items == 2 && stats.open_items == 0);
    EXPECT(mlr_queue_sync(queue) == MLR_OK);
    EXPECT(mlr_queue_stats(queue, &stats) == MLR_OK);
    EXPECT(stats.waiting_items == 0 && stats.open_items == 2 && stats.batches == 0);
    EXPECT(mlr_queue_cut(queue) == MLR_OK);
    EXPECT(mlr_queue_stats(queue, &stats) == MLR_OK);
    EXPECT(stats.batches == 1 && stats.batch_items == 2 && stats.next_batch == 2);
}

static void batches_are_read_and_sent(mlr_queue *queue, const mlr_options *options)
{
    mlr_batch *batch = NULL;
    mlr_contribution said;
    uint8_t sealed[4096], wrap[MLR_WRAP_BYTES], master[MLR_MASTER_KEY_BYTES];
    uint8_t leaf[MLR_LEAF_BYTES];
    size_t got = 0;
    EXPECT(mlr_batch_next(queue, 0, &batch) == MLR_OK);
    memset(&said, 0, sizeof said);
    said.size = sizeof said;
    EXPECT(mlr_batch_contribution(batch, &said) == MLR_OK);
    EXPECT(said.number == 1 && said.chunks == 1 && said.wrap_count == 1 && said.items == 2);
    EXPECT(said.shares == 6 + 8 && memcmp(said.dataset, options->dataset, 32) == 0);
    EXPECT(said.signature[64] == 27 || said.signature[64] == 28);
    EXPECT(mlr_batch_wrap(batch, 0, master, wrap) == MLR_OK);
    EXPECT(memcmp(master, options->masters, sizeof master) == 0);
    EXPECT(mlr_batch_wrap(batch, 1, master, wrap) == MLR_INVALID);
    EXPECT(mlr_batch_read(batch, 0, sealed, sizeof sealed, &got) == MLR_OK);
    EXPECT(got == said.bytes);
    EXPECT(mlr_batch_read(batch, said.bytes, sealed, sizeof sealed, &got) == MLR_OK && got == 0);
    EXPECT(mlr_batch_leaf(batch, 0, leaf) == MLR_OK);
    EXPECT(mlr_batch_leaf(batch, 1, leaf) == MLR_INVALID);
    EXPECT(mlr_batch_write(batch, in_folder("out")) == MLR_OK);
    EXPECT(mlr_batch_write(batch, in_folder("out")) == MLR_DENIED);
    mlr_batch_free(batch);
    EXPECT(mlr_batch_next(queue, 1, &batch) == MLR_END);
    EXPECT(mlr_queue_mark_sent(queue, 1) == MLR_OK);
    EXPECT(mlr_queue_mark_sent(queue, 1) == MLR_NOT_FOUND);
    EXPECT(mlr_batch_next(queue, 0, &batch) == MLR_END);
}

static void an_open_batch_stays_while_others_are_dropped(const mlr_key *key,
                                                         const mlr_options *usual)
{
    static uint8_t frame[20000];
    mlr_queue *queue = NULL;
    mlr_batch *batch = NULL;
    mlr_stats stats;
    size_t got = 0;
    char name[32];
    int i;
    mlr_options options = *usual;
    options.when_full = MLR_DROP_OLDEST;
    options.budget_bytes = 100000;
    options.cut_bytes = 30000;
    EXPECT(mlr_queue_open(in_folder("small"), key, &options, &queue) == MLR_OK);
    for (i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "frames/%d.jpg", i);
        EXPECT(mlr_queue_add(queue, NULL, name, frame, sizeof frame) == MLR_OK);
        EXPECT(mlr_queue_cut(queue) == MLR_OK);
        if (i == 0) EXPECT(mlr_batch_next(queue, 0, &batch) == MLR_OK);
    }
    stats.size = sizeof stats;
    EXPECT(mlr_queue_stats(queue, &stats) == MLR_OK);
    EXPECT(stats.dropped_batches != 0 && stats.file_bytes <= options.budget_bytes);
    EXPECT(mlr_batch_read(batch, 0, frame, sizeof frame, &got) == MLR_OK && got == sizeof frame);
    mlr_batch_free(batch);
    EXPECT(mlr_queue_mark_sent(queue, 1) == MLR_OK);
    mlr_queue_free(queue);
}

int main(void)
{
    /* The point of X25519's generator: a master key whose secret is not needed here. */
    static const uint8_t master[MLR_MASTER_KEY_BYTES] = {9};
    mlr_key *key = NULL;
    mlr_queue *queue = NULL, *second = NULL;
    mlr_options options;
    char command[300];
    EXPECT(mlr_version() == MLR_VERSION);
    EXPECT(strcmp(mlr_status_text(MLR_OK), "done") == 0);
    EXPECT(mkdtemp(folder) != NULL);
    keys_are_made_once_and_loaded(&key);

    mlr_options_init(&options);
    memset(options.network, 1, sizeof options.network);
    memset(options.dataset, 2, sizeof options.dataset);
    options.masters = master;
    options.master_count = 1;
    wrong_arguments_are_refused(key, &options);

    EXPECT(mlr_queue_open(in_folder("q"), key, &options, &queue) == MLR_OK);
    EXPECT(mlr_queue_open(in_folder("q"), key, &options, &second) == MLR_BUSY);
    items_become_batches(queue, key);
    mlr_queue_free(queue);
    EXPECT(mlr_queue_open(in_folder("q"), key, &options, &queue) == MLR_OK);
    batches_are_read_and_sent(queue, &options);
    mlr_queue_free(queue);
    an_open_batch_stays_while_others_are_dropped(key, &options);
    mlr_key_free(key);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? 0 : 1;
}
