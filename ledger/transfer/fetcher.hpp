#pragma once

#include "ledger/transfer/checks.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ledger::transfer {

/// Milliseconds that never go back, as whoever carries the asks reads them.
using Instant = std::uint64_t;

/// What was wrong with an answer of a provider, or with there being none.
enum class ProviderFault {
    lacking,   ///< it has not got what was asked for
    refused,   ///< it does not want to answer now
    stalled,   ///< it took longer than its deadline
    vanished,  ///< nobody is there, or the connection broke
    lied,      ///< what it sent is not what the root commits to
    flooded,   ///< it sent more than was asked for
};
std::string_view in_words(ProviderFault fault);

struct FetchLimits {
    std::size_t asks_each = 2;          ///< of one provider, at one time
    std::uint64_t patience_ms = 5'000;  ///< for an answer, at least; and four times what is usual
    std::uint64_t ask_ms = 500;         ///< what an ask for chunks should take
    std::uint64_t retry_ms = 500;       ///< after a first failure; twice as long after the next
    std::uint64_t most_retry_ms = 30'000;
    unsigned failures = 6;               ///< one after the other: the provider is given up
    std::uint64_t renew_ms = 2'000;      ///< what a provider has is asked again after
    std::uint64_t hope_ms = 60'000;      ///< without anything new: it has failed
    std::uint64_t bytes_per_second = 0;  ///< 0: as fast as it comes
};

/// Something to be asked of a provider.
struct Ask {
    enum class What { status, leaves, chunks };
    std::uint64_t id{};
    std::size_t provider{};
    What what{};
    ChunkRange range;  ///< of leaves or chunks; where a status begins
    Instant deadline{};
};

/// How a sealed batch is fetched from several providers at once: its leaf table first, from one of
/// them, then ranges of chunks, each provider as many as it has shown it can carry. One that lies
/// or floods is not asked again; one that stalls, vanishes or refuses is asked later, and others
/// take what it was asked for; one that lacks chunks is asked for those that it has.
///
/// Pure: told what happened and when, it says what to ask. Whoever carries it checks answers and
/// keeps what is good before telling it. Nothing of a chunk is in memory here: one bit for each
/// chunk, and one for each provider.
class Fetcher {
public:
    struct Actions {
        std::vector<Ask> asks;
        std::vector<std::uint64_t> cancels;  ///< asks whose answers are of no use any more
        std::optional<Instant> wake;         ///< call `on_time` then
    };

    /// `have` are the chunks that are there and good; with `has_table` the leaves are too.
    Fetcher(const sealing::BatchSummary& batch, std::size_t providers, ChunkSet have,
            bool has_table, const FetchLimits& limits = {});

    Actions start(Instant now);
    /// A part of what a provider has: `next` is where the next part begins.
    Actions on_status(std::uint64_t id, bool has_table, const std::vector<ChunkRange>& part,
                      std::optional<std::uint64_t> next, Instant now);
    /// The leaves that were asked for are kept; a table begins anew with leaf 0. `holds` is empty
    /// until they are all there, and says then whether the root commits to them.
    Actions on_leaves(std::uint64_t id, std::optional<bool> holds, Instant now);
    /// The chunks that were asked for were good, and are kept.
    Actions on_chunks(std::uint64_t id, Instant now);
    /// The first `good` of the chunks asked for are kept all the same.
    Actions on_fault(std::uint64_t id, ProviderFault fault, std::uint64_t good, Instant now);
    Actions on_time(Instant now);

    enum class State { running, done, failed };
    State state() const { return state_; }
    std::string_view why() const { return why_; }  ///< it failed

    const ChunkSet& have() const { return have_; }
    std::uint64_t bytes() const { return bytes_; }  ///< fetched so far
    std::uint64_t bytes_of(std::size_t provider) const { return providers_[provider].bytes; }
    /// Why a provider is not asked any more; empty while it is.
    std::optional<ProviderFault> dropped(std::size_t provider) const
    {
        return providers_[provider].dropped;
    }
    std::size_t in_flight() const { return asks_.size(); }

private:
    struct Provider {
        ChunkSet has;
        bool has_table = false;
        bool is_known = false;  ///< told everything that it has, at least once
        std::optional<ProviderFault> dropped;
        Instant not_before{};  ///< nothing is asked until then
        Instant renew_at{};
        bool asks_status = false;
        std::uint64_t status_from{};
        unsigned failures = 0;
        std::size_t asks = 0;
        std::uint64_t bytes{};
        std::uint64_t rate = 0;  ///< bytes a second of an ask, 0 before the first answer
    };
    struct Asked {
        Ask ask;
        Instant at;
    };

    std::optional<Asked> take(std::uint64_t id);
    void add_ask(Actions&, std::size_t provider, Ask::What, ChunkRange, Instant now);
    void give_back(const Asked&);
    void fail_soft(Provider&, ProviderFault, Instant now);
    void drop(std::size_t provider, ProviderFault);
    void ask_leaves(Actions&, Instant now);
    void ask_chunks(Actions&, std::size_t provider, Instant now);
    ChunkRange next_range(const Provider&);
    std::uint64_t chunks_wanted(const Provider&) const;
    bool may_spend(std::uint64_t bytes, Instant now);
    void expire(Instant now);
    Actions act(Instant now);
    void wake_at(Actions&, Instant) const;
    void judge(Instant now);

    sealing::BatchSummary batch_;
    FetchLimits limits_;
    ChunkSet have_;
    ChunkSet taken_;           ///< there, or asked for
    std::uint64_t below_ = 0;  ///< all chunks before this one are there
    bool has_table_;
    std::optional<std::size_t> table_from_;
    std::uint64_t leaves_ = 0;       ///< of the table under way
    std::uint64_t most_leaves_ = 0;  ///< that ever came of one: fewer again are no news
    bool asks_leaves_ = false;
    std::vector<Provider> providers_;
    std::map<std::uint64_t, Asked> asks_;
    std::vector<std::uint64_t> cancels_;
    std::uint64_t next_id_ = 1;
    std::uint64_t bytes_ = 0;
    Instant paid_until_ = 0;  ///< by when what was asked for is within the rate
    Instant news_ = 0;
    State state_ = State::running;
    std::string why_;
};

}  // namespace ledger::transfer
