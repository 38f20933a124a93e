#include "wallet/client/http_client.hpp"

namespace wallet {
namespace {

Fault fault_of(web::Fault fault)
{
    switch (fault) {
        case web::Fault::usage:
            return Fault::usage;
        case web::Fault::unreachable:
            return Fault::unreachable;
        case web::Fault::unverified:
            return Fault::unverified;
        case web::Fault::timeout:
            return Fault::timeout;
        case web::Fault::failed:
            break;
    }
    return Fault::failed;
}

}  // namespace

Failure failure_of(const web::Failure& failure)
{
    return {fault_of(failure.fault), failure.message};
}

Outcome<NodeUrl> parse_url(std::string_view text)
{
    auto url = web::parse_url(text);
    if (!url) return failure_of(url.error());
    return std::move(*url);
}

Outcome<HttpReply> HttpClient::call(const HttpRequest& request) const
{
    auto reply = client_.call(request);
    if (!reply) return failure_of(reply.error());
    return std::move(*reply);
}

}  // namespace wallet
