// What a peer manager keeps across restarts: one encoding with a checksum behind it.
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "node/peers/peer_manager.hpp"

#include <algorithm>

namespace node {
namespace {

constexpr std::uint16_t file_version = 2;

struct SavedPeers {
    std::uint16_t version{};
    ledger::BlockId genesis;
    ledger::Hash salt;
    std::vector<KnownPeer> entries;
    std::vector<KnownPeer> anchors;
    std::vector<Ban> bans;
};
MILLRACE_DESCRIBE(SavedPeers, (version, genesis, salt, entries, anchors, bans))

ledger::Error corrupt(std::string what)
{
    return {ledger::ErrorKind::corrupt, "the file of peers " + std::move(what)};
}

}  // namespace

std::vector<KnownPeer> PeerManager::anchors() const
{
    // The two outbound peers we have had longest.
    std::vector<std::pair<ledger::TimeMs, const KnownPeer*>> outbound;
    for (const auto& [key, peer] : connected_) {
        const auto* known = book_.find(key);
        if (peer.use == ConnectionUse::full && known != nullptr)
            outbound.push_back({peer.since, known});
    }
    std::stable_sort(outbound.begin(), outbound.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<KnownPeer> kept;
    for (const auto& [since, known] : outbound)
        if (kept.size() < limits_.anchors) kept.push_back(*known);
    // Saved again before we are connected: what the last run left still holds.
    if (kept.empty()) kept = anchors_;
    return kept;
}

ledger::Bytes PeerManager::save(ledger::TimeMs now) const
{
    auto bytes = ledger::codec::encode(
        SavedPeers{file_version, genesis_, salt_, book_.entries(), anchors(), bans_.current(now)});
    ledger::append(bytes, ledger::sha256(bytes).view());
    return bytes;
}

ledger::Result<void> PeerManager::load(ledger::ByteView bytes, ledger::TimeMs now)
{
    if (bytes.size() > saved_limit) return corrupt("is too large");
    if (bytes.size() < ledger::Hash::size) return corrupt("is too short");
    const auto body = bytes.first(bytes.size() - ledger::Hash::size);
    if (ledger::Hash::of(bytes.subspan(body.size())) != ledger::sha256(body))
        return corrupt("does not fit its checksum");
    auto saved = ledger::codec::decode<SavedPeers>(body);
    if (!saved) return corrupt("cannot be read: " + saved.error().detail);
    if (saved->version != file_version) return corrupt("is of another version");
    if (saved->genesis != genesis_) return corrupt("belongs to another network");

    salt_ = saved->salt;
    book_ = AddressBook{salt_};
    book_.restore(saved->entries, now);
    for (auto& ban : saved->bans) bans_.ban(ban.peer, ban.until, std::move(ban.reason));
    anchors_.clear();
    for (auto& anchor : saved->anchors)
        if (anchors_.size() < limits_.anchors && !anchor.record.addresses.empty())
            anchors_.push_back(std::move(anchor));
    return {};
}

}  // namespace node
