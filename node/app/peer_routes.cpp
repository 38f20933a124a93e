#include "node/app/peer_routes.hpp"

#include "node/api/answers.hpp"
#include "node/http/await_callback.hpp"

namespace node {
namespace {

using namespace ledger;
using namespace node::api;
using codec::to_json;

constexpr std::chrono::seconds core_patience{10};

std::string snake(std::string_view words)
{
    std::string text{words};
    for (auto& letter : text)
        letter = letter == ' ' ? '_' : static_cast<char>(std::tolower(letter));
    return text;
}

json peer_json(const PeerInfo& peer)
{
    return {{"key", to_json(peer.key)},
            {"address", to_text(peer.address)},
            {"use", name_of(peer.use)},
            {"weDialled", peer.we_dialled},
            {"epoch", peer.epoch},
            {"connectedMs", peer.connected_for.count()},
            {"roundTripMs", peer.round_trip ? json(peer.round_trip->count()) : json(nullptr)},
            {"bytesIn", peer.bytes_in},
            {"bytesOut", peer.bytes_out},
            {"framesIn", peer.frames_in},
            {"framesOut", peer.frames_out},
            {"droppedIn", peer.dropped_in},
            {"droppedOut", peer.dropped_out},
            {"queuedBytes", peer.queued_bytes},
            {"score", static_cast<double>(peer.score) / 1000}};
}

json peers_json(const PeerNetwork& network)
{
    auto peers = json::array();
    for (const auto& peer : network.peers()) peers.push_back(peer_json(peer));
    const auto counters = network.counters();
    json ended = json::object();
    for (std::size_t i = 0; i < drop_reasons; ++i)
        if (counters.ended[i] != 0)
            ended[std::string{name_of(static_cast<DropReason>(i))}] = counters.ended[i];
    return {{"key", to_json(network.key())},
            {"listens", to_text(network.local())},
            {"eclipseAlarm", network.eclipse_alarm()},
            {"ended", std::move(ended)},
            {"peers", std::move(peers)}};
}

asio::awaitable<json> consensus_json(LedgerService& ledger)
{
    auto answered = co_await await_callback<Result<ConsensusStatus>>(
        [&](auto done) { ledger.consensus(done); }, core_patience);
    if (!answered || !*answered) api::refuse(503, "unavailable", "the ledger does not answer");
    const auto& status = **answered;
    const auto head = ledger.head();
    json events = json::object();
    for (std::size_t i = 0; i < status.events.size(); ++i)
        events[snake(consensus::event_name(static_cast<consensus::Event>(i)))] = status.events[i];
    co_return json{{"epoch", status.epoch},
                   {"view", status.view},
                   {"floor", status.floor},
                   {"height", head->header.height.value},
                   {"tip", to_json(head->id)},
                   {"validators", to_json(status.validators)},
                   {"index", status.index ? json(*status.index) : json(nullptr)},
                   {"isValidator", status.index.has_value()},
                   {"silenced", status.silenced},
                   {"settling", status.is_settling},
                   {"peers", status.peers},
                   {"mempool", ledger.mempool_size()},
                   {"events", std::move(events)}};
}

}  // namespace

void add_peer_routes(Router& router, const PeerRouteParts& parts)
{
    router.add(Method::get, "/v1/peers", {"Who is connected, and how connections have ended"},
               answering([parts](const Exchange&) { return peers_json(parts.network); }));
    router.add(
        Method::get, "/v1/consensus",
        {"Epoch, view and validators, and what this node has done about them", {}, {}, {503}},
        guarded([parts](Exchange&) { return consensus_json(parts.ledger); }));
}

void add_peer_metrics(Metrics& metrics, const PeerRouteParts& parts)
{
    auto& network = parts.network;
    metrics.add_gauge("millrace_peers", "Connected peers",
                      [&network] { return static_cast<double>(network.peers().size()); });
    metrics.add_gauge("millrace_peer_inbound_bytes", "Memory that received frames hold",
                      [&network] { return static_cast<double>(network.inbound_bytes()); });
    metrics.add_gauge("millrace_peer_eclipse_alarm", "1 while all peers lie in one netgroup",
                      [&network] { return network.eclipse_alarm() ? 1.0 : 0.0; });
    metrics.add_counter("millrace_peer_accepted_total", "Inbound connections let in to a handshake",
                        [&network] { return static_cast<double>(network.counters().accepted); });
    metrics.add_counter("millrace_peer_dialled_total", "Connections dialled",
                        [&network] { return static_cast<double>(network.counters().dialled); });
    metrics.add_counter("millrace_peer_connected_total", "Connections that came to be",
                        [&network] { return static_cast<double>(network.counters().connected); });
    metrics.add_counter(
        "millrace_peer_not_announced_total", "Announcements kept from peers with a bad score",
        [&network] { return static_cast<double>(network.counters().not_announced); });
    metrics.add_counter("millrace_peer_not_served_total",
                        "Requests of peers with a worse score, left unanswered",
                        [&network] { return static_cast<double>(network.counters().not_served); });
    for (std::size_t i = 0; i < drop_reasons; ++i)
        metrics.add_counter(
            "millrace_peer_ended_" + snake(name_of(static_cast<DropReason>(i))) + "_total",
            "Connections that ended for this reason",
            [&network, i] { return static_cast<double>(network.counters().ended[i]); });
    auto& ledger = parts.ledger;
    metrics.add_gauge("millrace_consensus_epoch", "Epoch of the newest step",
                      [&ledger] { return static_cast<double>(ledger.progress().epoch); });
    metrics.add_gauge("millrace_consensus_view", "View that this node is in",
                      [&ledger] { return static_cast<double>(ledger.progress().view); });
    metrics.add_gauge("millrace_consensus_floor", "View of the newest final block",
                      [&ledger] { return static_cast<double>(ledger.progress().floor); });
    for (std::size_t i = 0; i < consensus::event_count; ++i)
        metrics.add_counter(
            "millrace_consensus_" + snake(consensus::event_name(static_cast<consensus::Event>(i))) +
                "_total",
            "Times that the rule fired",
            [&ledger, i] { return static_cast<double>(ledger.progress().events[i]); });
}

}  // namespace node
