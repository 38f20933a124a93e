/*
 * millrace_edge.h - seal, sign and store what a device records, with no network and no node.
 *
 * Everything that is added is sealed at once to the master keys of the data's owner; what lies on
 * the device's disk can be read by nobody else, not even by the device. Closed batches are signed
 * with the device's key and wait until they are sent.
 *
 * Plain C99. Functions that can fail return a mlr_status; mlr_last_error tells more, for people.
 * Handles belong to who made them and are freed by the function that is named for it; NULL may be
 * freed. Bytes that are passed in are copied or used up before a function returns. A handle is used
 * by one thread at a time; different handles by any.
 *
 * Functions and structures are only ever added to; what is here keeps its meaning within a major
 * version.
 */
#ifndef MILLRACE_EDGE_H
#define MILLRACE_EDGE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MLR_API __attribute__((visibility("default")))
#else
#define MLR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header, and of the library that runs: major << 16 | minor << 8 | patch. */
#define MLR_VERSION 0x000100u
MLR_API uint32_t mlr_version(void);

typedef enum mlr_status {
    MLR_OK = 0,
    MLR_INVALID = 1,   /* arguments that make no sense */
    MLR_NOT_FOUND = 2, /* what was asked for is not there */
    MLR_DAMAGED = 3,   /* stored bytes are not what was written */
    MLR_IO = 4,        /* the disk refused */
    MLR_FULL = 5,      /* no space or memory, or the budget is used up */
    MLR_BUSY = 6,      /* not now: another process has the queue */
    MLR_DENIED = 7,    /* permissions, another device's queue, or a name that is taken */
    MLR_KNOWN = 8,     /* not an error: an item with this id was taken before */
    MLR_END = 9        /* not an error: there is nothing more */
} mlr_status;

/* A few words; never NULL, never freed. */
MLR_API const char *mlr_status_text(mlr_status status);
/* What the last call that failed in this thread said; valid until the next call in this thread. */
MLR_API const char *mlr_last_error(void);

/* ---- The device's key -------------------------------------------------------------------- */

#define MLR_PUBLIC_KEY_BYTES 33
#define MLR_LONG_PUBLIC_KEY_BYTES 65
#define MLR_ITEM_ID_BYTES 16

typedef struct mlr_key mlr_key;

/* Draws a key and writes it to a file that is not there yet, mode 0600. */
MLR_API mlr_status mlr_key_create(const char *path, mlr_key **key);
/* Reads such a file; MLR_DENIED unless it is the caller's alone. */
MLR_API mlr_status mlr_key_load(const char *path, mlr_key **key);
MLR_API void mlr_key_free(mlr_key *key);
/* The compressed public key. */
MLR_API void mlr_key_public(const mlr_key *key, uint8_t out[MLR_PUBLIC_KEY_BYTES]);
/* 0x04, x, y. The ledger knows the device by the last 20 bytes of the keccak-256 of x and y, which
 * it also recovers from each signature; a device needs no keccak. */
MLR_API void mlr_key_long_public(const mlr_key *key, uint8_t out[MLR_LONG_PUBLIC_KEY_BYTES]);
/* An id for mlr_queue_add, made from whatever tells an item from others (a name, a size, a time).
 * Keyed: the queue's files do not give those bytes away. */
MLR_API void mlr_key_item_id(const mlr_key *key, const void *origin, size_t size,
                             uint8_t out[MLR_ITEM_ID_BYTES]);

/* ---- The queue --------------------------------------------------------------------------- */

#define MLR_HASH_BYTES 32
#define MLR_MASTER_KEY_BYTES 32
#define MLR_MOST_MASTERS 16
#define MLR_MOST_ITEM_BYTES 67108864u
#define MLR_MOST_NAME_BYTES 1024

enum { MLR_SHARES_BYTES = 1, MLR_SHARES_ROWS = 2 };
enum { MLR_REFUSE = 0, MLR_DROP_OLDEST = 1 };

typedef struct mlr_options {
    uint32_t size;                   /* sizeof(mlr_options), set by mlr_options_init */
    uint8_t network[MLR_HASH_BYTES]; /* id of the network's genesis block */
    uint8_t dataset[MLR_HASH_BYTES];
    uint8_t schema[MLR_HASH_BYTES]; /* zeros for none */
    uint8_t meta[MLR_HASH_BYTES];   /* zeros for none */
    const uint8_t *masters;         /* master_count public keys of 32 bytes, one after another */
    uint32_t master_count;          /* 1 to MLR_MOST_MASTERS, all different */
    uint32_t shares_rule;           /* what the dataset counts; an item that is no row counts one */
    uint32_t when_full;             /* MLR_REFUSE: adding fails; MLR_DROP_OLDEST: counted */
    uint64_t budget_bytes;          /* of all batches on the disk; some KiB come beside */
    uint64_t cut_bytes;             /* a batch this long is closed; at most half of the budget */
    uint64_t cut_seconds;           /* a batch this old is closed */
    uint64_t first_batch;           /* number of a new queue's first batch */
} mlr_options;

/* Zeros, and: 64 MiB of budget, batches of 1 MiB or an hour, shares by bytes, refuse, from 1. */
MLR_API void mlr_options_init(mlr_options *options);

typedef struct mlr_queue mlr_queue;

/* Opens or makes the queue in a folder (mode 0700), and keeps it from other processes. The key must
 * outlive the queue. A batch that a crash left open is closed with everything that was synced. */
MLR_API mlr_status mlr_queue_open(const char *folder, const mlr_key *key,
                                  const mlr_options *options, mlr_queue **queue);
