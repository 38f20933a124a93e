#include "node/app/doctor_checks.hpp"
#include "node/app/open_bucket.hpp"

// The object store, where chunks of sealed batches lie in one.
namespace node::doctor {

using namespace ledger;
using namespace std::chrono_literals;

namespace {

Result<void> try_out(Bucket& bucket)
{
    const std::string test_key{Bucket::trial_key};
    const auto wanted = as_bytes("millraced doctor was here\n");
    if (const auto done = bucket.probe(); !done) return done;
    if (const auto done = bucket.put(test_key, {wanted.begin(), wanted.end()}); !done) return done;
    const auto got = bucket.get(test_key, 0, 100);
    if (!got) return got.error();
    if (!std::ranges::equal(*got, wanted))
        return Error{ErrorKind::corrupt, "the bucket does not give back what was put into it"};
    return bucket.remove({test_key});
}

}  // namespace

void look_at_bucket(Findings& findings, const Home& home, const Config& config, const Clock& clock)
{
    const auto& wanted = config.blobs.bucket;
    if (wanted.url.empty()) return;
    BucketCounts counts;
    BucketLimits limits;
    limits.attempts = 2;
    limits.attempt = 5s;
    const auto bucket = open_bucket(home.folder, wanted, clock, counts, {}, limits);
    if (!bucket) {
        findings.fail(
            "bucket", bucket.error().detail,
            "put the secret key alone into the file, with chmod 600; docs/object-store.md "
            "says what blobs.bucket is");
        return;
    }
    const auto label = (*bucket)->address().label();
    if (const auto done = try_out(**bucket); !done)
        findings.fail("bucket", done.error().detail,
                      "until it answers no chunks of sealed batches come or go; see that the key "
                      "may list, get, put and delete below " +
                          label);
    else if (!(*bucket)->address().url.tls && !(*bucket)->address().url.is_loopback())
        findings.warn("bucket", label + " works, without TLS",
                      "use https, or a network that nobody else hears");
    else
        findings.ok("bucket", label + " takes objects, gives them back and removes them");
}

}  // namespace node::doctor
