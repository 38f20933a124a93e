#include "node/app/first_sync.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/light/checkpoint.hpp"
#include "node/api/answers.hpp"
#include "node/app/offline_ledger.hpp"
#include "node/app/peer_bridge.hpp"
#include "node/core/consensus_frames.hpp"
#include "node/env/files.hpp"

#include <spdlog/spdlog.h>

namespace node {

using namespace ledger;
using consensus::EpochProof;
using Kind = SnapshotAction::Kind;

namespace {

constexpr std::uint64_t bytes_to_begin = std::uint64_t{96} << 20;
constexpr std::uint64_t tell_every_ms = 5'000;
constexpr std::uint64_t seal_every_ms = 1'000;
constexpr std::size_t refuted_peers = 1'024;

std::string short_name(const PublicKey& key)
{
    return to_hex(key.view()).substr(0, 16);
}

/// Where the operator's checkpoint pins the chain of seals; without one, the genesis does.
Result<std::optional<SealChain::Pin>> read_pin(const Home& home, const Config& config,
                                               const market::Network& network)
{
    const auto& name = config.consensus.trusted_checkpoint;
    if (name.empty()) return std::optional<SealChain::Pin>{};
    const auto path = home.folder / name;
    const auto bytes = read_file(path, light::CheckpointLimits::json_bytes);
    if (!bytes) return bytes.error();
    const auto read = light::parse_checkpoint(as_text(*bytes));
    if (!read) return Error{read.error().kind, path.string() + ": " + read.error().detail};
    if (read->chain_id != network.genesis.chain_id || read->genesis_id != network.genesis_id)
        return Error{ErrorKind::invalid, path.string() + ": a checkpoint of another network"};
    return std::optional{SealChain::Pin{read->epoch, block_id(read->anchor)}};
}

}  // namespace

Result<bool> FirstSync::is_wanted(const Home& home, const Config& config)
{
    const RestorePlace place{home.data()};
    std::error_code error;
    const bool has_ledger = std::filesystem::exists(place.store(), error);
    if (!has_ledger) return config.consensus.sync == "snapshot";
    if (!std::filesystem::exists(place.staging(), error)) return false;
    PosixDisk disk;
    if (const auto done = clear_staging(disk, place); !done) return done.error();
    return false;
}

FirstSync::FirstSync(const Home& home, const Config&) : home_{home}, place_{home.data()} {}

Result<std::unique_ptr<FirstSync>> FirstSync::start(const Home& home, const Config& config)
{
    std::unique_ptr<FirstSync> made{new FirstSync{home, config}};
    if (const auto done = made->open(home, config); !done) return done.error();
    return made;
}

Result<void> FirstSync::open(const Home& home, const Config& config)
{
    if (const auto good = check_private(home.folder); !good) return good;
    auto network = read_network(home);
    if (!network) return network.error();
    network_ = std::move(*network);
    auto validator = read_validator_key(home);
    if (!validator) return validator.error();
    if (*validator) key_ = consensus_key(**validator);
    if (const auto made = make_private_directory(home.data()); !made) return made;
    if (const auto room = check_space(home.data(), bytes_to_begin); !room) return room;
    auto lock = FolderLock::take(home.data());
    if (!lock) return lock.error();
    lock_ = std::move(*lock);
    if (const auto made = disk_.make_folder(place_.staging().string()); !made) return made;

    const auto pin = read_pin(home, config, *network_);
    if (!pin) return pin.error();
    seals_ = std::make_unique<SealChain>(first_epoch(*network_), *pin, verifier_);
    if (*pin) wanted_epoch_ = (*pin)->epoch;
    sync_ = std::make_unique<SnapshotSync>(SnapshotSyncLimits{}, Height{0}, *seals_, verifier_);

    auto key = read_or_make_peer_key(home, random_);
    if (!key) return key.error();
    auto wanted = peer_network_config(home, config, *network_);
    if (!wanted) return wanted.error();
    PeerHandler& self = *this;
    peer_network_ =
        std::make_unique<PeerNetwork>(std::move(*wanted), std::move(*key), clock_, random_, self);
    if (const auto done = open_http(config); !done) return done;
    thread_ = std::thread{[this] { run(); }};
    return peer_network_->start();
}

Result<void> FirstSync::open_http(const Config& config)
{
    boost::system::error_code bad;
    ServerConfig wanted;
    wanted.address = asio::ip::make_address(config.http.address, bad);
    if (bad) return Error{ErrorKind::invalid, "http.address is not an address"};
    wanted.port = config.http.port;
    router_ = std::make_unique<Router>(RouterOptions{config.http.allowed_origins});
    const auto status = [this]() -> api::json {
        return {{"network", network_->genesis.name},
                {"chainId", network_->genesis.chain_id.value},
                {"genesisId", codec::to_json(network_->genesis_id)},
                {"height", 0},
                {"halted", "a snapshot of the ledger is being fetched"},
                {"snapshotSync",
                 {{"height", progress_.height.load()},
                  {"chunks", progress_.chunks.load()},
                  {"missing", progress_.missing.load()},
                  {"epoch", progress_.epoch.load()},
                  {"refutedPeers", progress_.refuted.load()}}}};
    };
    router_->add(Method::get, "/v1/status", {"How far the snapshot is"},
                 api::answering([status](const Exchange&) { return status(); }));
    router_->add(Method::get, "/healthz", {"Whether the node takes work", {}, {}, {503}},
                 api::answering([status](const Exchange&) -> api::json {
                     return {{"$status", 503}, {"status", "syncing"}, {"why", status()["halted"]}};
                 }));
    router_->add(Method::get, "/metrics", {"Prometheus text"}, metrics_.handler());
    const auto gauge = [this](const char* name, const char* help, const auto& value) {
        metrics_.add_gauge(name, help, [&value] { return static_cast<double>(value.load()); });
    };
    gauge("millrace_snapshot_sync_height", "Block of the snapshot that is fetched, 0 before one is",
          progress_.height);
    gauge("millrace_snapshot_sync_chunks", "Its chunks", progress_.chunks);
    gauge("millrace_snapshot_sync_missing", "Those that are not here yet", progress_.missing);
    gauge("millrace_snapshot_sync_refuted", "Peers that sent what is wrong", progress_.refuted);
    server_ = std::make_unique<Server>(wanted, *router_, clock_,
                                       std::vector<RequestObserver*>{&metrics_});
    return server_->start();
}

FirstSync::~FirstSync()
{
    stop();
}

void FirstSync::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (peer_network_) peer_network_->stop();
    if (thread_.joinable()) thread_.join();
    if (server_) server_->stop(std::chrono::seconds{1});
    events_.clear();
}

