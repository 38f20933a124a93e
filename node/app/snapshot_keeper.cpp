#include "node/app/snapshot_keeper.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/store/store_nodes.hpp"
#include "node/api/answers.hpp"
#include "node/core/snapshots.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace node {

using namespace ledger;

SnapshotKeeper::SnapshotKeeper(const SnapshotsConfig& config, std::filesystem::path shelf,
                               Disk& disk, const BlockStore& store, const Clock& clock, Port port)
    : config_{config},
      store_{store},
      clock_{clock},
      port_{std::move(port)},
      shelf_{disk, std::move(shelf)},
      library_{shelf_},
      server_{
          library_,
          {.peer_bytes_per_s = config.peer_bytes_per_s, .all_bytes_per_s = config.all_bytes_per_s}}
{
}

SnapshotKeeper::~SnapshotKeeper()
{
    stop();
}

void SnapshotKeeper::start()
{
    refresh();
    writer_ = std::thread{[this] { run_writer(); }};
    answerer_ = std::thread{[this] { run_server(); }};
}

void SnapshotKeeper::stop()
{
    give_up_ = true;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (writer_.joinable()) writer_.join();
    if (answerer_.joinable()) answerer_.join();
    next_.reset();
    questions_.clear();
}

void SnapshotKeeper::write(Frozen frozen)
{
    {
        const std::lock_guard lock{mutex_};
        if (stopping_) return;
        if (writing_) {
            spdlog::info("no snapshot of block {}: the last one is still being written",
                         frozen.height.value);
            return;
        }
        next_ = std::move(frozen);
    }
    wake_.notify_all();
}

bool SnapshotKeeper::asked(const PublicKey& from, InboundFrame& frame)
{
    const auto kind = frame.frame.kind;
    if (kind == message::snapshot || kind == message::snapshot_chunk) return true;  // nobody asked
    if (kind != message::get_snapshot && kind != message::get_snapshot_chunk) return false;
    {
        const std::lock_guard lock{mutex_};
        const auto of_peer = std::ranges::count(questions_, from, &Question::from);
        if (stopping_ || questions_.size() >= waiting_questions || of_peer >= questions_of_peer)
            return true;
        questions_.push_back({from, std::move(frame)});
    }
    wake_.notify_all();
    return true;
}

void SnapshotKeeper::gone(const PublicKey& peer)
{
    const std::lock_guard lock{mutex_};
    if (gone_.size() < SnapshotServerLimits{}.peers) gone_.push_back(peer);
}

std::vector<SnapshotOffer> SnapshotKeeper::offers() const
{
    const std::lock_guard lock{mutex_};
    return offers_;
}

void SnapshotKeeper::run_writer()
{
    std::unique_lock lock{mutex_};
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || next_; });
        if (stopping_) return;
        const auto frozen = std::exchange(next_, std::nullopt);
        writing_ = true;
        lock.unlock();
        write_now(*frozen);
        lock.lock();
        writing_ = false;
        stale_ = true;
        wake_.notify_all();
    }
}

void SnapshotKeeper::write_now(const Frozen& frozen)
{
    const auto began = clock_.now();
    const auto written = [&]() -> Result<SnapshotManifest> {
        auto facts = snapshot_facts(store_, frozen.height);
        if (!facts) return facts.error();
        const StoreNodes nodes{store_};
        return shelf_.write({*frozen.state, nodes, std::move(facts->finality),
                             std::move(facts->history), std::move(facts->seals)},
                            config_.keep, {.go_on = [this] { return !give_up_; }});
    }();
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - began).count();
    if (written) {
        ++counters_.written;
        spdlog::info("snapshot of block {}: {} chunks, {} entries, {} ms", frozen.height.value,
                     written->content.ends.size(), written->content.entries, took);
    } else if (!give_up_) {
        ++counters_.failed;
        spdlog::warn("no snapshot of block {}: {}", frozen.height.value, written.error().detail);
    }
}

void SnapshotKeeper::refresh()
{
    if (const auto done = library_.refresh(); !done)
        spdlog::warn("snapshots cannot be read: {}", done.error().detail);
    auto offers = library_.offers();
    const std::lock_guard lock{mutex_};
    offers_ = std::move(offers);
}

void SnapshotKeeper::run_server()
{
    std::unique_lock lock{mutex_};
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || stale_ || !questions_.empty(); });
        if (stopping_) return;
        const bool stale = std::exchange(stale_, false);
        const auto gone = std::exchange(gone_, {});
        std::optional<Question> question;
        if (!questions_.empty()) {
            question = std::move(questions_.front());
            questions_.pop_front();
        }
        lock.unlock();
        if (stale) refresh();
        for (const auto& peer : gone) server_.remove_peer(peer);
        if (question) answer(*question);
        question.reset();
        lock.lock();
    }
}

void SnapshotKeeper::answer(const Question& question)
{
    const auto& [kind, payload] = question.frame.frame;
    const bool wants_chunk = kind == message::get_snapshot_chunk;
    const auto reply = wants_chunk
                           ? server_.on_get_chunk(question.from, payload, clock_.steady_ms())
                           : server_.on_get_snapshot(question.from, payload, clock_.steady_ms());
    if (!reply) return port_.misbehaved(question.from, reply.error().detail);
    if (wants_chunk) {
        ++counters_.chunks_sent;
        counters_.bytes_sent += reply->size();
    }
    port_.send(question.from, wants_chunk ? message::snapshot_chunk : message::snapshot, *reply);
}

void add_snapshot_routes(Router& router, Metrics& metrics, const SnapshotKeeper& keeper)
{
    router.add(Method::get, "/v1/snapshots",
               {"Snapshots of the state that peers may fetch here, the newest first"},
               api::answering([&keeper](const Exchange&) -> api::json {
                   auto items = api::json::array();
                   for (const auto& [id, height] : keeper.offers())
                       items.push_back({{"id", codec::to_json(id)}, {"height", height.value}});
                   return {{"items", std::move(items)}};
               }));
    metrics.add_gauge(
        "millrace_snapshot_height", "Height of the newest snapshot, 0 without one", [&keeper] {
            const auto offers = keeper.offers();
            return offers.empty() ? 0.0 : static_cast<double>(offers.front().height.value);
        });
    const auto count = [&](const char* name, const char* help, const auto& counter) {
        metrics.add_counter(name, help, [&counter] { return static_cast<double>(counter.load()); });
    };
    const auto& counters = keeper.counters();
    count("millrace_snapshots_written_total", "Snapshots written", counters.written);
    count("millrace_snapshots_failed_total", "Snapshots that could not be written",
          counters.failed);
    count("millrace_snapshot_answers_total", "Answers to questions for a chunk",
          counters.chunks_sent);
    count("millrace_snapshot_bytes_sent_total", "Bytes of those answers", counters.bytes_sent);
}

}  // namespace node
