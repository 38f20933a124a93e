#pragma once

#include "ledger/consensus/messages.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>

namespace ledger::consensus {

/// Verified votes above the floor. The first vote of a validator for a kind and view is kept and
/// counts; one that contradicts it is kept beside it, as evidence, and counts for nothing.
class Tally {
public:
    explicit Tally(const Epoch& epoch) : epoch_{&epoch} {}

    enum class Added { fresh, known, contradicts };
    /// `vote` must be verified.
    Added add(const Vote& vote);

    /// Exactly this vote is here already: it needs no verifying.
    bool has(const Vote& vote) const;
    /// There is no room for another vote of this validator, kind and view.
    bool is_full(const Vote& vote) const;
    const Vote* first(View, VoteKind, Index voter) const;

    std::uint64_t power(View, VoteKind, const BlockId&) const;
    /// Made of the votes for a block that has a quorum; empty when none has.
    std::optional<Certificate> certificate(View, VoteKind) const;

    /// Where a quorum has come together since the last call.
    std::set<std::pair<View, VoteKind>> take_quorums() { return std::exchange(quorums_, {}); }

    /// Forgets the views below `view`.
    void drop_below(View view) { views_.erase(views_.begin(), views_.lower_bound(view)); }
    std::size_t view_count() const { return views_.size(); }
    /// Every vote kept, in order.
    std::vector<Vote> state() const;

private:
    struct Slot {
        Vote first;
        std::optional<Vote> second;
    };
    struct Votes {
        std::map<std::pair<VoteKind, Index>, Slot> slots;
        std::map<std::pair<VoteKind, BlockId>, std::uint64_t> power;
    };
    const Slot* slot(View, VoteKind, Index voter) const;

    const Epoch* epoch_;
    std::map<View, Votes> views_;
    std::set<std::pair<View, VoteKind>> quorums_;
};

}  // namespace ledger::consensus
