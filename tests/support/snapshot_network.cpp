#include "tests/support/snapshot_network.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

void MemoryLibrary::add(const SnapshotWorld& world)
{
    SimDisk disk;
    SnapshotFolder folder{disk, "s/1"};
    Book book{world.write(folder), {}};
    for (std::size_t i = 0; i < book.manifest.content.ends.size(); ++i)
        book.chunks.push_back(*folder.chunk(i));
    const auto id = snapshot_id(book.manifest.content);
    books[id] = std::move(book);
}

std::vector<SnapshotOffer> MemoryLibrary::offers() const
{
    std::vector<SnapshotOffer> offers;
    for (const auto& [id, book] : books) offers.push_back({id, book.manifest.content.height});
    return offers;
}

Result<SnapshotManifest> MemoryLibrary::manifest(const Hash& id) const
{
    const auto book = books.find(id);
    if (book == books.end()) return Error{ErrorKind::not_found, "no such snapshot"};
    return book->second.manifest;
}

Result<Bytes> MemoryLibrary::chunk(const Hash& id, std::size_t index) const
{
    const auto book = books.find(id);
    if (book == books.end() || index >= book->second.chunks.size())
        return Error{ErrorKind::not_found, "no such chunk"};
    return book->second.chunks[index];
}

SnapshotNetwork::SnapshotNetwork(std::shared_ptr<const consensus::Epoch> epoch,
                                 SnapshotSyncLimits limits, Height above)
    : known{{0, std::move(epoch)}}, sync{limits, above, *this, verifier}
{
}

PublicKey SnapshotNetwork::name(std::uint8_t number)
{
    PublicKey key;
    key.bytes[1] = number;
    return key;
}

void SnapshotNetwork::join(std::uint8_t number, const MemoryLibrary& library,
                           std::uint64_t latency_ms, Manner manner)
{
    providers_[name(number)] = {std::make_unique<SnapshotServer>(library, SnapshotServerLimits{}),
                                latency_ms, std::move(manner)};
    handle(sync.add_peer(name(number), now_ms));
}

void SnapshotNetwork::leave(std::uint8_t number)
{
    providers_.erase(name(number));
    handle(sync.remove_peer(name(number), now_ms));
}

std::shared_ptr<const consensus::Epoch> SnapshotNetwork::epoch(std::uint64_t number) const
{
    const auto found = known.find(number);
    return found == known.end() ? nullptr : found->second;
}

void SnapshotNetwork::answer(const SnapshotAction& question)
{
    const auto at = providers_.find(question.peer);
    if (at == providers_.end()) return;
    auto& provider = at->second;
    const bool is_chunk = question.message == message::get_snapshot_chunk;
    auto reply = is_chunk ? provider.server->on_get_chunk(name(0), question.bytes, now_ms)
                          : provider.server->on_get_snapshot(name(0), question.bytes, now_ms);
    ensure(reply.has_value(), "what we ask is a question");
    std::optional<Bytes> said{std::move(*reply)};
    if (provider.manner) said = provider.manner(question.message, std::move(*said));
    if (said)
        arrivals_.emplace(now_ms + provider.latency_ms,
                          Arrival{question.peer, is_chunk, std::move(*said)});
}

void SnapshotNetwork::handle(const SnapshotActions& actions)
{
    for (const auto& action : actions) {
        switch (action.kind) {
            case SnapshotAction::Kind::ask:
                if (action.message == message::get_snapshot_chunk) ++chunks_asked[action.peer];
                answer(action);
                break;
            case SnapshotAction::Kind::drop:
                dropped[action.peer] = action.why;
                providers_.erase(action.peer);
                handle(sync.remove_peer(action.peer, now_ms));
                break;
            case SnapshotAction::Kind::need_epoch:
                epochs_wanted.push_back(action.number);
                break;
            case SnapshotAction::Kind::chosen: {
                ++times_chosen;
                current_ = sync.chosen()->content;
                const auto& content = *current_;
                std::vector<bool> present(content.ends.size());
                for (const auto& [index, bytes] : kept[snapshot_id(content)]) present[index] = true;
                handle(sync.start(present, now_ms));
                break;
            }
            case SnapshotAction::Kind::keep: {
                const auto& content = sync.chosen()->content;
                ensure(check_chunk(content, action.number, action.bytes).has_value(),
                       "what is kept was checked");
                kept[snapshot_id(content)][action.number] = action.bytes;
                break;
            }
            case SnapshotAction::Kind::complete:
                break;
        }
    }
    most_at_once = std::max(most_at_once, sync.chunks_asked());
}

bool SnapshotNetwork::run(std::uint64_t at_most_ms)
{
    const auto end = now_ms + at_most_ms;
    while (!sync.complete() && now_ms < end) {
        now_ms += 10;
        while (!arrivals_.empty() && arrivals_.begin()->first <= now_ms) {
            const auto arrival = std::move(arrivals_.begin()->second);
            arrivals_.erase(arrivals_.begin());
            handle(arrival.is_chunk ? sync.on_chunk(arrival.from, arrival.payload, now_ms)
                                    : sync.on_snapshot(arrival.from, arrival.payload, now_ms));
        }
        if (now_ms % 200 == 0) handle(sync.tick(now_ms));
    }
    return sync.complete();
}

}  // namespace node
