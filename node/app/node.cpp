#include "node/app/node.hpp"

#include "ledger/crypto/address.hpp"
#include "ledger/disk/disk.hpp"
#include "ledger/disk/folder_lock.hpp"
#include "ledger/store/journal.hpp"
#include "node/api/api.hpp"
#include "node/app/blob_host.hpp"
#include "node/app/board_host.hpp"
#include "node/app/claim_driver.hpp"
#include "node/app/home_journal.hpp"
#include "node/app/http_settings.hpp"
#include "node/app/inbox_host.hpp"
#include "node/app/ledger_adapter.hpp"
#include "node/app/load_openai.hpp"
#include "node/app/logging.hpp"
#include "node/app/model_host.hpp"
#include "node/app/node_routes.hpp"
#include "node/app/operator_token.hpp"
#include "node/app/peer_bridge.hpp"
#include "node/app/peer_routes.hpp"
#include "node/app/snapshot_keeper.hpp"
#include "node/app/trusted_checkpoint.hpp"
#include "node/app/watched_journal.hpp"
#include "node/core/chain.hpp"
#include "node/core/ledger_service.hpp"
#include "node/env/clock.hpp"
#include "node/env/files.hpp"
#include "node/facilitator/facilitator_routes.hpp"
#include "node/http/access_log.hpp"
#include "node/http/event_hub.hpp"
#include "node/http/metrics.hpp"
#include "node/http/server.hpp"
#include "node/payment/answer_shelf.hpp"
#include "node/payment/channel_book.hpp"
#include "node/payment/paid_exchange.hpp"
#include "node/payment/payment_answers.hpp"
#include "node/payment/payment_journal.hpp"
#include "node/providers/provider_service.hpp"
#include "node/serving/inference_routes.hpp"
#include "node/serving/model_api_routes.hpp"
#include "node/serving/openai_routes.hpp"
#include "node/serving/pass_routes.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace node {

using namespace ledger;

std::string_view node_version()
{
    return MILLRACE_VERSION;
}

