#pragma once

#include "inference/remote/upstream.hpp"
#include "node/blobs/bucket/signature.hpp"
#include "node/env/clock.hpp"
#include "node/upstream/server_url.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

namespace node {

/// Where a bucket is.
struct BucketAddress {
    ServerUrl url;       ///< whom to connect to; names the bucket where `path` does not
    std::string path;    ///< "/NAME" where the path names the bucket, else empty
    std::string name;    ///< of the bucket
    std::string prefix;  ///< of all keys; empty, or ends with a slash

    /// For people and records: it says where the objects lie and nothing secret.
    std::string label() const;
};

/// `url` is the endpoint. `invalid` for a name that no bucket has (3 to 63 of a-z, 0-9, '-', '.')
/// and for a prefix of other characters than keys of ours have, or of more than 200.
ledger::Result<BucketAddress> bucket_address(ServerUrl url, const std::string& name,
                                             const std::string& prefix, bool path_style);

struct BucketLimits {
    unsigned attempts = 4;                      ///< of one call
    std::chrono::milliseconds attempt{15'000};  ///< connecting, sending, and the answer
    std::chrono::milliseconds whole{40'000};    ///< after it no further attempt begins its time
    std::chrono::milliseconds pause{200};       ///< before the second attempt; then doubled
    std::chrono::milliseconds rest{5'000};      ///< nobody asks for so long after a call failed
};

/// What an answer may have at most: an object, or a listing of 1,000 keys of 1,024 bytes.
inline constexpr std::uint64_t bucket_answer_bytes = std::uint64_t{4} << 20;

/// For /metrics. Any thread.
struct BucketCounts {
    std::atomic<bool> is_up = false;  ///< whether the last call was answered
    std::atomic<std::uint64_t> calls = 0;
    std::atomic<std::uint64_t> retries = 0;
    std::atomic<std::uint64_t> failures = 0;                        ///< calls that were given up
    std::atomic<std::uint64_t> sent_bytes = 0, received_bytes = 0;  ///< of objects
};

/// Objects in one bucket of an S3-compatible store ("Amazon S3 API Reference": PutObject,
/// GetObject, ListObjectsV2, DeleteObjects). Every request is signed with the hash of its body
/// (AWS Signature Version 4), bounded in time and in what it takes, and sent again a few times
/// where the store fails or nobody answers: all of them may be repeated.
///
/// Any thread; calls block. Keys are given without the prefix. Errors: `unavailable` for a store
/// that does not answer or refuses us, with a reason that holds no secret.
class Bucket {
public:
    /// Told when the bucket begins to answer and when it stops to, not of every call; from any
    /// thread. `reason`: empty when it answers.
    using Told = std::function<void(const std::string& reason)>;

    /// The referred-to must outlive this. `upstream` sends no credentials of its own and takes
    /// answers of `bucket_answer_bytes`.
    Bucket(std::shared_ptr<inference::Upstream> upstream, BucketAddress address,
           signature::Signer signer, const Clock& clock, BucketCounts& counts, Told told = {},
           const BucketLimits& limits = {});

    /// The store said that it has all of it. After an error any or nothing may be there.
    [[nodiscard]] ledger::Result<void> put(const std::string& key, ledger::Bytes bytes);
    /// At most `count` bytes from `first` on; fewer, or none, where the object has no more or is
    /// not there.
    ledger::Result<ledger::Bytes> get(const std::string& key, std::uint64_t first,
                                      std::uint64_t count);
    /// The first keys, at most 1,000, that begin with `start`.
    ledger::Result<std::vector<std::string>> list(const std::string& start);
    struct Page {
        std::vector<std::string> keys;  ///< ascending, all of them behind the one asked for
        bool has_more = false;
    };
    /// The same behind the key `after`. A store that knows no such beginning gives nothing.
    ledger::Result<Page> page(const std::string& start, const std::string& after);
    /// At most 1,000 objects; fine for those that are not there.
    [[nodiscard]] ledger::Result<void> remove(const std::vector<std::string>& keys);
    /// The same for objects that nothing depends on: tried once, and where it fails the store goes
    /// on being asked.
    [[nodiscard]] ledger::Result<void> clean(const std::vector<std::string>& keys);

    /// Whether the bucket answers and lets us list, asked only once: one short call.
    ledger::Result<void> probe();
    /// An object that no batch has, for trying out.
    static constexpr std::string_view trial_key = "trial";

    const BucketAddress& address() const { return address_; }
    /// Ends what is under way; everything fails from now on.
    void stop() { stop_.request_stop(); }

private:
    struct Asked {
        std::string method;
        std::string key;    ///< with the prefix; empty: the bucket itself
        std::string query;  ///< as it is signed
        std::vector<std::pair<std::string, std::string>> headers;  ///< to sign beside the usual
        ledger::Bytes body;
        bool wants_etag = false;  ///< without one nobody of S3's kind has answered
        bool is_upkeep = false;   ///< that it fails says nothing of the store to others
    };
    ledger::Result<void> remove(const std::vector<std::string>& keys, bool is_upkeep);
    struct Attempt {
        std::optional<inference::UpstreamReply> reply;
        std::string reason;  ///< why there is no reply that counts
        bool may_repeat = false;
        bool is_of_object = false;  ///< it says nothing of the store
    };

    ledger::Result<Page> page(const std::string& start, const std::string& after,
                              unsigned attempts);
    ledger::Result<inference::UpstreamReply> ask(const Asked& asked, unsigned attempts);
    Attempt attempt(const Asked& asked);
    inference::UpstreamRequest signed_request(const Asked& asked) const;
    Attempt judged(inference::UpstreamReply reply, const Asked& asked) const;
    std::optional<ledger::Error> resting() const;
    void succeeded();
    ledger::Error refused(const std::string& reason) const;
    ledger::Error failed(const std::string& reason);
    bool wait(std::chrono::milliseconds time);

    const std::shared_ptr<inference::Upstream> upstream_;
    const BucketAddress address_;
    const signature::Signer signer_;
    const Clock& clock_;
    BucketCounts& counts_;
    const Told told_;
    const BucketLimits limits_;
    std::stop_source stop_;
    mutable std::mutex mutex_;
    std::condition_variable_any never_;  ///< for pauses that a stop ends
    std::optional<bool> was_up_;
    std::string why_;
    Clock::Steady rests_until_{};
};

}  // namespace node
