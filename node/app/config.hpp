#pragma once

#include "ledger/base/result.hpp"
#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace node {

struct HttpConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8700;
    std::uint32_t threads = 0;  ///< that serve; 0: one for each processor, at most 8
    std::uint64_t body_bytes = 64u << 20;
    std::string public_url;  ///< under which callers reach the node; empty: http://address:port
    std::vector<std::string> allowed_origins;  ///< of pages that may call from a browser
    /// With the token of the operator's routes, relative to home; made where it is missing.
    std::string operator_token_file = "keys/operator.token";
    std::uint32_t connections = 4096;  ///< 503 above
    std::uint32_t connections_per_address = 256;
    std::uint64_t drain_ms = 2'000;  ///< served on after SIGTERM while callers are connected
};
MILLRACE_DESCRIBE(HttpConfig, (address, port, threads, body_bytes, public_url, allowed_origins,
                               operator_token_file, connections, connections_per_address, drain_ms))

struct LogConfig {
    std::string level = "info";   ///< trace, debug, info, warn, error, off
    std::string format = "text";  ///< text or json
    bool access = true;           ///< one line of JSON for each request
};
MILLRACE_DESCRIBE(LogConfig, (level, format, access))

/// Joining calls that wait into one run of their model.
struct BatchConfig {
    std::uint32_t max = 1;                 ///< rows of one run; 1: every call runs alone
    std::vector<std::uint32_t> preferred;  ///< rows that run without waiting for more
    std::uint64_t delay_us = 0;            ///< how long a call may wait for others
};
MILLRACE_DESCRIBE(BatchConfig, (max, preferred, delay_us))

/// Which of a model's files are served.
struct VersionsConfig {
    std::uint32_t latest = 0;         ///< so many of the highest numbers; 0: all
    std::vector<std::uint32_t> only;  ///< these; empty: all
};
MILLRACE_DESCRIBE(VersionsConfig, (latest, only))

struct CanaryConfig {
    std::uint32_t version = 0;
    std::uint32_t weight = 0;
};
MILLRACE_DESCRIBE(CanaryConfig, (version, weight))

/// A version that gets copies of calls, whose answers are compared and thrown away.
struct ShadowConfig {
    std::uint32_t version = 0;               ///< 0: none
    std::uint32_t percent = 0;               ///< of the calls
    std::uint64_t tolerance_millionths = 0;  ///< between floats that count as equal
};
MILLRACE_DESCRIBE(ShadowConfig, (version, percent, tolerance_millionths))

/// Who runs a model: this node (onnx), or a server that speaks the Open Inference Protocol (oip) or
/// as OpenAI's does (openai), which is what all but `kind` is for.
struct BackendConfig {
    std::string kind = "onnx";
    std::string url;  ///< http://HOST:PORT or https://HOST, of what ends in /v2 or is OpenAI's /v1
    std::string model;                                ///< its name there; empty: the same
    std::string credential_file;                      ///< of mode 0600, relative to home
    std::string credential_env;                       ///< a variable instead of a file
    std::string credential_header = "Authorization";  ///< there as "Bearer …", elsewhere bare
    std::string authorities;        ///< PEM file for https, relative to home; empty: the system's
    std::uint32_t connections = 8;  ///< calls at one time
    std::uint64_t answer_bytes = 64u << 20;
    std::uint64_t probe_ms = 5'000;  ///< how often it is asked whether it is ready
};
MILLRACE_DESCRIBE(BackendConfig,
                  (kind, url, model, credential_file, credential_env, credential_header,
                   authorities, connections, answer_bytes, probe_ms))

/// Calls of one address that a model with a price asks no payment for.
struct FreeGrantConfig {
    std::uint64_t calls = 0;  ///< in `period_s`; 0: none
    std::uint64_t period_s = 86'400;
};
MILLRACE_DESCRIBE(FreeGrantConfig, (calls, period_s))

/// Calls that are sold ahead, as a pass.
struct SubscriptionConfig {
    std::uint64_t calls = 0;  ///< of one pass; 0: none are sold
    std::uint64_t period_s = 2'592'000;
    market::Amount price;
};
MILLRACE_DESCRIBE(SubscriptionConfig, (calls, period_s, price))