/// In the order in which they are built; destroyed in reverse.
struct Node::Parts {
    Parts() = default;
    /// When starting failed half way: the ledger's thread tells parts that are made after it.
    ~Parts()
    {
        if (providers) providers->stop();
        if (peers) peers->stop();
        if (ledger) ledger->stop();
        if (snapshots) snapshots->stop();
        if (models) models->stop();
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    SystemClock clock;
    SystemRandom random;
    PosixDisk disk;
    std::unique_ptr<FolderLock> lock;
    std::unique_ptr<market::Network> network;
    std::unique_ptr<BlockStore> store;
    std::unique_ptr<Chain> chain;
    PeerBridge bridge;
    SystemRandom peer_random;  // of the peers' own thread
    std::unique_ptr<PeerNetwork> peers;
    std::unique_ptr<SnapshotKeeper> snapshots;
    std::unique_ptr<LedgerService> ledger;
    std::unique_ptr<Journal> journal_store;
    std::unique_ptr<GroupedJournal> journal;

    std::optional<HostIdentity> host;
    std::optional<SecretKey> account;
    std::unique_ptr<LedgerAdapter> adapter;
    std::unique_ptr<ModelHost> models;
    OpenAiModels openai;
    ChannelBook book;
    std::unique_ptr<PassBook> passes;
    std::unique_ptr<AnswerShelf> shelf;
    std::unique_ptr<Offers> offers;
    std::unique_ptr<PaymentAnswers> answers;
    std::unique_ptr<Settlements> settlements;
    std::unique_ptr<PaymentServices> services;
    std::unique_ptr<PaidExchanges> payments;
    std::unique_ptr<ClaimKeeper> keeper;
    std::unique_ptr<ClaimDriver> claims;
    SettleMemory settle_memory;
    std::unique_ptr<Facilitator> facilitator;
    std::unique_ptr<FeeBudget> fee_budget;
    std::unique_ptr<CallerQuota> caller_quota;
    std::unique_ptr<BlobHost> blobs;
    std::unique_ptr<ProviderService> providers;
    std::unique_ptr<BoardHost> board;
    std::unique_ptr<InboxHost> inbox;

    Metrics metrics;
    std::unique_ptr<EventHub> events;
    std::unique_ptr<AccessLog> access_log;
    std::unique_ptr<ApiParts> api;
    std::unique_ptr<ServingParts> serving;
    std::unique_ptr<Router> router;
    std::unique_ptr<Server> server;
    Clock::Steady space_checked{};
    std::atomic<bool> stopped = false;
    std::chrono::milliseconds drain_time{};
    std::chrono::milliseconds run_time{};

    Result<void> open_ledger(const Home&, const Config&);
    Result<void> open_peers(const Home&, const Config&);
    Result<void> open_host(const Home&, const Config&, ReadConfig);
    Result<void> open_providers(const Home&, const Config&);
    Result<void> open_http(const Config&);
    void watch_blocks(const Home&);
    void report(const consensus::Evidence&);
};

namespace {

Error context(const std::string& what, const Error& error)
{
    return {error.kind, what + ": " + error.detail};
}

/// RocksDB may abort where it cannot write: the node stops taking work while there is room to end
/// in order, and does not start without.
constexpr std::uint64_t bytes_to_start = std::uint64_t{96} << 20;
constexpr std::uint64_t bytes_to_run = std::uint64_t{32} << 20;

/// After the longest run: for its answer to be written down and taken.
constexpr std::chrono::seconds answer_patience{5};
constexpr std::chrono::seconds claim_patience{10};

}  // namespace

Result<void> Node::Parts::open_ledger(const Home& home, const Config& config)
{
    if (const auto good = check_private(home.folder); !good) return good;
    auto genesis = read_genesis(home);
    if (!genesis) return genesis.error();
    const auto id = genesis_id(*genesis);
    if (!id) return id.error();
    network = std::make_unique<market::Network>(std::move(*genesis), *id);
    auto key = read_validator_key(home);
    if (!key) return context("validator key", key.error());
    const auto trusted = read_trusted_checkpoint(home, config, *network);
    if (!trusted) return context("trusted checkpoint", trusted.error());

    if (const auto made = make_private_directory(home.data()); !made) return made;
    if (const auto room = check_space(home.data(), bytes_to_start); !room) return room;
    auto taken = FolderLock::take(home.data());
    if (!taken) return context("data folder is locked", taken.error());
    lock = std::move(*taken);
    StoreOptions options;
    options.archive = config.ledger.archive;
    options.keep_versions = config.ledger.keep_versions;
    options.cache_bytes = config.ledger.cache_bytes;
    options.keep_blocks = config.ledger.keep_blocks;
    auto opened = open_rocks_store(home.data() / "store", options);
    if (!opened) return context("store", opened.error());
    store = std::move(*opened);
    auto chained = Chain::open(*network, *store);
    if (!chained) return context("chain", chained.error());
    chain = std::move(*chained);

    LedgerServiceLimits limits;
    limits.replica.mempool.bytes = config.ledger.mempool_bytes;
    limits.replica.mempool.transactions = config.ledger.mempool_transactions;
    limits.replica.mempool.per_account = config.ledger.mempool_per_account;
    limits.work_threads = std::max(1u, std::thread::hardware_concurrency());
    const auto validators = network->genesis.validators.set.size();
    const auto& patience = config.consensus;
    std::optional<consensus::TrustedAnchor> anchor;
    if (*trusted) anchor = anchor_of(**trusted);
    auto running =
        LedgerService::open({*network, *chain, *store, disk, (home.data() / "log").string(), clock,
                             random, std::move(*key), &bridge,
                             core_times(network->params(), validators, patience.t0_ms,
                                        patience.t_max_ms, patience.skip_ms),
                             anchor},
                            limits);
    if (!running) return context("log", running.error());
    ledger = std::move(*running);
    if (const auto why = ledger->halted(); !why.empty()) spdlog::error("no work is taken: {}", why);
    if (!ledger->trouble().empty()) spdlog::error("this node does not vote: {}", ledger->trouble());
    auto kept = open_home_journal(home);
    if (!kept) return context("journal", kept.error());
    journal_store = std::make_unique<WatchedJournal>(
        std::move(*kept), [this](const Error& error) { ledger->halt(context("journal", error)); });
    journal = std::make_unique<GroupedJournal>(*journal_store);
    return {};
}

Result<void> Node::Parts::open_peers(const Home& home, const Config& config)
{
    auto key = read_or_make_peer_key(home, random);
    if (!key) return context("peer key", key.error());
    auto wanted = peer_network_config(home, config, *network);
    if (!wanted) return wanted.error();
    peers = std::make_unique<PeerNetwork>(std::move(*wanted), std::move(*key), clock, peer_random,
                                          bridge);
    snapshots = std::make_unique<SnapshotKeeper>(
        config.snapshots, home.snapshots(), disk, *store, clock,
        SnapshotKeeper::Port{[this](const PublicKey& to, MessageKind kind, ByteView payload) {
                                 peers->send(to, kind, payload);
                             },
                             [this](const PublicKey& peer, const std::string& what) {
                                 bridge.misbehaved(peer, what);
                             }});
    bridge.join(*peers, *ledger, config.snapshots.serve ? snapshots.get() : nullptr);
    chain->freeze_every(config.snapshots.every_blocks);
    ledger->on_frozen([this](Frozen frozen) { snapshots->write(std::move(frozen)); });
    ledger->on_epoch([this](std::uint64_t epoch, std::set<PublicKey> keys) {
        keys.erase(peers->key());
        peers->set_validators(std::move(keys));
        peers->set_epoch(epoch);
    });
    ledger->on_damage([](const Error& error) {
        spdlog::error("a block could not be served, run millraced verify: {}", error.detail);
    });
    ledger->on_evidence([this](const consensus::Evidence& evidence) { report(evidence); });
    return {};
}

/// Puts evidence on the ledger, at this node's cost and to its reward.
void Node::Parts::report(const consensus::Evidence& evidence)
{
    spdlog::warn("a validator has broken the rules: {}", codec::enum_name(evidence.fault));
    const auto sent = adapter->submit(
        market::ValidatorEvidence{consensus::encode_message(evidence)}, [](const auto& settled) {
            spdlog::info("evidence was {}",
                         settled.what == Settled::What::applied ? "accepted" : "not accepted");
        });
    if (!sent) spdlog::warn("evidence could not be sent: {}", sent.error().detail);
}

Result<void> Node::Parts::open_host(const Home& home, const Config& config, ReadConfig read_again)
{
    auto key = read_key(home.host_key());
    if (!key) return context("host key", key.error());
    account = key->clone();
    adapter = std::make_unique<LedgerAdapter>(*network, *store, *ledger, *account, clock);
    auto address = address_of(*key);
    if (!config.host.account.empty()) {
        const auto named = parse_address(config.host.account);
        if (!named) return Error{ErrorKind::invalid, "host.account is not an address"};
        address = *named;
    }
    host.emplace(address, std::move(*key));
    auto token = read_or_make_operator_token(home, config.http, random);
    if (!token) return context("operator's token", token.error());
    models = std::make_unique<ModelHost>(home.folder, config, *store, clock, std::move(*token),
                                         std::move(read_again));
    if (const auto done = models->open(); !done) return done;
    if (const auto done = load_openai(home.folder, config.host, *store, openai); !done) return done;
    if (const auto done = book.rebuild(*journal); !done) return context("journal", done.error());
    passes = std::make_unique<PassBook>(host->key, *journal);
    if (const auto done = passes->rebuild(); !done) return context("journal", done.error());
    shelf = std::make_unique<AnswerShelf>(*journal);
    if (const auto done = shelf->rebuild(); !done) return context("journal", done.error());
    OfferTerms terms;
    terms.withdraw_delay_s = config.payment.withdraw_delay_s;
    terms.max_timeout_s = config.payment.max_timeout_s;
    terms.min_deposit = std::max(network->params().min_deposit,
                                 network->params().min_fee.times(20).value_or(Amount::max()));
    terms.validity = std::chrono::seconds{config.payment.offer_validity_s};
    terms.sign_offers = config.payment.sign_offers;
    terms.require_payment_id = config.payment.require_payment_id;
    terms.facilitator = address_of(*account);
    offers = std::make_unique<Offers>(*network, *host, terms);
    answers = std::make_unique<PaymentAnswers>(*offers, *host, random);
    settlements = std::make_unique<Settlements>(*adapter);
    PaymentTimes times;
    times.run = std::chrono::milliseconds{config.host.run_ms};
    services = std::make_unique<PaymentServices>(PaymentServices{
        *network, *host, *offers, *answers, *adapter, book, *shelf, *journal, times, {}});
    payments = std::make_unique<PaidExchanges>(*services, *journal, *settlements, clock);
    ClaimPolicy policy;
    policy.cap = config.claims.cap;
    policy.every = std::chrono::seconds{config.claims.every_s};
    keeper = std::make_unique<ClaimKeeper>(*network, *host, *adapter, book, policy);
    claims = std::make_unique<ClaimDriver>(*keeper, *adapter, clock);
    if (config.facilitator.open) {
        FacilitatorTerms settling{terms.facilitator, terms.min_deposit, {}, {}};
        for (const auto& server : config.facilitator.servers)
            settling.servers.push_back({server.key_sha256, server.pay_to});
        facilitator = std::make_unique<Facilitator>(*network, *adapter, settle_memory, settling);
        fee_budget = std::make_unique<FeeBudget>(config.facilitator.fees_per_day);
        caller_quota = std::make_unique<CallerQuota>(config.facilitator.requests_per_minute);
    }
    blobs = std::make_unique<BlobHost>(
        home.folder, config.blobs, BlobHost::Parts{disk, *store, *journal, clock, models->gate()});
    if (const auto done = blobs->open(); !done) return done;
    if (const auto done = open_providers(home, config); !done) return done;
    board = std::make_unique<BoardHost>(config.board, random.next<BoardId>(),
                                        BoardHost::Parts{*network, *store, *blobs, clock});
    inbox = std::make_unique<InboxHost>(
        config.inbox, InboxHost::Parts{*network, *store, *journal, *blobs, models->gate(), clock});
    return inbox->open();
}

/// Who keeps which batch: said, heard and made up for.
Result<void> Node::Parts::open_providers(const Home& home, const Config& config)
{
    const auto key = read_or_make_peer_key(home, random);
    if (!key) return context("peer key", key.error());
    providers = std::make_unique<ProviderService>(
        *key, provider_settings_of(config, network->genesis_id),
        ProviderService::Parts{blobs->batches(), blobs->fetches(), clock}, bridge.page_port());
    bridge.join(*providers);
    return {};
}

void Node::Parts::watch_blocks(const Home& home)
{
    events = std::make_unique<EventHub>(std::vector<std::string>{"block", "event"});
    ledger->on_block([this, home](const FinalBlock& block) {
        if (clock.now() - space_checked >= std::chrono::seconds{1}) {
            space_checked = clock.now();
            if (const auto room = check_space(home.data(), bytes_to_run); !room)
                ledger->halt(room.error());
        }
        publish(*events, block);
        if (claims) claims->wake();
    });
}

Result<void> Node::Parts::open_http(const Config& config)
{
    const auto wanted = server_config(config);
    if (!wanted) return wanted.error();
    drain_time = std::chrono::milliseconds{config.http.drain_ms};
    run_time = std::chrono::milliseconds{config.host.run_ms};

    access_log = std::make_unique<AccessLog>(access_logger(config.log));
    api = std::make_unique<ApiParts>(
        ApiParts{*network,
                 *store,
                 *ledger,
                 {std::string{node_version()}, host->host, host->authorizer},
                 [this](const Hash& digest) { return sign(host->key, digest); }});
    api->now = [this] { return clock.wall(); };
    if (!openai.all().empty()) api->beside_models = [this] { return openai_list(openai); };
    serving = std::make_unique<ServingParts>(
        ServingParts{models->catalog(), *adapter, *network, random, clock, metrics});
    serving->offers = offers.get();
    serving->payments = payments.get();
    serving->passes = passes.get();
    serving->server_name = "millrace";
    serving->server_version = std::string{node_version()};
    serving->public_url = config.http.public_url;
    serving->ready = [this] { return !stopped && ledger->halted().empty(); };
    serving->alias_targets = [this](const market::ModelId& model, const std::string& alias) {
        return alias_targets(*store, model, alias);
    };
    models->join(*serving);

    router = std::make_unique<Router>(RouterOptions{config.http.allowed_origins});
    add_api_routes(*router, *api);
    blobs->add_routes(*router, metrics, *providers);
    board->add_routes(*router, metrics);
    inbox->add_routes(*router, metrics);
    add_inference_routes(*router, *serving);
    add_model_api_routes(*router, *serving);
    add_openai_routes(*router, *serving, openai);
    add_pass_routes(*router, *serving, openai);
    models->add_reload_route(*router);
    if (config.facilitator.open)
        add_facilitator_routes(
            *router, {*facilitator, settle_memory, *fee_budget, *caller_quota, *adapter,
                      *settlements, clock, std::chrono::seconds{config.payment.max_timeout_s}});
    add_node_routes(*router, {*ledger, metrics, *events, *journal, book, *router});
    add_gauges(metrics, *ledger);
    add_payment_gauges(metrics, book);
    add_peer_routes(*router, {*peers, *ledger});
    add_peer_metrics(metrics, {*peers, *ledger});
    add_snapshot_routes(*router, metrics, *snapshots);

    server = std::make_unique<Server>(*wanted, *router, clock,
                                      std::vector<RequestObserver*>{&metrics, access_log.get()});
    if (const auto done = server->listen(); !done) return context("http", done.error());
    // Before the threads that read it start: the port is known only now where any free one will do.
    if (serving->public_url.empty())
        serving->public_url =
            "http://" + config.http.address + ":" + std::to_string(server->local().port());
    if (const auto done = server->start(); !done) return context("http", done.error());
    return {};
}

Node::Node(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}

Result<std::unique_ptr<Node>> Node::start(const Home& home, const Config& config,
                                          ReadConfig read_again)
{
    auto parts = std::make_unique<Parts>();
    if (const auto done = parts->open_ledger(home, config); !done) return done.error();
    if (const auto done = parts->open_peers(home, config); !done) return done.error();
    if (const auto done = parts->open_host(home, config, std::move(read_again)); !done)
        return done.error();
    parts->watch_blocks(home);
    parts->snapshots->start();
    parts->ledger->start();
    if (const auto done = parts->peers->start(); !done) return context("peers", done.error());
    if (const auto done = parts->open_http(config); !done) return done.error();
    parts->claims->start();
    parts->board->start();
    parts->providers->start();
    return std::unique_ptr<Node>{new Node{std::move(parts)}};
}

Node::~Node()
{
    stop();
}

std::uint16_t Node::http_port() const
{
    return parts_->server->local().port();
}

void Node::reload()
{
    parts_->models->reload();
}

void Node::stop()
{
    auto& parts = *parts_;
    if (parts.stopped.exchange(true)) return;
    parts.board->end_waits();
    // Not ready any more, and still there for who has not heard of it.
    parts.server->drain(parts.drain_time);
    parts.server->stop(parts.run_time + answer_patience);
    if (parts.ledger->halted().empty() && !parts.claims->finish(claim_patience))
        spdlog::warn("claims are left for the next start");
    parts.claims->stop();
    parts.board->stop();
    parts.providers->stop();
    parts.blobs->stop();
    parts.models->stop();
    parts.openai.close();
    parts.peers->stop();
    parts.ledger->stop();
    parts.snapshots->stop();
}

}  // namespace node
