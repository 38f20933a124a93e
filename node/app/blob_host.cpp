#include "node/app/blob_host.hpp"

#include "node/app/open_bucket.hpp"
#include "node/blobs/bucket/bucket_chunks.hpp"
#include "node/blobs/bucket/bucket_metrics.hpp"
#include "node/providers/provider_routes.hpp"

#include <spdlog/spdlog.h>

namespace node {

using namespace ledger;

namespace {

constexpr std::size_t disk_threads = 4;
/// Calls to a bucket take their time, and wait most of it.
constexpr std::size_t bucket_threads = 16;

void tell_of_bucket(const std::string& label, const std::string& reason)
{
    if (reason.empty())
        spdlog::info("sealed batches: the bucket at {} answers", label);
    else
        spdlog::error("sealed batches: {}; no chunks come or go until it answers", reason);
}

}  // namespace

ProviderSettings provider_settings_of(const Config& config, const BlockId& genesis)
{
    auto settings = provider_settings(config.blobs.announce_s);
    settings.genesis = genesis;
    const auto& url = config.blobs.url_or(config.http.public_url);
    if (is_provider_url(url)) settings.url = url;
    settings.copies = static_cast<std::uint8_t>(config.blobs.copies);
    settings.mirrors = config.blobs.mirror;
    return settings;
}

BlobHost::BlobHost(const std::filesystem::path& home, const BlobsConfig& config, const Parts& parts)
    : home_{home},
      config_{config},
      folder_{(home / config.dir).string()},
      parts_{parts},
      cards_{parts.journal},
      registered_{parts.store, parts.clock},
      rates_{config.caller_bytes_per_s}
{
}

BlobHost::~BlobHost()
{
    stop();
}

Result<std::unique_ptr<ChunkPlace>> BlobHost::open_place()
{
    if (config_.bucket.url.empty()) return std::make_unique<ChunkFiles>(parts_.disk);
    auto opened = open_bucket(home_, config_.bucket, parts_.clock, bucket_counts_, tell_of_bucket);
    if (!opened) return opened.error();
    bucket_ = std::move(*opened);
    return std::make_unique<BucketChunks>(*bucket_, parts_.disk);
}

Result<void> BlobHost::open()
{
    if (const auto done = cards_.rebuild(); !done)
        return Error{done.error().kind, "journal: " + done.error().detail};
    BatchLimits limits;
    limits.quota_bytes = config_.quota_bytes;
    auto place = open_place();
    if (!place) return Error{place.error().kind, "sealed batches: " + place.error().detail};
    if (bucket_) static_cast<void>(bucket_->probe());  // tells the log
    auto opened = DiskBatches::open(
        parts_.disk, folder_, parts_.clock, limits,
        [](const std::string& what) {
            spdlog::warn("sealed batches: damaged and thrown away: {}", what);
        },
        std::move(*place));
    if (!opened) return Error{opened.error().kind, "sealed batches: " + opened.error().detail};
    batches_ = std::move(*opened);
    announced_ = std::make_unique<AnnouncedRoots>(*batches_);
    wanted_.add(*announced_);
    background_ = std::make_unique<Background>(bucket_ ? bucket_threads : disk_threads);
    FetchServiceLimits fetching;
    fetching.bytes_per_second = config_.fetch_bytes_per_s;
    fetches_ =
        std::make_unique<BatchFetches>(*batches_, parts_.clock, counts_, open_provider, fetching);
    ScrubLimits scrubbing;
    scrubbing.bytes_per_second = config_.scrub_bytes_per_s;
    scrubbing.rest = std::chrono::seconds{config_.scrub_rest_s};
    if (bucket_) scrubbing.step_chunks = transfer::piece_chunks;  // what one object has
    scrubber_ = std::make_unique<Scrubber>(
        *batches_, counts_, scrubbing, [this](const Hash& root) { fetches_->start_again(root); });
    scrubber_->start();
    return {};
}

void BlobHost::add_routes(Router& router, Metrics& metrics, const ProviderService& providers)
{
    add_blob_routes(router, {cards_, registered_});
    BatchParts parts{*batches_, *background_, *fetches_, wanted_,      parts_.gate,
                     callers_,  rates_,       counts_,   parts_.clock, {config_.open}};
    parts.known_providers = [&providers](const Hash& root) {
        return providers.urls_of(root, FetchServiceLimits{}.providers);
    };
    parts.known_reach = providers.reach();
    add_batch_routes(router, parts);
    add_batch_operator_routes(router, parts);
    add_provider_routes(router, parts, providers);
    add_provider_metrics(metrics, providers);
    add_batch_metrics(metrics, *batches_, *fetches_, counts_);
    if (bucket_) add_bucket_metrics(metrics, bucket_counts_);
}

void BlobHost::stop()
{
    // Nothing that waits for a bucket was acknowledged.
    if (bucket_) bucket_->stop();
    if (scrubber_) scrubber_->stop();
    if (fetches_) fetches_->stop();
    if (background_) background_->finish();
}

}  // namespace node
