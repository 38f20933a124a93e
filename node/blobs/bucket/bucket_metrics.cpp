#include "node/blobs/bucket/bucket_metrics.hpp"

namespace node {

void add_bucket_metrics(Metrics& metrics, const BucketCounts& counts)
{
    metrics.add_gauge("millrace_bucket_up", "1 while the last call to the bucket was answered",
                      [&counts] { return counts.is_up ? 1.0 : 0.0; });
    const auto counter = [&](const char* name, const char* help,
                             std::atomic<std::uint64_t> BucketCounts::*member) {
        metrics.add_counter(
            name, help, [&counts, member] { return static_cast<double>((counts.*member).load()); });
    };
    counter("millrace_bucket_calls_total", "Calls to the bucket", &BucketCounts::calls);
    counter("millrace_bucket_retries_total", "Requests that were sent again",
            &BucketCounts::retries);
    counter("millrace_bucket_failures_total", "Calls that were given up", &BucketCounts::failures);
    counter("millrace_bucket_sent_bytes_total", "Bytes of objects put", &BucketCounts::sent_bytes);
    counter("millrace_bucket_received_bytes_total", "Bytes of objects read",
            &BucketCounts::received_bytes);
}

}  // namespace node
