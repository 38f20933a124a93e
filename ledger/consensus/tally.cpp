#include "ledger/consensus/tally.hpp"

namespace ledger::consensus {

const Tally::Slot* Tally::slot(View view, VoteKind kind, Index voter) const
{
    const auto votes = views_.find(view);
    if (votes == views_.end()) return nullptr;
    const auto found = votes->second.slots.find({kind, voter});
    return found == votes->second.slots.end() ? nullptr : &found->second;
}

Tally::Added Tally::add(const Vote& vote)
{
    auto& votes = views_[vote.view];
    const auto [at, fresh] = votes.slots.try_emplace({vote.kind, vote.voter}, Slot{vote, {}});
    if (fresh) {
        auto& power = votes.power[{vote.kind, vote.id}];
        power += epoch_->power(vote.voter);
        if (power >= epoch_->quorum()) quorums_.emplace(vote.view, vote.kind);
        return Added::fresh;
    }
    auto& slot = at->second;
    if (slot.first.id == vote.id || slot.second) return Added::known;
    slot.second = vote;
    return Added::contradicts;
}

bool Tally::has(const Vote& vote) const
{
    const auto* found = slot(vote.view, vote.kind, vote.voter);
    return found && (found->first == vote || (found->second && *found->second == vote));
}

bool Tally::is_full(const Vote& vote) const
{
    const auto* found = slot(vote.view, vote.kind, vote.voter);
    return found && (found->second || found->first.id == vote.id);
}

const Vote* Tally::first(View view, VoteKind kind, Index voter) const
{
    const auto* found = slot(view, kind, voter);
    return found ? &found->first : nullptr;
}

std::uint64_t Tally::power(View view, VoteKind kind, const BlockId& id) const
{
    const auto votes = views_.find(view);
    if (votes == views_.end()) return 0;
    const auto found = votes->second.power.find({kind, id});
    return found == votes->second.power.end() ? 0 : found->second;
}

std::optional<Certificate> Tally::certificate(View view, VoteKind kind) const
{
    const auto votes = views_.find(view);
    if (votes == views_.end()) return {};
    for (const auto& [key, power] : votes->second.power) {
        if (key.first != kind || power < epoch_->quorum()) continue;
        Certificate made{kind, epoch_->number(), view, key.second, {}, {}};
        made.bitmap.assign((epoch_->size() + 7) / 8, 0);
        for (const auto& [of, slot] : votes->second.slots) {
            if (of.first != kind || slot.first.id != key.second) continue;
            made.bitmap[of.second / 8] |= static_cast<std::uint8_t>(0x80 >> of.second % 8);
            made.signatures.push_back(slot.first.signature);
        }
        return made;
    }
    return {};
}

std::vector<Vote> Tally::state() const
{
    std::vector<Vote> all;
    for (const auto& [view, votes] : views_)
        for (const auto& [key, slot] : votes.slots) {
            all.push_back(slot.first);
            if (slot.second) all.push_back(*slot.second);
        }
    return all;
}

}  // namespace ledger::consensus
