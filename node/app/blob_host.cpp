#include "node/app/blob_host.hpp"

#include <spdlog/spdlog.h>

namespace node {

using namespace ledger;

namespace {

constexpr std::size_t disk_threads = 4;

}  // namespace

BlobHost::BlobHost(const std::filesystem::path& home, const BlobsConfig& config, const Parts& parts)
    : config_{config},
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

Result<void> BlobHost::open()
{
    if (const auto done = cards_.rebuild(); !done)
        return Error{done.error().kind, "journal: " + done.error().detail};
    BatchLimits limits;
    limits.quota_bytes = config_.quota_bytes;
    auto opened =
        DiskBatches::open(parts_.disk, folder_, parts_.clock, limits, [](const std::string& what) {
            spdlog::warn("sealed batches: damaged on the disk and thrown away: {}", what);
        });
    if (!opened) return Error{opened.error().kind, "sealed batches: " + opened.error().detail};
    batches_ = std::move(*opened);
    announced_ = std::make_unique<AnnouncedRoots>(*batches_);
    wanted_.add(*announced_);
    background_ = std::make_unique<Background>(disk_threads);
    FetchServiceLimits fetching;
    fetching.bytes_per_second = config_.fetch_bytes_per_s;
    fetches_ =
        std::make_unique<BatchFetches>(*batches_, parts_.clock, counts_, open_provider, fetching);
    ScrubLimits scrubbing;
    scrubbing.bytes_per_second = config_.scrub_bytes_per_s;
    scrubber_ = std::make_unique<Scrubber>(
        *batches_, counts_, scrubbing, [this](const Hash& root) { fetches_->start_again(root); });
    scrubber_->start();
    return {};
}

void BlobHost::add_routes(Router& router, Metrics& metrics)
{
    add_blob_routes(router, {cards_, registered_});
    const BatchParts parts{*batches_, *background_, *fetches_, wanted_,      parts_.gate,
                           callers_,  rates_,       counts_,   parts_.clock, {config_.open}};
    add_batch_routes(router, parts);
    add_batch_operator_routes(router, parts);
    add_batch_metrics(metrics, *batches_, *fetches_, counts_);
}

void BlobHost::stop()
{
    if (scrubber_) scrubber_->stop();
    if (fetches_) fetches_->stop();
    if (background_) background_->finish();
}

}  // namespace node