/// A model this node serves.
struct ModelConfig {
    std::string name;   ///< in /v2/models/NAME
    std::string model;  ///< 0x-id or OWNER/NAME on the ledger; empty: served free
    std::string alias;  ///< of the ledger; empty: calls without a version get the newest
    /// VERSION=PATH, a PATH for version 1, or a folder with VERSION.onnx or VERSION/model.onnx
    /// for each version; relative to home. Of another server's model VERSION=ITS_VERSION, and none
    /// is version 1 of whatever that server runs.
    std::vector<std::string> files;
    std::vector<std::string> labels;  ///< of classes, by index
    std::uint32_t instances = 1;
    std::uint32_t queue = 64;  ///< calls of one priority that wait
    BatchConfig batch;
    std::uint32_t priorities = 1;               ///< levels that calls may name, 1 the highest
    std::uint32_t default_priority = 1;         ///< of calls that name none
    std::uint64_t max_age_ms = 0;               ///< in the queue; 0: until the call's own deadline
    std::uint32_t warmup = 0;                   ///< runs before it serves
    std::vector<std::string> providers{"cpu"};  ///< cpu, cuda; the first that is there
    VersionsConfig versions;
    std::vector<CanaryConfig> canary;  ///< of a free model, for calls that name no version
    ShadowConfig shadow;
    bool cache = false;  ///< answers of equal calls are kept; a choice: are they always equal?
    std::uint64_t idle_s = 0;  ///< unloaded after so long without a call; 0: never
    FreeGrantConfig free;
    SubscriptionConfig subscription;
    BackendConfig backend;
};
MILLRACE_DESCRIBE(ModelConfig,
                  (name, model, alias, files, labels, instances, queue, batch, priorities,
                   default_priority, max_age_ms, warmup, providers, versions, canary, shadow, cache,
                   idle_s, free, subscription, backend))

/// What one caller may ask for; 0 is without a limit.
struct CallerLimitConfig {
    std::uint32_t per_second = 0;
    std::uint32_t burst = 0;  ///< at once; 0: as many as in a second
    std::uint64_t quota = 0;  ///< calls in `quota_s`
    std::uint64_t quota_s = 86'400;
    std::uint32_t concurrent = 0;
};
MILLRACE_DESCRIBE(CallerLimitConfig, (per_second, burst, quota, quota_s, concurrent))

struct LimitsConfig {
    CallerLimitConfig free;           ///< of an address that calls free models
    CallerLimitConfig paid;           ///< of an account that pays
    std::uint32_t callers = 100'000;  ///< remembered
};
MILLRACE_DESCRIBE(LimitsConfig, (free, paid, callers))

struct HostConfig {
    std::string account;  ///< address under which this node serves; empty: the host key's own
    std::vector<ModelConfig> models;
    std::uint64_t run_ms = 30'000;
    std::uint64_t memory_bytes = 0;      ///< that loaded models may hold; 0: half of the machine's
    std::uint64_t load_wait_ms = 5'000;  ///< of a call whose model was idle
    std::uint64_t cache_bytes = 64u << 20;
    LimitsConfig limits;
    /// What models may be made of, as in "Gemm" or "ai.onnx.ml.Scaler"; empty: every operator of
    /// the standard sets.
    std::vector<std::string> operators;
};
MILLRACE_DESCRIBE(HostConfig, (account, models, run_ms, memory_bytes, load_wait_ms, cache_bytes,
                               limits, operators))

struct ClaimsConfig {
    market::Amount cap = market::Amount::micros(1'000'000);
    std::uint64_t every_s = 600;
};
MILLRACE_DESCRIBE(ClaimsConfig, (cap, every_s))

struct PaymentConfig {
    std::uint64_t withdraw_delay_s = 900;
    std::uint64_t max_timeout_s = 60;
    std::uint64_t offer_validity_s = 300;
    bool sign_offers = true;
    bool require_payment_id = false;
};
MILLRACE_DESCRIBE(PaymentConfig, (withdraw_delay_s, max_timeout_s, offer_validity_s, sign_offers,
                                  require_payment_id))

