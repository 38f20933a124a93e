#include "tests/support/snapshot_life.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace node {

using namespace ledger;
namespace fs = std::filesystem;

SnapshotLife::SnapshotLife(const SnapshotWorld& world)
    : epoch_{world.epoch}, genesis_{world.genesis}
{
}

void SnapshotLife::join(std::uint8_t number, const MemoryLibrary& library, std::uint64_t latency_ms,
                        Manner manner)
{
    const auto name = SnapshotNetwork::name(number);
    providers_[name] = {std::make_unique<SnapshotServer>(library, SnapshotServerLimits{}),
                        latency_ms, std::move(manner)};
    if (fetch_) fetch_->connected(name, now_ms);
}

void SnapshotLife::leave(std::uint8_t number)
{
    const auto name = SnapshotNetwork::name(number);
    if (providers_.erase(name) != 0 && fetch_) fetch_->gone(name, now_ms);
}

void SnapshotLife::start()
{
    asked.clear();
    seals_ = std::make_unique<SealChain>(epoch_, std::nullopt, verifier_);
    fetch_ = std::make_unique<SnapshotFetch>(disk_, place, *seals_, 0, verifier_, port());
    std::vector<PublicKey> names;
    for (const auto& [name, provider] : providers_) names.push_back(name);
    for (const auto& name : names) fetch_->connected(name, now_ms);
    end_banned();
}

void SnapshotLife::kill()
{
    fetch_.reset();
    seals_.reset();
    arrivals_.clear();
    to_end_.clear();
}

SnapshotFetch::Port SnapshotLife::port()
{
    return {[this](const PublicKey& to, MessageKind kind, ByteView payload) {
                answer(to, kind, payload);
            },
            [this](const PublicKey& peer, const std::string& why) {
                banned[peer] = why;
                to_end_.push_back(peer);
            },
            [this](SnapshotFetch::Port::Weight, const std::string& what) { said.push_back(what); },
            [this](SnapshotCollection& chunks, const std::vector<consensus::EpochProof>&) {
                return restore(chunks);
            }};
}

void SnapshotLife::answer(const PublicKey& to, MessageKind asked_kind, ByteView question)
{
    const bool is_chunk = asked_kind == message::get_snapshot_chunk;
    if (is_chunk) note_question(question);
    const auto at = providers_.find(to);
    if (at == providers_.end() || (!is_chunk && asked_kind != message::get_snapshot)) return;
    auto& provider = at->second;
    const auto us = SnapshotNetwork::name(0);
    auto reply = is_chunk ? provider.server->on_get_chunk(us, question, now_ms)
                          : provider.server->on_get_snapshot(us, question, now_ms);
    ensure(reply.has_value(), "what we ask is a question");
    std::optional<Bytes> said_by_it{std::move(*reply)};
    if (provider.manner) said_by_it = provider.manner(asked_kind, std::move(*said_by_it));
    if (!said_by_it) return;
    const auto kind = is_chunk ? message::snapshot_chunk : message::snapshot;
    arrivals_.emplace(now_ms + provider.latency_ms, Arrival{to, kind, std::move(*said_by_it)});
}

void SnapshotLife::note_question(ByteView question)
{
    const auto wanted = decode_get_snapshot_chunk(question);
    ensure(wanted.has_value(), "what we ask is a question");
    asked.push_back(wanted->index);
    const SnapshotFolder on_disk{disk_, place.chunks().string()};
    const auto manifest = on_disk.manifest();
    if (manifest && snapshot_id(manifest->content) == wanted->id && is_chunk_here(wanted->index))
        ++asked_for_kept;
}

/// What finish_restore does, with the store in memory: the place of the chunks is empty after it.
Result<void> SnapshotLife::restore(SnapshotCollection& chunks)
{
    const auto store = make_memory_store();
    if (const auto done = fill_store(*store, chunks, genesis_); !done) return done;
    state = listing(store->state());
    return clear_staging(disk_, place);
}

/// As a ban closes the connection a little later, and never while the fetch decides.
void SnapshotLife::end_banned()
{
    for (const auto& peer : std::exchange(to_end_, {})) {
        providers_.erase(peer);
        fetch_->gone(peer, now_ms);
    }
}

bool SnapshotLife::run_until(const std::function<bool()>& holds, std::uint64_t at_most_ms)
{
    const auto end = now_ms + at_most_ms;
    while (!holds()) {
        if (now_ms >= end) return false;
        now_ms += 10;
        while (!arrivals_.empty() && arrivals_.begin()->first <= now_ms) {
            const auto arrival = std::move(arrivals_.begin()->second);
            arrivals_.erase(arrivals_.begin());
            // What a peer has said before it left is lost with its connection.
            if (!providers_.contains(arrival.from)) continue;
            fetch_->received(arrival.from, arrival.kind, arrival.payload, now_ms);
            end_banned();
            if (holds()) return true;
        }
        if (now_ms % 100 == 0) fetch_->tick(now_ms);
        end_banned();
    }
    return true;
}

bool SnapshotLife::run(std::uint64_t at_most_ms)
{
    return run_until([this] { return fetch_->outcome().has_value(); }, at_most_ms);
}

bool SnapshotLife::is_chunk_here(std::size_t chunk) const
{
    return fs::exists(place.chunks() / chunk_name(chunk));
}

std::vector<std::size_t> SnapshotLife::kept() const
{
    std::vector<std::size_t> found;
    const std::string begins = "chunk-";
    for (const auto& name : files())
        if (name.starts_with(begins) && name.find('.') == std::string::npos)
            found.push_back(std::stoul(name.substr(begins.size())));
    return found;
}

std::vector<std::string> SnapshotLife::files() const
{
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator{folder.path()})
        if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
}

void SnapshotLife::damage(std::size_t chunk) const
{
    const auto file = disk_.open((place.chunks() / chunk_name(chunk)).string(), OpenMode::existing);
    ensure(file.has_value(), "a chunk is damaged where it is");
    const auto middle = *(*file)->size() / 2;
    auto byte = *(*file)->read(middle, 1);
    byte[0] ^= 1;
    ensure((*file)->write(middle, byte).has_value(), "memory takes a byte");
}

bool SnapshotLife::has_ended_with_blocks() const
{
    const auto& outcome = fetch_->outcome();
    return outcome && *outcome && !state && !fs::exists(place.staging());
}

}  // namespace node
