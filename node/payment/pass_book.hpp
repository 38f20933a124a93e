#pragma once

#include "ledger/codec/describe.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/crypto/secret.hpp"
#include "market/ids.hpp"
#include "node/payment/payment_journal.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <variant>

namespace node {

using PassId = ledger::FixedBytes<struct PassIdTag, 16>;

/// Calls of one model that were paid for ahead (market.md 5, Subscription).
struct Pass {
    PassId id;
    market::ModelId model;
    std::uint64_t calls{};
    std::uint64_t until_ms{};  ///< Unix time from which it is worth nothing
    friend bool operator==(const Pass&, const Pass&) = default;
};
MILLRACE_DESCRIBE(Pass, (id, model, calls, until_ms))

/// Makes and knows passes, and counts what was used of each.
///
/// A pass is a token that says all about itself under this node's authentication code, so that
/// selling one writes nothing: it stands in an answer that only who has paid for it gets. What was
/// used is in the journal, durable before the call is answered. Any thread.
class PassBook {
public:
    /// Passes are known again by whoever has the same key. `journal` must outlive this.
    PassBook(const ledger::SecretKey& host_key, PaymentJournal& journal);

    /// Reads what was used; once, before anything else. Errors: the journal's, `corrupt`.
    ledger::Result<void> rebuild();

    /// The token of a pass: a secret, 8 to 256 characters of RFC 6750's b64token.
    std::string issue(const Pass& pass) const;
    /// Empty for what this key never made.
    std::optional<Pass> read(std::string_view token) const;
    /// Whether a text means to be a pass, be it a good one or not.
    static bool is_pass(std::string_view token) { return token.starts_with(prefix); }

    /// A call that is under way and not counted yet; given back when this is gone.
    class Hold {
    public:
        Hold(PassBook& book, const Pass& pass) : book_{&book}, pass_{pass} {}
        Hold(Hold&& other) noexcept : book_{std::exchange(other.book_, nullptr)}, pass_{other.pass_}
        {
        }
        Hold& operator=(Hold&&) = delete;
        ~Hold();

    private:
        friend PassBook;
        PassBook* book_;
        Pass pass_;
    };
    enum class Refusal {
        other_model,
        ended,    ///< its time is over
        used_up,  ///< by calls that were answered or are under way
    };
    std::variant<Hold, Refusal> hold(const Pass&, const market::ModelId&, ledger::TimeMs now);

    /// Counts the call; `done` is told how many are left once that is durable. An error: it is
    /// not counted.
    using Done = std::function<void(ledger::Result<std::uint64_t>)>;
    void spend(Hold, ledger::TimeMs now, Done done);

    /// Calls that are left, those under way not counted.
    std::uint64_t left(const Pass&) const;
    /// Passes of which something was used and whose time is not over, roughly.
    std::size_t counted() const;

private:
    static constexpr std::string_view prefix = "mrp1_";
    struct Use {
        std::uint64_t used = 0;
        std::uint64_t held = 0;
        std::uint64_t until_ms{};
    };
    void give_back(const Pass&);
    void not_counted(const Pass&);
    void forget_ended(JournalBatch&, ledger::TimeMs now);
    ledger::Bytes code_of(ledger::ByteView encoded) const;

    const ledger::SecretBytes key_;
    PaymentJournal& journal_;
    std::mutex writing_;  ///< held while counts go to the journal: in the order in which they grew
    mutable std::mutex mutex_;
    std::map<PassId, Use> uses_;
    std::set<std::pair<std::uint64_t, PassId>> by_end_;
};

}  // namespace node
