#pragma once

#include "wallet/client/failure.hpp"
#include "web/http_client.hpp"

namespace wallet {

using web::HttpBounds;
using web::HttpHeaders;
using web::HttpReply;
using web::HttpRequest;
using web::HttpTrust;
using web::NodeUrl;

/// The failure that one of the client's means here.
Failure failure_of(const web::Failure& failure);

/// web::parse_url; `usage`.
Outcome<NodeUrl> parse_url(std::string_view text);

/// web::HttpClient, whose failures are the wallet's.
class HttpClient {
public:
    explicit HttpClient(NodeUrl url, HttpBounds bounds = {}, HttpTrust trust = {})
        : client_{std::move(url), bounds, std::move(trust)}
    {
    }
    /// Any status is an answer.
    Outcome<HttpReply> call(const HttpRequest& request) const;
    const NodeUrl& url() const { return client_.url(); }

private:
    web::HttpClient client_;
};

}  // namespace wallet
