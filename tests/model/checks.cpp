// What no set of honest words may ever show, whatever was delivered.
#include "tests/model/world.hpp"

namespace model {

std::string World::wrong(const std::array<const Said*, honest_count>& said,
                         const Voters& voters) const
{
    for (std::size_t i = 0; i < honest_count; ++i)
        if (auto failure = wrong_in(honest(i), *said[i], voters); !failure.empty())
            return "validator " + std::to_string(honest(i)) + ' ' + failure;
    return wrong_together(voters);
}

/// R1, R3, R4 and R5: what one validator must not sign, and what it must hold when it does.
std::string World::wrong_in(Index, const Said& said, const Voters& voters) const
{
    const auto has_quorum = [&](const Subject& on) {
        return quorum(voters, on).size() > honest_quorum;
    };
    std::map<View, BlockId> notarized, finalized, proposed;
    std::set<View> nullified;
    for (const auto& vote : said.votes) {
        const auto again = [&](auto& votes) {
            return !votes.try_emplace(vote.view, vote.id).second;
        };
        if (vote.kind == VoteKind::notarize && again(notarized))
            return "notarized two blocks of view " + std::to_string(vote.view);
        if (vote.kind == VoteKind::finalize && again(finalized))
            return "voted to finalize two blocks of view " + std::to_string(vote.view);
        if (vote.kind == VoteKind::nullify) nullified.insert(vote.view);
    }
    for (const auto& [view, id] : finalized) {
        if (nullified.contains(view))
            return "nullified and voted to finalize view " + std::to_string(view);
        if (!notarized.contains(view) || notarized.at(view) != id)
            return "voted to finalize " + name(id) + ", which it had not notarized";
        if (!has_quorum({VoteKind::notarize, view, id}))
            return "voted to finalize " + name(id) + ", which nothing notarizes";
    }
    auto stands_on = said.proposals;
    for (const auto& [view, id] : notarized) stands_on.insert(id);
    for (const auto& id : stands_on) {
        const auto found = proposals_.find(id);
        if (found == proposals_.end()) return "notarized a block that is not there";
        const auto& header = found->second.header;
        if (header.parent_view != 0 &&
            !has_quorum({VoteKind::notarize, header.parent_view, header.parent_id}))
            return "took a parent that nothing notarizes: " + name(id);
        for (auto skip = header.parent_view + 1; skip < header.view; ++skip)
            if (!has_quorum({VoteKind::nullify, skip, {}}))
                return "skipped a view that nothing nullifies: " + name(id);
    }
    for (const auto& id : said.proposals)
        if (!proposed.try_emplace(proposals_.at(id).header.view, id).second)
            return "proposed twice in a view";
    return {};
}

/// The lemmas of the argument for safety, and safety.
std::string World::wrong_together(const Voters& voters) const
{
    std::map<View, BlockId> notarized;
    std::vector<BlockId> final;
    for (const auto& [on, who] : voters) {
        if (quorum(voters, on).size() <= honest_quorum) continue;
        if (on.kind == VoteKind::notarize && !notarized.try_emplace(on.view, on.id).second)
            return "two blocks of view " + std::to_string(on.view) + " are notarized";
        if (on.kind != VoteKind::finalize) continue;
        if (quorum(voters, {VoteKind::nullify, on.view, {}}).size() > honest_quorum)
            return "view " + std::to_string(on.view) + " is nullified and finalized";
        for (const auto& other : final)
            if (!blocks_.is_ancestor(other, on.id) && !blocks_.is_ancestor(on.id, other))
                return "two blocks are final that are not on one chain: " + name(other) + "; " +
                       name(on.id);
        final.push_back(on.id);
    }
    return {};
}

}  // namespace model
