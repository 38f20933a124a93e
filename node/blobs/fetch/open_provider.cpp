#include "node/blobs/fetch/batch_fetches.hpp"
#include "node/upstream/http_upstream.hpp"

namespace node {
namespace {

using ledger::transfer::ProviderFault;
using ledger::transfer::WebCall;
using ledger::transfer::WebReply;

ProviderFault fault_of(inference::UpstreamFault fault)
{
    switch (fault) {
        case inference::UpstreamFault::malformed:
            return ProviderFault::lied;
        case inference::UpstreamFault::too_large:
            return ProviderFault::flooded;
        case inference::UpstreamFault::deadline:
        case inference::UpstreamFault::cancelled:
            return ProviderFault::stalled;
        case inference::UpstreamFault::busy:
            return ProviderFault::refused;
        default:
            return ProviderFault::vanished;
    }
}

}  // namespace

ledger::Result<ledger::transfer::WebGet> open_provider(const std::string& url, Reach reach)
{
    const auto parsed = parse_server_url(url);
    if (!parsed) return parsed.error();
    HttpUpstreamOptions options;
    options.url = *parsed;
    // No answer is longer; a provider that goes on is cut off here, whatever it was asked.
    options.limits.body_bytes = ledger::transfer::piece_bytes;
    options.limits.public_alone = reach == Reach::public_alone;
    auto upstream = HttpUpstream::open(std::move(options));
    if (!upstream) return upstream.error();
    return [upstream = *upstream](const WebCall& call) -> ledger::Result<WebReply, ProviderFault> {
        const inference::RunControl control{std::chrono::steady_clock::now() + call.patience,
                                            call.stop};
        auto reply = upstream->call({"GET", call.target}, control);
        if (!reply) return fault_of(reply.error().fault);
        return WebReply{reply->status, std::move(reply->body)};
    };
}

}  // namespace node
