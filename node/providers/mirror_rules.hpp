#pragma once

#include "node/providers/own_batch.hpp"
#include "node/providers/provider_book.hpp"

#include <chrono>

namespace node {

struct MirrorTimes {
    /// How long too few have kept a batch before the first who may fetch it does: news of mirrors,
    /// and of who has begun, need some time to be with everybody.
    std::chrono::milliseconds settle{30'000};
    /// After each of these that nobody has, as many again may.
    std::chrono::milliseconds patience{15 * 60'000};
};

/// What a look at the world has to go on.
struct MirrorView {
    const ProviderBook& book;
    const OwnBatches& own;
    ledger::PublicKey self;
    ledger::TimeMs now;
    bool mirrors{};   ///< we keep what others want
    bool has_room{};  ///< for more of it
};

struct MirrorSteps {
    struct Fetch {
        ledger::Hash root;
        MirrorHold hold;
    };
    std::vector<Fetch> fetch;
    std::vector<Fetch> hold;           ///< batches that are here, by this name from now on
    std::vector<ledger::Hash> let_go;  ///< of all our mirror's names
};

/// Which batches this node keeps for others. Of those that offer to, whoever comes first by
/// SHA-256(root || key) fetches what too few have (rendezvous hashing, Thaler and Ravishankar
/// 1998): all find the same without asking each other, and each batch has another first. Pure but
/// for what it remembers of its own looks.
class MirrorRules {
public:
    explicit MirrorRules(const MirrorTimes& times = {}) : times_{times} {}

    MirrorSteps look(const MirrorView& view);
    /// Batches that fewer have than should, as of the last looks.
    std::size_t lacking() const { return lacking_.size(); }

private:
    struct Lack {
        std::size_t missing{};
        std::size_t rank{};        ///< how many come before us
        std::uint64_t since_ms{};  ///< that it is so, or better
    };

    void look_at_own(const MirrorView& view, MirrorSteps& steps) const;
    /// What it cost, in hashes.
    std::size_t judge(const MirrorView& view, const ledger::Hash& root,
                      const std::vector<ledger::PublicKey>& mirrors, MirrorSteps& steps);
    bool is_our_turn(const ledger::Hash& root, std::size_t missing, std::size_t rank,
                     ledger::TimeMs now);

    const MirrorTimes times_;
    std::map<ledger::Hash, Lack> lacking_;
    std::optional<ledger::Hash> cursor_;  ///< a look that cost too much goes on behind it
};

}  // namespace node
