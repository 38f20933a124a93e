#pragma once

#include "node/app/config.hpp"
#include "node/blobs/batch_routes.hpp"
#include "node/blobs/blob_routes.hpp"
#include "node/blobs/bucket/bucket.hpp"
#include "node/blobs/store/disk_batches.hpp"
#include "node/blobs/store/scrubber.hpp"
#include "node/providers/provider_service.hpp"

namespace node {

/// What a node's configuration lets it say of itself to who looks for batches.
ProviderSettings provider_settings_of(const Config& config, const ledger::BlockId& genesis);

/// What a running node keeps for others: cards of models, and sealed batches, whose chunks may lie
/// in a bucket.
class BlobHost {
public:
    /// The referred-to must outlive this.
    struct Parts {
        ledger::Disk& disk;
        const ledger::BlockStore& store;
        PaymentJournal& journal;
        const Clock& clock;
        const OperatorGate& gate;
    };
    BlobHost(const std::filesystem::path& home, const BlobsConfig& config, const Parts& parts);
    /// As stop().
    ~BlobHost();

    /// Reads what is there, and begins to look for damage. A bucket that does not answer is logged
    /// and no error.
    ledger::Result<void> open();
    /// Others for whom batches are taken and held; before the routes are asked.
    void add_wanted(const WantedRoots& wanted) { wanted_.add(wanted); }
    BatchStore& batches() { return *batches_; }
    BatchFetches& fetches() { return *fetches_; }
    Background& background() { return *background_; }
    /// `providers` must outlive the router.
    void add_routes(Router& router, Metrics& metrics, const ProviderService& providers);
    /// Ends fetches, and what is on its way to the disk; for the end, when no more calls come.
    void stop();

private:
    ledger::Result<std::unique_ptr<ChunkPlace>> open_place();

    const std::filesystem::path home_;
    const BlobsConfig config_;
    const std::string folder_;
    Parts parts_;
    CardStore cards_;
    RegisteredCards registered_;
    BatchCounts counts_;
    CallerLimits callers_{4'096};
    ByteRates rates_;
    BucketCounts bucket_counts_;
    std::unique_ptr<Bucket> bucket_;  ///< empty: chunks lie on the disk
    std::unique_ptr<DiskBatches> batches_;
    std::unique_ptr<AnnouncedRoots> announced_;
    RootsOfSeveral wanted_;
    std::unique_ptr<Background> background_;
    std::unique_ptr<BatchFetches> fetches_;
    std::unique_ptr<Scrubber> scrubber_;
};

}  // namespace node
