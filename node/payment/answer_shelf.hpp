#pragma once

#include "node/http/response.hpp"
#include "node/payment/payment_journal.hpp"
#include "node/payment/payment_records.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace node {

struct ShelfLimits {
    std::size_t answer_bytes = std::size_t{1} << 20;   ///< larger ones are not stored
    std::size_t total_bytes = std::size_t{256} << 20;  ///< of stored answers; the oldest go
    std::size_t calls = 100'000;                       ///< remembered; the oldest go
};

/// What a call is remembered by.
using CallKey = ledger::Hash;
/// A voucher names a call: its channel, its ceiling, and the amount by which it went up.
CallKey voucher_call(const market::ChannelId&, market::Amount max_claimable, market::Amount amount);
/// A link names a call, with the amount that it was shown for.
CallKey link_call(const market::ChannelId&, const ledger::Hash& link, market::Amount amount);
/// A payment identifier names a call of one payer.
CallKey identified_call(const ledger::Address& payer, std::string_view payment_id);
/// An exact payment names a call by its authorization's digest.
CallKey authorized_call(const ledger::Hash& digest);

/// What distinguishes two requests paid in the same way.
ledger::Hash request_fingerprint(std::string_view path, const ledger::Hash& body_hash);

struct RememberedCall {
    CallRecord record;
    std::optional<StoredAnswer> answer;  ///< empty when it was too large or had to go
};

/// Paid calls of late and their answers, on disk; the index of them in memory. Any thread.
class AnswerShelf {
public:
    AnswerShelf(PaymentJournal& journal, const ShelfLimits& limits = {});

    /// Reads the index; once, before anything else. Errors: the journal's, `corrupt`.
    ledger::Result<void> rebuild();

    struct Known {
        ledger::Hash fingerprint;
        bool settled = true;
    };
    /// Empty for a call that was never there or is no longer remembered.
    std::optional<Known> find(const CallKey&, ledger::TimeMs wall) const;
    /// Reads a remembered call from disk. Errors: `not_found`, the journal's, `corrupt`.
    ledger::Result<RememberedCall> load(const CallKey&) const;

    /// Only one request may work under a key at a time: false when another does.
    bool begin(const CallKey&);
    void end(const CallKey&);

    /// Whether an answer of so many bytes can be given again.
    bool has_room_for(std::size_t answer_bytes) const
    {
        return answer_bytes <= limits_.answer_bytes;
    }
    /// Adds to `batch` what stores this call, and what makes room for it. Sets `record`'s key,
    /// order, answer_bytes and has_answer. The index knows it after `admit`.
    void store(JournalBatch& batch, const CallKey&, CallRecord& record, const StoredAnswer&,
               ledger::TimeMs wall);
    /// Once the batch is durable.
    void admit(const CallRecord&);
    /// Adds to `batch` what marks a call as settled; the index knows it after `mark_settled`.
    ledger::Result<void> settle(JournalBatch& batch, const CallKey&,
                                std::string payment_response) const;
    void mark_settled(const CallKey&);
    /// Adds to `batch` what forgets a call.
    void drop(JournalBatch& batch, const CallKey&);

    std::size_t stored_bytes() const;

private:
    struct Entry {
        Known known;
        std::uint64_t order{};
        std::uint64_t until_ms{};
        std::uint64_t answer_bytes{};
        bool has_answer = false;
    };
    /// Keys are digests, but of what strangers choose: the salt keeps them from choosing such as
    /// collide.
    struct SaltedKey {
        std::uint64_t salt;
        std::size_t operator()(const CallKey& key) const;
    };
    std::optional<std::uint64_t> order_of(const CallKey& key) const;
    void forget(JournalBatch& batch, const CallKey& key);
    void index(const CallRecord& record);

    PaymentJournal& journal_;
    ShelfLimits limits_;
    mutable std::mutex mutex_;
    std::unordered_map<CallKey, Entry, SaltedKey> calls_;
    std::map<std::uint64_t, CallKey> by_order_;
    std::map<std::uint64_t, CallKey> answers_by_order_;
    std::unordered_set<CallKey, SaltedKey> working_;
    std::uint64_t next_order_ = 1;
    std::size_t bytes_ = 0;
};

StoredAnswer to_stored(const Response& response);
Response from_stored(const StoredAnswer& answer);

}  // namespace node