bool FirstSync::ended(std::chrono::milliseconds wait)
{
    std::unique_lock lock{mutex_};
    return wake_.wait_for(lock, wait, [this] { return outcome_.has_value(); });
}

Result<void> FirstSync::outcome() const
{
    const std::lock_guard lock{mutex_};
    return outcome_.value_or(Result<void>{});
}

void FirstSync::end(Result<void> how)
{
    {
        const std::lock_guard lock{mutex_};
        if (!outcome_) outcome_ = std::move(how);
    }
    wake_.notify_all();
}

void FirstSync::connected(const PeerInfo& peer)
{
    if (peer.use != ConnectionUse::feeler) post({Event::Kind::connected, peer.key});
}

void FirstSync::received(const PublicKey& from, InboundFrame frame)
{
    const auto kind = frame.frame.kind;
    if (kind == message::snapshot || kind == message::snapshot_chunk ||
        kind == message::epoch_proof)
        post({Event::Kind::frame, from, std::move(frame)});
}

void FirstSync::ended(const ConnectionEnd& end)
{
    if (end.was_connected) post({Event::Kind::gone, *end.key});
}

/// Frames are bounded by the memory that they may hold too; who comes and goes, by connections.
void FirstSync::post(Event event)
{
    {
        const std::lock_guard lock{mutex_};
        if (stopping_ || (event.kind == Event::Kind::frame && events_.size() >= waiting_frames))
            return;
        events_.push_back(std::move(event));
    }
    wake_.notify_all();
}

void FirstSync::run()
{
    std::unique_lock lock{mutex_};
    while (!stopping_ && !outcome_) {
        wake_.wait_for(lock, std::chrono::milliseconds{100},
                       [this] { return stopping_ || !events_.empty(); });
        std::deque<Event> events;
        events.swap(events_);
        lock.unlock();
        for (auto& event : events) {
            handle(event, clock_.steady_ms());
            event.frame = {};  // lets go of its memory
        }
        const auto now_ms = clock_.steady_ms();
        perform(sync_->tick(now_ms), now_ms);
        ask_for_seals(now_ms);
        tell_progress(now_ms);
        lock.lock();
    }
}

void FirstSync::handle(Event& event, std::uint64_t now_ms)
{
    const auto& peer = event.peer;
    switch (event.kind) {
        case Event::Kind::connected:
            peers_.insert(peer);
            if (!give_up_ms_)
                give_up_ms_ = now_ms + static_cast<std::uint64_t>(
                                           std::chrono::milliseconds{patience}.count());
            if (!refuted_.contains(peer)) perform(sync_->add_peer(peer, now_ms), now_ms);
            return;
        case Event::Kind::gone:
            peers_.erase(peer);
            return perform(sync_->remove_peer(peer, now_ms), now_ms);
        case Event::Kind::frame:
            break;
    }
    const auto& [kind, payload] = event.frame.frame;
    if (kind == message::snapshot)
        perform(sync_->on_snapshot(peer, payload, now_ms), now_ms);
    else if (kind == message::snapshot_chunk)
        perform(sync_->on_chunk(peer, payload, now_ms), now_ms);
    else
        take_seal(peer, payload, now_ms);
}

