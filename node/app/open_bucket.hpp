#pragma once

#include "node/app/config.hpp"
#include "node/blobs/bucket/bucket.hpp"

namespace node {

/// Told when a bucket begins to answer (`reason` is empty) and when it stops to, with its label.
using BucketTold = std::function<void(const std::string& label, const std::string& reason)>;

/// The bucket of a configuration that has one; nothing is asked of it yet. Errors: `invalid` for
/// what makes no sense, `denied` for a secret file that others can read, `not_found` for none. The
/// secret is in none of them. The referred-to must outlive the bucket.
ledger::Result<std::unique_ptr<Bucket>> open_bucket(const std::filesystem::path& home,
                                                    const BucketConfig& config, const Clock& clock,
                                                    BucketCounts& counts,
                                                    const BucketTold& told = {},
                                                    const BucketLimits& limits = {});

}  // namespace node