/* What was not synced is lost, as in a crash. */
MLR_API void mlr_queue_free(mlr_queue *queue);

/* Adds an item. It is in memory until mlr_queue_sync, unless much is waiting. The name is a
 * relative path, not below rows/, and unique within a batch (MLR_DENIED). With an id (or NULL) the
 * same item is taken once however often it is offered: MLR_KNOWN. */
MLR_API mlr_status mlr_queue_add(mlr_queue *queue, const uint8_t *id, const char *name,
                                 const void *bytes, size_t size);
/* Adds one line without its end. The lines between two syncs become an item rows/NNNNNN. */
MLR_API mlr_status mlr_queue_add_row(mlr_queue *queue, const void *bytes, size_t size);
/* When this returns MLR_OK, everything added is on the disk and survives a loss of power: this is
 * the acknowledgement. Otherwise nothing added since the last sync is in the queue. */
MLR_API mlr_status mlr_queue_sync(mlr_queue *queue);
/* Syncs, and closes the unfinished batch so that it can be sent. */
MLR_API mlr_status mlr_queue_cut(mlr_queue *queue);
/* 1 when the unfinished batch is old or long enough that it should be cut; mlr_queue_sync does so
 * by itself. */
MLR_API int mlr_queue_is_due(const mlr_queue *queue);

typedef struct mlr_stats {
    uint32_t size; /* sizeof(mlr_stats), set by the caller */
    uint32_t reserved;
    uint64_t batches;       /* closed, not sent */
    uint64_t batch_items;   /* in those */
    uint64_t batch_bytes;   /* of ciphertext in those */
    uint64_t open_items;    /* synced, in the unfinished batch */
    uint64_t waiting_items; /* not synced */
    uint64_t file_bytes;    /* what counts against the budget */
    uint64_t next_batch;    /* the number that the next new batch gets */
    uint64_t sent;          /* batches, since the queue was made */
    uint64_t dropped_batches;
    uint64_t dropped_items;
    uint64_t damaged; /* files that were not as they had been written */
} mlr_stats;

MLR_API mlr_status mlr_queue_stats(const mlr_queue *queue, mlr_stats *stats);

/* ---- Batches to be sent ------------------------------------------------------------------ */

#define MLR_SIGNATURE_BYTES 65
#define MLR_WRAP_BYTES 80
#define MLR_LEAF_BYTES 64

typedef struct mlr_batch mlr_batch;

/* Opens the closed batch with the lowest number above `after` (0: the first); MLR_END when there is
 * none. It must be freed before the queue is. One thread can send it while another adds to the
 * queue; meanwhile MLR_DROP_OLDEST drops others. mlr_queue_mark_sent is the queue's thread's. */
MLR_API mlr_status mlr_batch_next(mlr_queue *queue, uint64_t after, mlr_batch **batch);
MLR_API void mlr_batch_free(mlr_batch *batch);

/* What the device says of the batch; `signature` is over `digest`: tagged SHA-256, tag
 * "millrace/contribution/v1", of network, dataset, u64 number, point, root, u64 chunks, u64 bytes,
 * u64 shares, schema, meta, u8 wraps, the wraps; integers big-endian. r, s in the lower half, v. */
typedef struct mlr_contribution {
    uint32_t size;       /* sizeof(mlr_contribution), set by the caller */
    uint32_t wrap_count; /* as many as masters */
    uint64_t number;
    uint64_t chunks;
    uint64_t bytes; /* of ciphertext */
    uint64_t shares;
    uint64_t items;
    uint64_t begun_at; /* seconds since the Unix epoch, by the device's clock */
    uint8_t network[MLR_HASH_BYTES];
    uint8_t dataset[MLR_HASH_BYTES];
    uint8_t point[MLR_PUBLIC_KEY_BYTES];
    uint8_t root[MLR_HASH_BYTES];
    uint8_t schema[MLR_HASH_BYTES];
    uint8_t meta[MLR_HASH_BYTES];
    uint8_t digest[MLR_HASH_BYTES];
    uint8_t signature[MLR_SIGNATURE_BYTES];
} mlr_contribution;

MLR_API mlr_status mlr_batch_contribution(const mlr_batch *batch, mlr_contribution *out);
/* Who the batch's key was sealed to, and how; `index` is below wrap_count. */
MLR_API mlr_status mlr_batch_wrap(const mlr_batch *batch, uint32_t index,
                                  uint8_t master[MLR_MASTER_KEY_BYTES],
                                  uint8_t wrap[MLR_WRAP_BYTES]);
/* Copies ciphertext from `offset` on, up to `size` bytes; *got is less at its end. */
MLR_API mlr_status mlr_batch_read(const mlr_batch *batch, uint64_t offset, void *to, size_t size,
                                  size_t *got);
/* The batch's leaf of chunk `index`: SHA-256 of the chunk's key, SHA-256 of its ciphertext. */
MLR_API mlr_status mlr_batch_leaf(const mlr_batch *batch, uint64_t index,
                                  uint8_t leaf[MLR_LEAF_BYTES]);
/* Writes the batch as a folder that is not there yet: batch.sealed, batch.leaves, batch.json, which
 * `millrace data verify` and `open` take, and contribution.json. It appears whole. MLR_DAMAGED when
 * the stored bytes are not those that were signed. */
MLR_API mlr_status mlr_batch_write(const mlr_batch *batch, const char *folder);

/* Somebody else has the batch for good: it is removed here, once and for all. */
MLR_API mlr_status mlr_queue_mark_sent(mlr_queue *queue, uint64_t number);

#ifdef __cplusplus
}
#endif

#endif
