#pragma once

#include "node/providers/provider_page.hpp"

#include <map>
#include <optional>

namespace node {

/// Why a mirror keeps a batch: somebody wants so many copies of it. As the name of a holder in the
/// store it outlives a restart, even where nobody is left to say it again.
struct MirrorHold {
    std::uint64_t hours{};  ///< whole hours since the Unix epoch; kept until the next one is over
    std::uint8_t copies{};
    friend auto operator<=>(const MirrorHold&, const MirrorHold&) = default;

    /// What is said to others is never later than what they said.
    std::uint64_t until_s() const { return hours * 3'600; }
    bool is_over(ledger::TimeMs now) const { return now.value / 1'000 >= (hours + 1) * 3'600; }
};

/// mirror-HOURS-COPIES.
std::string holder_name(const MirrorHold& hold);
/// Empty for the names of all other holders.
std::optional<MirrorHold> mirror_hold(std::string_view holder);
bool is_mirror_holder(std::string_view holder);

/// A batch in our own store.
struct OwnBatch {
    bool complete{};
    bool held_by_others{};           ///< somebody needs it here who is no mirror
    std::optional<MirrorHold> hold;  ///< the latest
    std::size_t holds{};             ///< more than one after a crash between two of them
    bool operators{};                ///< the operator keeps it: of these, copies are asked for
};
using OwnBatches = std::map<ledger::Hash, OwnBatch>;

/// What our pages say of what we have whole. An operator who holds a batch wants `copies` of it for
/// a month to come, in whole days so that pages do not change all the time; a mirror says again
/// what it heard. Batches of an order of GPU time are gone with it: nobody is asked to copy them.
std::vector<KeptBatch> kept_batches(const OwnBatches& own, std::uint8_t copies, ledger::TimeMs now);

}  // namespace node
