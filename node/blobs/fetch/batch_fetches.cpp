#include "node/blobs/fetch/batch_fetches.hpp"

#include <set>

namespace node {

using namespace ledger;
using transfer::FetchCrew;
using transfer::FetchStatus;

namespace {

constexpr std::chrono::seconds manifest_patience{10};

/// Where a fetch keeps what comes.
class StoreSink final : public transfer::BatchSink {
public:
    StoreSink(BatchStore& store, const Hash& root, std::uint64_t chunks, BatchCounts& counts)
        : store_{store}, root_{root}, chunks_{chunks}, counts_{counts}
    {
    }
    Result<void> begin_table() override { return {}; }  // leaf 0 begins anew
    Result<void> add_leaves(std::uint64_t first, ByteView leaves) override
    {
        const auto end = first + leaves.size() / sealing::LeafTable::entry_bytes;
        const auto put = store_.put_leaves(root_, first, leaves);
        // With the last leaf the store looks at the root: that the table does not hold is no
        // failure of ours.
        holds_ = put.has_value();
        if (!put && end == chunks_ && put.error().kind == ErrorKind::invalid) return {};
        return put;
    }
    Result<bool> finish_table() override { return holds_; }
    Result<std::uint64_t> keep(const ChunkRange& range, ByteView bytes) override
    {
        auto good = store_.put_chunks(root_, range.first, bytes);
        if (good && *good == range.count) counts_.fetched_bytes += bytes.size();
        return good;
    }
    Result<void> sync() override { return store_.sync(root_); }

private:
    BatchStore& store_;
    const Hash root_;
    const std::uint64_t chunks_;
    BatchCounts& counts_;
    bool holds_ = false;
};

bool fits(const FetchOrder& order, const Hash& root, const BatchManifest& manifest)
{
    return manifest.root == root && (order.chunks == 0 || order.chunks == manifest.chunks) &&
           (order.bytes == 0 || order.bytes == manifest.bytes) &&
           (order.point == PublicKey{} || order.point == manifest.point);
}

Result<BatchManifest> ask_manifest(const FetchOrder& order, const Hash& root,
                                   const std::vector<FetchCrew::Provider>& providers,
                                   const std::stop_token& stop)
{
    for (const auto& provider : providers) {
        if (stop.stop_requested()) break;
        const auto reply = provider.get({transfer::batch_target(root) + "/manifest",
                                         transfer::manifest_bytes, manifest_patience, stop});
        if (!reply || reply->status != 200) continue;
        auto manifest = transfer::parse_manifest(as_text(reply->body));
        if (manifest && fits(order, root, *manifest)) return manifest;
    }
    return Error{ErrorKind::unavailable, "no provider has the manifest of this batch"};
}

}  // namespace

BatchFetches::BatchFetches(BatchStore& store, const Clock& clock, BatchCounts& counts, OpenGet open,
                           const FetchServiceLimits& limits)
    : store_{store}, clock_{clock}, counts_{counts}, open_{std::move(open)}, limits_{limits}
{
}

BatchFetches::~BatchFetches()
{
    stop();
}

Result<void> BatchFetches::start(const Hash& root, FetchOrder order)
{
    const std::set<std::string> different{order.providers.begin(), order.providers.end()};
    if (order.providers.empty() || order.providers.size() > limits_.providers ||
        different.size() != order.providers.size())
        return invalid("a batch is fetched from 1 to " + std::to_string(limits_.providers) +
                       " different providers");
    for (const auto& url : order.providers)
        if (const auto get = open_(url, order.reach); !get)
            return invalid(url + ": " + get.error().detail);
    std::vector<std::jthread> ended;
    const std::lock_guard lock{mutex_};
    if (stopped_) return Error{ErrorKind::unavailable, "the node is stopping"};
    ended.swap(ended_);  // joined at once: they have nothing left to do
    auto& fetch = fetches_[root];
    if (fetch.number != 0 && fetch.state == "running")
        return Error{ErrorKind::unavailable, "this batch is being fetched already"};
    std::size_t running = 0;
    for (const auto& [other, known] : fetches_)
        if (known.number != 0 && known.state == "running") ++running;
    if (running >= limits_.running) {
        if (fetch.number == 0) fetches_.erase(root);
        return Error{ErrorKind::full, "too many batches are being fetched"};
    }
    fetch = Fetch{};
    fetch.order = std::move(order);
    fetch.number = next_number_++;
    fetch.thread = std::jthread{[this, root, wanted = fetch.order](const std::stop_token& stop) {
        run(root, wanted, stop);
    }};
    forget_oldest();
    return {};
}

void BatchFetches::start_again(const Hash& root)
{
    std::optional<FetchOrder> order;
    {
        const std::lock_guard lock{mutex_};
        const auto found = fetches_.find(root);
        if (found != fetches_.end() && found->second.state != "running")
            order = found->second.order;
    }
    if (order) static_cast<void>(start(root, std::move(*order)));
}

void BatchFetches::run(const Hash& root, const FetchOrder& order, const std::stop_token& stop)
{
    const auto done = fetch(root, order, stop);
    const std::lock_guard lock{mutex_};
    auto& fetch = fetches_.at(root);
    fetch.state = done ? "done" : stop.stop_requested() ? "stopped" : "failed";
    if (!done) fetch.error = done.error().detail;
    ended_.push_back(std::move(fetch.thread));
}

Result<void> BatchFetches::fetch(const Hash& root, const FetchOrder& order,
                                 const std::stop_token& stop)
{
    std::vector<FetchCrew::Provider> providers;
    for (const auto& url : order.providers) {
        auto get = open_(url, order.reach);
        if (!get) return get.error();
        providers.push_back({url, std::move(*get)});
    }
    // What is here says more of the batch than any provider.
    auto manifest = store_.manifest(root);
    if (!manifest) manifest = ask_manifest(order, root, providers, stop);
    if (!manifest) return manifest.error();
    if (!fits(order, root, *manifest)) return invalid("the batch kept here has other numbers");
    if (manifest->bytes > order.most_bytes)
        return Error{ErrorKind::full, "the batch is larger than what is free for it"};
    if (const auto made = store_.create(*manifest, order.holder); !made) return made;
    // Nobody is to be blamed for what a damaged table of ours says.
    if (const auto looked = store_.scrub(root, 0, 0); !looked) return looked.error();
    const auto known = store_.info(root);
    const auto have = store_.have(root);
    if (!known || !have) return known ? have.error() : known.error();

    StoreSink sink{store_, root, manifest->chunks, counts_};
    transfer::FetchLimits limits;
    limits.bytes_per_second = limits_.bytes_per_second;
    FetchCrew crew{{manifest->summary(), std::move(providers), sink, *have, known->has_table(),
                    limits, [this] { return clock_.steady_ms(); }}};
    {
        const std::lock_guard lock{mutex_};
        fetches_.at(root).crew = &crew;
    }
    auto done = crew.run(stop);
    const std::lock_guard lock{mutex_};
    auto& fetch = fetches_.at(root);
    fetch.crew = nullptr;
    fetch.told = crew.told();
    return done;
}

std::optional<FetchStatus> BatchFetches::status(const Hash& root) const
{
    const std::lock_guard lock{mutex_};
    const auto found = fetches_.find(root);
    if (found == fetches_.end()) return {};
    const auto& fetch = found->second;
    const auto told = fetch.crew ? fetch.crew->told() : fetch.told;
    FetchStatus status{fetch.state, fetch.error, told.bytes, {}};
    for (const auto& one : told.providers)
        status.providers.push_back(
            {one.url, one.bytes, std::string{one.dropped ? in_words(*one.dropped) : ""}});
    return status;
}

std::size_t BatchFetches::running() const
{
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(
        std::count_if(fetches_.begin(), fetches_.end(),
                      [](const auto& known) { return known.second.state == "running"; }));
}

/// With the lock. Those that run are few.
void BatchFetches::forget_oldest()
{
    while (fetches_.size() > limits_.remembered + limits_.running) {
        auto oldest = fetches_.end();
        for (auto at = fetches_.begin(); at != fetches_.end(); ++at)
            if (at->second.state != "running" &&
                (oldest == fetches_.end() || at->second.number < oldest->second.number))
                oldest = at;
        if (oldest == fetches_.end()) return;
        fetches_.erase(oldest);
    }
}

void BatchFetches::stop()
{
    std::vector<std::jthread> threads;
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
        threads.swap(ended_);
        for (auto& [root, fetch] : fetches_) threads.push_back(std::move(fetch.thread));
    }
    for (auto& thread : threads) thread.request_stop();
}

}  // namespace node
