#pragma once

#include "ledger/transfer/fetcher.hpp"

#include <map>
#include <random>
#include <set>

namespace ledger::transfer {

/// How a provider of the simulation behaves.
struct ProviderManner {
    enum class Kind {
        honest,
        stalls,
        lies,
        lies_about_table,
        floods,
        vanishes,
        lacks,
        says_too_much
    };
    Kind kind = Kind::honest;
    std::uint64_t bytes_per_second = 10'000'000;
    std::uint64_t delay_ms = 20;  ///< up to so much more for each answer, so that they overtake
    std::uint64_t from_ms = 0;    ///< when it begins to misbehave
    std::uint64_t every_nth = 1;  ///< chunk that a lacking one has
};

/// Providers, their network and time, around a Fetcher: from a seed, in one thread. What a test
/// must hold of every step is checked here; `wrong` says what did not.
class FetchNetwork {
public:
    FetchNetwork(const sealing::BatchSummary& batch, std::vector<ProviderManner> providers,
                 std::uint32_t seed, FetchLimits limits = {}, ChunkSet have = ChunkSet{});

    /// Until the fetch is over, or so much time has passed.
    void run(Instant until);

    const Fetcher& fetcher() const { return fetcher_; }
    Instant now() const { return now_; }
    std::uint64_t chunks_asked() const { return chunks_asked_; }
    const std::string& wrong() const { return wrong_; }

private:
    struct Event {
        Ask ask;
        bool answered = true;  ///< false: it only wakes the fetcher
    };

    void follow(const Fetcher::Actions& actions);
    void send(const Ask& ask);
    Fetcher::Actions answer(const Ask& ask);
    bool has(const ProviderManner& provider, std::uint64_t chunk) const;
    std::uint64_t random(std::uint64_t below) { return engine_() % below; }
    void check(bool holds, const char* what)
    {
        if (!holds && wrong_.empty()) wrong_ = what;
    }

    sealing::BatchSummary batch_;
    std::vector<ProviderManner> providers_;
    std::mt19937 engine_;
    FetchLimits limits_;
    Fetcher fetcher_;
    std::multimap<Instant, Event> events_;
    std::map<std::uint64_t, Ask> open_;  ///< asked, neither answered nor given up
    std::set<std::uint64_t> cancelled_;
    std::vector<Instant> line_free_;  ///< of each provider
    std::optional<bool> table_is_false_;
    Instant now_ = 1'000;
    std::uint64_t chunks_asked_ = 0;
    std::string wrong_;
};

}  // namespace ledger::transfer
