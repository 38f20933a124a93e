#include "wallet/batches/fetch_batch.hpp"

#include "wallet/batches/partial_batch.hpp"

#include <chrono>

namespace wallet {
namespace {

namespace transfer = ledger::transfer;

transfer::Instant steady_ms()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<transfer::Instant>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Failure unfinished(const ledger::Error& error, const FetchedBatch& fetched)
{
    auto failure = failure_of(error);
    failure.message += "; what has come is kept in " + fetched.folder.string() +
                       ".partial, and the same command goes on from there";
    for (const auto& one : fetched.told.providers)
        if (one.dropped)
            failure.message += "\n" + one.url + ": " + std::string{in_words(*one.dropped)};
    return failure;
}

}  // namespace

Outcome<BatchManifest> manifest_of(const std::vector<BatchClient>& nodes, const ledger::Hash& root)
{
    Failure why{Fault::usage, "no node was named to fetch from"};
    bool is_first = true;
    for (const auto& node : nodes) {
        auto manifest = node.manifest(root);
        if (manifest) return manifest;
        if (is_first || why.fault == Fault::unreachable) why = manifest.error();
        is_first = false;
    }
    return why;
}

Outcome<FetchedBatch> fetch_batch(const std::vector<BatchClient>& nodes,
                                  const BatchManifest& manifest,
                                  const std::filesystem::path& folder,
                                  std::uint64_t bytes_per_second, const BeginTelling& begin)
{
    FetchedBatch fetched{manifest, folder, {}};
    auto partial = PartialBatch::open(folder, manifest);
    if (!partial) return failure_of(partial.error());
    const auto all = manifest.bytes;
    {
        const auto tell = begin("looking", all);
        if (auto done = (*partial)->look(*tell); !done) return failure_of(done.error());
    }
    std::vector<transfer::FetchCrew::Provider> providers;
    for (const auto& node : nodes) providers.push_back({node.url().origin(), node.get()});
    transfer::FetchLimits limits;
    limits.bytes_per_second = bytes_per_second;
    const auto tell = begin("fetching", all);
    transfer::FetchCrew crew{{manifest.summary(), std::move(providers), **partial,
                              (*partial)->have(), (*partial)->has_table(), limits, steady_ms,
                              [&](const transfer::ChunkSet& have) {
                                  (*tell)(have.count() * ledger::sealing::sealed_chunk_bytes);
                              }}};
    const auto done = crew.run({});
    fetched.told = crew.told();
    if (!done) return unfinished(done.error(), fetched);
    if (auto named = (*partial)->commit(); !named) return failure_of(named.error());
    return fetched;
}

}  // namespace wallet
