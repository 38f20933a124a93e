#pragma once

#include "node/blobs/fetch/batch_fetches.hpp"
#include "node/providers/mirror_rules.hpp"

#include <atomic>

namespace node {

/// What is in a store, and how many bytes others may still have copied here: what nobody needs who
/// holds a batch, and at most half of the quota in all, so that strangers leave the operator room.
struct OwnStore {
    OwnBatches batches;
    std::uint64_t quota_bytes{}, room_bytes{};
    std::size_t mirrored{};  ///< batches that are here for others

    /// Too little left is no offer.
    bool has_room() const { return room_bytes > quota_bytes / 20; }
};
OwnStore look_at(BatchStore& store);

/// Does in the store what the mirror's rules say, and fetches a few batches at a time. Who could
/// not give what it said it has is not asked again for a while. One thread.
class Mirroring {
public:
    struct Parts {
        BatchStore& store;
        BatchFetches& fetches;
        const Clock& clock;
    };
    struct Settings {
        ledger::PublicKey self;
        bool mirrors = false;
        Reach reach = Reach::public_alone;
        MirrorTimes times = {};
        std::size_t at_once = 2;
        std::chrono::milliseconds first_rest{60'000}, longest_rest{3'600'000};
    };
    /// The referred-to must outlive this.
    Mirroring(const Parts& parts, const Settings& settings);

    /// One look: what is no longer wanted is let go, what too few have and falls to us is fetched.
    void step(const ProviderBook& book, const OwnStore& own);
    /// Forgets fetches that have ended, and whether there were any: then another look is worth it.
    bool notice_ends();
    bool is_fetching() const { return !active_.empty(); }
    /// Any thread.
    std::uint64_t lacking() const { return lacking_; }

private:
    struct Rest {
        Clock::Steady until;
        unsigned failures = 0;
    };

    void hold(const ledger::Hash& root, const std::optional<MirrorHold>& hold);
    void fetch(const ProviderBook& book, const OwnStore& own, const MirrorSteps::Fetch& wanted);
    void rest(Rest& rest) const;

    const Parts parts_;
    const Settings settings_;
    MirrorRules rules_;
    std::map<ledger::Hash, std::vector<ledger::PublicKey>> active_;  ///< and who is asked
    std::map<ledger::Hash, Rest> resting_batches_;
    std::map<ledger::PublicKey, Rest> resting_keepers_;
    std::atomic<std::uint64_t> lacking_ = 0;
};

}  // namespace node
