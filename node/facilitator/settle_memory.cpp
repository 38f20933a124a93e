#include "node/facilitator/settle_memory.hpp"

namespace node {

bool SettleMemory::begin(const ledger::Hash& digest)
{
    const std::lock_guard lock{mutex_};
    return working_.insert(digest).second;
}

void SettleMemory::end(const ledger::Hash& digest)
{
    const std::lock_guard lock{mutex_};
    working_.erase(digest);
}

void SettleMemory::owe(const ledger::Hash& digest, const Owed& sent)
{
    const std::lock_guard lock{mutex_};
    if (!owed_.insert_or_assign(digest, sent).second) return;
    owed_order_.push_back(digest);
    if (owed_order_.size() <= most) return;
    owed_.erase(owed_order_.front());
    owed_order_.pop_front();
}

void SettleMemory::told(const ledger::Hash& digest)
{
    const std::lock_guard lock{mutex_};
    if (owed_.erase(digest) == 0) return;
    std::erase(owed_order_, digest);
}

std::optional<SettleMemory::Owed> SettleMemory::owed(const ledger::Hash& digest) const
{
    const std::lock_guard lock{mutex_};
    const auto found = owed_.find(digest);
    return found == owed_.end() ? std::nullopt : std::optional{found->second};
}

void SettleMemory::claimed(const ledger::Address& receiver, const market::ChannelId& channel)
{
    const std::lock_guard lock{mutex_};
    const auto known = claimed_.find(receiver);
    if (known != claimed_.end() && known->second.contains(channel)) return;
    if (claimed_count_ >= most) {
        const auto first = claimed_.begin();
        claimed_count_ -= first->second.size();
        claimed_.erase(first);
    }
    if (claimed_[receiver].insert(channel).second) ++claimed_count_;
}

void SettleMemory::finalized(const ledger::Address& receiver,
                             const std::vector<market::ChannelId>& channels)
{
    const std::lock_guard lock{mutex_};
    const auto found = claimed_.find(receiver);
    if (found == claimed_.end()) return;
    for (const auto& channel : channels) claimed_count_ -= found->second.erase(channel);
    if (found->second.empty()) claimed_.erase(found);
}

std::vector<market::ChannelId> SettleMemory::claimed_for(const ledger::Address& receiver) const
{
    const std::lock_guard lock{mutex_};
    const auto found = claimed_.find(receiver);
    if (found == claimed_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

}  // namespace node