/// A server that may settle permits (scheme upto): its amounts are taken on its word.
struct FacilitatorServer {
    market::Hash key_sha256;  ///< of what it sends as "Authorization: Bearer KEY"
    market::Address pay_to;   ///< the only one that permits are settled to for it
};
MILLRACE_DESCRIBE(FacilitatorServer, (key_sha256, pay_to))

/// The node as an x402 facilitator of other people's servers, who need no account for it: it pays
/// their fees.
struct FacilitatorConfig {
    bool open = false;                        ///< serve /supported, /verify and /settle
    std::uint64_t requests_per_minute = 600;  ///< of one caller's address
    market::Amount fees_per_day = market::Amount::micros(1'000'000);
    std::vector<FacilitatorServer> servers;  ///< none: no scheme upto
};
MILLRACE_DESCRIBE(FacilitatorConfig, (open, requests_per_minute, fees_per_day, servers))

struct LedgerConfig {
    bool archive = false;
    std::uint64_t keep_versions = 1000;
    std::uint64_t keep_blocks = 0;  ///< older ones are dropped, but for block 0; 0 keeps all
    std::uint64_t cache_bytes = 256u << 20;
    std::uint64_t mempool_bytes = 256u << 20;
    std::uint64_t mempool_transactions = 100'000;
    std::uint64_t mempool_per_account = 64;
};
MILLRACE_DESCRIBE(LedgerConfig, (archive, keep_versions, keep_blocks, cache_bytes, mempool_bytes,
                                 mempool_transactions, mempool_per_account))

/// The connections to other nodes.
struct PeersConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8701;
    bool listen = true;
    std::vector<std::string> advertised;  ///< HOST:PORT told to others; empty: nobody is told
    std::vector<std::string> fixed;       ///< PUBLICKEYHEX@HOST:PORT, dialled until they answer
    std::uint32_t full_outbound = 8;
    std::uint32_t inbound = 32;
    bool private_addresses = false;  ///< take records of private networks too
};
MILLRACE_DESCRIBE(PeersConfig, (address, port, listen, advertised, fixed, full_outbound, inbound,
                                private_addresses))

/// Snapshots of the state, written for peers that begin with one.
struct SnapshotsConfig {
    std::uint64_t every_blocks = 10'000;  ///< of every so-manieth height; 0: none
    std::uint32_t keep = 2;
    bool serve = true;
    std::uint64_t peer_bytes_per_s = 8u << 20;  ///< of chunks, to one peer
    std::uint64_t all_bytes_per_s = 32u << 20;  ///< and to all
};
MILLRACE_DESCRIBE(SnapshotsConfig, (every_blocks, keep, serve, peer_bytes_per_s, all_bytes_per_s))

/// An S3-compatible object store for the chunks of sealed batches (docs/object-store.md).
struct BucketConfig {
    std::string url;   ///< http(s)://HOST[:PORT] of the store; empty: they lie on the disk
    std::string name;  ///< of the bucket
    std::string region = "us-east-1";
    std::string prefix;      ///< of all keys; nobody else may write below it
    std::string access_key;  ///< its id, which is no secret
    std::string secret_file = "keys/bucket.secret";  ///< of mode 0600, relative to home
    bool path_style = true;   ///< the bucket is named in the path; false: in the host
    std::string authorities;  ///< PEM file for https, relative to home; empty: the system's
};
MILLRACE_DESCRIBE(BucketConfig,
                  (url, name, region, prefix, access_key, secret_file, path_style, authorities))

/// Sealed batches that this node keeps for others (docs/api.md).
struct BlobsConfig {
    std::string dir = "data/batches";  ///< relative to home
    bool open = false;                 ///< anybody may put any batch, within the quota
    std::uint64_t quota_bytes = std::uint64_t{10} << 30;
    std::uint64_t caller_bytes_per_s = 64u << 20;  ///< put and read by one address; 0: no limit
    std::uint64_t fetch_bytes_per_s = 0;           ///< of one fetch from other nodes; 0: no limit
    std::uint64_t scrub_bytes_per_s = 4u << 20;    ///< read again to find damage; 0: never
    std::uint64_t scrub_rest_s = 60;               ///< between two rounds of that
    std::string url;           ///< where others reach /v1/batches; empty: as http.publicUrl
    std::uint32_t copies = 0;  ///< that nodes altogether should keep of what is held here
    bool mirror = false;       ///< keep what others want copies of, in what is free of the quota
    std::uint64_t announce_s = 7'200;  ///< between two times that it is said what is here
    BucketConfig bucket;