void FirstSync::take_seal(const PublicKey& from, ByteView payload, std::uint64_t now_ms)
{
    auto decoded = decode_consensus(message::epoch_proof, payload);
    if (!decoded) return punish(from, decoded.error().detail);
    const auto added = seals_->add(std::get<EpochProof>(std::move(*decoded)));
    if (!added) return punish(from, added.error().detail);
    if (!*added) return;
    progress_.epoch = seals_->newest().number();
    seals_asked_ms_ = 0;
    perform(sync_->epochs_changed(now_ms), now_ms);
}

/// Peers answer a status of an epoch that is over with the proof of its end.
void FirstSync::ask_for_seals(std::uint64_t now_ms)
{
    const auto newest = seals_->newest().number();
    if (newest >= wanted_epoch_ || now_ms < seals_asked_ms_ + seal_every_ms) return;
    seals_asked_ms_ = now_ms;
    consensus::Status status;
    status.epoch = newest;
    const auto bytes = consensus::encode_message(consensus::Message{status});
    for (const auto& peer : peers_)
        if (!refuted_.contains(peer)) peer_network_->send(peer, message::status, bytes);
}

void FirstSync::punish(const PublicKey& peer, const std::string& why)
{
    spdlog::warn("peer {} misbehaves: {}", short_name(peer), why);
    if (refuted_.size() < refuted_peers) refuted_.insert(peer);
    progress_.refuted = refuted_.size();
    peer_network_->ban(peer, why);
}

void FirstSync::perform(SnapshotActions actions, std::uint64_t now_ms)
{
    for (auto& action : actions) {
        switch (action.kind) {
            case Kind::ask:
                peer_network_->send(action.peer, action.message, action.bytes);
                break;
            case Kind::drop:
                punish(action.peer, action.why);
                break;
            case Kind::need_epoch:
                wanted_epoch_ = std::max(wanted_epoch_, action.number);
                break;
            case Kind::chosen:
                begin_chosen(now_ms);
                break;
            case Kind::keep:
                if (!chunks_) break;
                if (const auto done = chunks_->keep(action.number, action.bytes); !done)
                    return end(done);
                progress_.missing = chunks_->missing();
                break;
            case Kind::complete:
                finish(now_ms);
                break;
        }
    }
}

void FirstSync::begin_chosen(std::uint64_t now_ms)
{
    const auto* manifest = sync_->chosen();
    if (manifest == nullptr) return;
    chunks_.reset();
    auto opened = SnapshotCollection::open(disk_, place_.chunks().string(), *manifest);
    if (!opened) return end(opened.error());
    chunks_.emplace(std::move(*opened));
    const auto count = manifest->content.ends.size();
    progress_.height = manifest->content.height.value;
    progress_.chunks = count;
    progress_.missing = chunks_->missing();
    spdlog::info("fetching the snapshot of block {}: {} of {} chunks are here",
                 manifest->content.height.value, count - chunks_->missing(), count);
    perform(sync_->start(chunks_->present(), now_ms), now_ms);
}

void FirstSync::finish(std::uint64_t now_ms)
{
    if (!chunks_) return;
    const auto manifest = chunks_->manifest();
    const auto genesis = genesis_block(*network_);
    if (!genesis) return end(genesis.error());
    const auto& all = seals_->seals();
    const auto epoch = manifest.finality.path.front().epoch;
    const std::vector<EpochProof> seals(all.begin(),
                                        all.begin() + static_cast<std::ptrdiff_t>(epoch));
    const auto done = finish_restore(
        disk_, place_, *chunks_, *genesis, {}, [&](BlockStore& store) -> Result<void> {
            const auto why = complete_restored(*network_, store, manifest, seals, key_);
            if (!why) return why.error();
            if (!why->empty()) spdlog::error("this node will not vote: {}", *why);
            return {};
        });
    if (!done && done.error().kind == ErrorKind::corrupt && chunks_->missing() != 0) {
        spdlog::warn("a chunk is damaged on disk and fetched again: {}", done.error().detail);
        const auto present = chunks_->present();
        for (std::size_t chunk = 0; chunk < present.size(); ++chunk)
            if (!present[chunk]) perform(sync_->lost(chunk, now_ms), now_ms);
        return;
    }
    if (done)
        spdlog::info("the ledger begins with the snapshot of block {}",
                     manifest.content.height.value);
    end(done);
}

void FirstSync::tell_progress(std::uint64_t now_ms)
{
    if (!chunks_ && give_up_ms_ && now_ms >= *give_up_ms_) {
        std::error_code error;
        if (!std::filesystem::exists(place_.chunks(), error)) {
            spdlog::warn("no peer has a snapshot that proves itself: going on with blocks");
            return end(clear_staging(disk_, place_));
        }
        give_up_ms_.reset();  // a part of one is here: somebody will have the rest
    }
    if (now_ms < told_ms_ + tell_every_ms) return;
    told_ms_ = now_ms;
    if (chunks_ && sync_->chosen() != nullptr)
        spdlog::info("{} of {} chunks of the snapshot of block {}",
                     progress_.chunks - progress_.missing, progress_.chunks.load(),
                     progress_.height.load());
    else
        spdlog::info("{} peers, and none has shown a snapshot that proves itself yet",
                     peers_.size());
}

}  // namespace node
