#include "node/app/first_sync.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "node/api/answers.hpp"
#include "node/app/offline_ledger.hpp"
#include "node/app/peer_bridge.hpp"
#include "node/app/trusted_checkpoint.hpp"
#include "node/core/consensus_frames.hpp"
#include "node/env/files.hpp"

#include <spdlog/spdlog.h>

namespace node {

using namespace ledger;
using consensus::EpochProof;

namespace {

constexpr std::uint64_t bytes_to_begin = std::uint64_t{96} << 20;
constexpr std::uint64_t tell_every_ms = 5'000;

std::string short_name(const PublicKey& key)
{
    return to_hex(key.view()).substr(0, 16);
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

    const auto trusted = read_trusted_checkpoint(home, config, *network_);
    if (!trusted) return trusted.error();
    std::optional<SealChain::Pin> pin;
    if (*trusted) pin = SealChain::Pin{(*trusted)->epoch, anchor_of(**trusted).id};
    seals_ = std::make_unique<SealChain>(first_epoch(*network_), pin, verifier_);
    fetch_ = std::make_unique<SnapshotFetch>(disk_, place_, *seals_, pin ? pin->epoch : 0,
                                             verifier_, fetch_port());

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

SnapshotFetch::Port FirstSync::fetch_port()
{
    return {[this](const PublicKey& to, MessageKind kind, ByteView payload) {
                peer_network_->send(to, kind, payload);
            },
            [this](const PublicKey& peer, const std::string& why) {
                spdlog::warn("peer {} misbehaves: {}", short_name(peer), why);
                peer_network_->ban(peer, why);
            },
            [](SnapshotFetch::Port::Weight weight, const std::string& what) {
                if (weight == SnapshotFetch::Port::Weight::warning)
                    spdlog::warn(what);
                else
                    spdlog::info(what);
            },
            [this](SnapshotCollection& chunks, const std::vector<EpochProof>& seals) {
                return restore(chunks, seals);
            }};
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
        fetch_->tick(now_ms);
        tell_progress(now_ms);
        if (fetch_->outcome()) end(*fetch_->outcome());
        lock.lock();
    }
}

void FirstSync::handle(Event& event, std::uint64_t now_ms)
{
    const auto& peer = event.peer;
    switch (event.kind) {
        case Event::Kind::connected:
            return fetch_->connected(peer, now_ms);
        case Event::Kind::gone:
            return fetch_->gone(peer, now_ms);
        case Event::Kind::frame:
            break;
    }
    const auto& [kind, payload] = event.frame.frame;
    if (kind != message::epoch_proof) return fetch_->received(peer, kind, payload, now_ms);
    auto decoded = decode_consensus(kind, payload);
    if (!decoded) return fetch_->refute(peer, decoded.error().detail);
    fetch_->take_seal(peer, std::get<EpochProof>(std::move(*decoded)), now_ms);
}

Result<void> FirstSync::restore(SnapshotCollection& chunks, const std::vector<EpochProof>& seals)
{
    const auto genesis = genesis_block(*network_);
    if (!genesis) return genesis.error();
    const auto manifest = chunks.manifest();
    return finish_restore(
        disk_, place_, chunks, *genesis, {}, [&](BlockStore& store) -> Result<void> {
            const auto why = complete_restored(*network_, store, manifest, seals, key_);
            if (!why) return why.error();
            if (!why->empty()) spdlog::error("this node will not vote: {}", *why);
            return {};
        });
}

void FirstSync::tell_progress(std::uint64_t now_ms)
{
    const auto shown = fetch_->progress();
    progress_.height = shown.height;
    progress_.chunks = shown.chunks;
    progress_.missing = shown.missing;
    progress_.epoch = shown.epoch;
    progress_.refuted = shown.refuted;
    if (now_ms < told_ms_ + tell_every_ms) return;
    told_ms_ = now_ms;
    if (shown.is_chosen)
        spdlog::info("{} of {} chunks of the snapshot of block {}", shown.chunks - shown.missing,
                     shown.chunks, shown.height);
    else
        spdlog::info("{} peers, and none has shown a snapshot that proves itself yet", shown.peers);
}

}  // namespace node