    const std::string& url_or(const std::string& public_url) const
    {
        return url.empty() ? public_url : url;
    }
};
MILLRACE_DESCRIBE(BlobsConfig,
                  (dir, open, quota_bytes, caller_bytes_per_s, fetch_bytes_per_s, scrub_bytes_per_s,
                   scrub_rest_s, url, copies, mirror, announce_s, bucket))

/// Where the parties to orders of GPU time meet (docs/leases.md).
struct BoardConfig {
    bool enabled = true;
    std::uint64_t bytes = std::uint64_t{64} << 20;       ///< of notes, in memory
    std::uint64_t batch_bytes = std::uint64_t{4} << 30;  ///< of the batches for one order
};
MILLRACE_DESCRIBE(BoardConfig, (enabled, bytes, batch_bytes))

/// Batches that devices bring, for datasets whose contributors use this node.
struct InboxConfig {
    std::vector<std::string> datasets;  ///< ids, 0x and 64 hex digits; none: no inbox
    std::uint64_t waiting = 10'000;     ///< most batches that are not on the ledger yet
    std::uint64_t of_device = 1'024;    ///< of these, most of one device
};
MILLRACE_DESCRIBE(InboxConfig, (datasets, waiting, of_device))

/// How a network of many validators agrees (consensus.md 6), and how a new node catches up.
struct ConsensusConfig {
    std::uint64_t t0_ms = 1'000;      ///< the first timeout of a view
    std::uint64_t t_max_ms = 60'000;  ///< the longest
    std::uint64_t skip_ms = 10'000;   ///< silence after which a leader is passed over
    std::string sync = "blocks";      ///< blocks (execute all) or snapshot (the state, proven)
    /// A file, relative to home, with what /v1/checkpoint of a trusted node gave; empty: the
    /// genesis document is all that is trusted. No chain that does not lead through it is taken, by
    /// blocks or by snapshot, and the node does not start when it cannot be read.
    std::string trusted_checkpoint;
};
MILLRACE_DESCRIBE(ConsensusConfig, (t0_ms, t_max_ms, skip_ms, sync, trusted_checkpoint))

/// Everything an operator sets. Read from config.json, then the environment, then flags.
struct Config {
    HttpConfig http;
    LogConfig log;
    LedgerConfig ledger;
    PeersConfig peers;
    ConsensusConfig consensus;
    SnapshotsConfig snapshots;
    HostConfig host;
    ClaimsConfig claims;
    PaymentConfig payment;
    FacilitatorConfig facilitator;
    BlobsConfig blobs;
    BoardConfig board;
    InboxConfig inbox;
    std::string onnxruntime;  ///< library to load; empty: the one found at build time
};
MILLRACE_DESCRIBE(Config, (http, log, ledger, peers, consensus, snapshots, host, claims, payment,
                           facilitator, blobs, board, inbox, onnxruntime))

/// "http.port" -> "8701". Names are dotted paths of the file's members.
using Overrides = std::vector<std::pair<std::string, std::string>>;

/// MILLRACE_HTTP_PORT=8701 -> http.port, for every single-valued member; sorted by name.
Overrides overrides_from_environment(char** environment);

/// Defaults, the file where it is there, then each override in turn. `invalid` names the member.
ledger::Result<Config> load_config(const std::filesystem::path& file, const Overrides&);

/// The same of a text; `file` names it in errors.
ledger::Result<Config> parse_config(std::string_view text, const std::string& file,
                                    const Overrides&);

/// Whether every member has a value that makes sense; `invalid` names the member.
ledger::Result<void> check_config(const Config&);

/// The whole document, for a new home or to show what is in force.
std::string config_json(const Config&);

}  // namespace node
