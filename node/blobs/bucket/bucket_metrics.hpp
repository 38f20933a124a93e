#pragma once

#include "node/blobs/bucket/bucket.hpp"
#include "node/http/metrics.hpp"

namespace node {

/// millrace_bucket_*: whether the bucket answers, and what was asked of it. `counts` outlive the
/// metrics.
void add_bucket_metrics(Metrics& metrics, const BucketCounts& counts);

}  // namespace node
