#include "node/app/open_bucket.hpp"

#include "node/upstream/http_upstream.hpp"

namespace node {

using namespace ledger;
namespace fs = std::filesystem;

namespace {

/// More than threads that ask at one time: 16 for requests, two for each of 16 providers of four
/// fetches, and the scrubber.
constexpr std::size_t connections = 160;

fs::path in_home(const fs::path& home, const std::string& path)
{
    return path.empty() || fs::path{path}.is_absolute() ? fs::path{path} : home / path;
}

}  // namespace

Result<std::unique_ptr<Bucket>> open_bucket(const fs::path& home, const BucketConfig& config,
                                            const Clock& clock, BucketCounts& counts,
                                            const BucketTold& told, const BucketLimits& limits)
{
    auto url = parse_server_url(config.url);
    if (!url) return invalid("blobs.bucket.url: " + url.error().detail);
    auto address = bucket_address(std::move(*url), config.name, config.prefix, config.path_style);
    if (!address) return invalid("blobs.bucket: " + address.error().detail);
    const auto file = in_home(home, config.secret_file);
    auto secret = read_credentials(file, {}, "secret");
    if (!secret)
        return Error{secret.error().kind,
                     "blobs.bucket.secretFile " + file.string() + ": " + secret.error().detail};
    HttpUpstreamOptions options{address->url, in_home(home, config.authorities).string()};
    options.limits.body_bytes = bucket_answer_bytes;
    options.connections = connections;
    auto upstream = HttpUpstream::open(std::move(options));
    if (!upstream) return upstream.error();
    signature::Signer signer{config.access_key, std::move(secret->value), config.region};
    Bucket::Told tell;
    if (told)
        tell = [told, label = address->label()](const std::string& reason) { told(label, reason); };
    return std::make_unique<Bucket>(std::move(*upstream), std::move(*address), std::move(signer),
                                    clock, counts, std::move(tell), limits);
}

}  // namespace node
