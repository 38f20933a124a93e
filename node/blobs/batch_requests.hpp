#pragma once

#include "node/api/answers.hpp"
#include "node/blobs/batch_routes.hpp"

/// What the route files of batches share.
namespace node::batches {

using namespace ledger;
using api::json;
using api::must;

/// Whether the caller is the node's operator; refuses (403) who shows another token.
bool is_operator(const BatchParts& parts, Exchange& exchange);
/// Refuses who is not the operator: 401 or 403.
void only_operator(const BatchParts& parts, Exchange& exchange);
/// Refuses (401) who may not put this batch.
void may_put(const BatchParts& parts, Exchange& exchange, const Hash& root);

/// A place among those who hold memory here, for as long as it lives, and the right to move so
/// many bytes; refuses with 429 or 503. The operator needs no right.
CallerLimits::Permit admit(const BatchParts& parts, Exchange& exchange, std::uint64_t bytes);

Hash root_of(const Exchange& exchange);
/// The range in the path, within `all` and at most `most`.
ChunkRange range_of(const Exchange& exchange, std::uint64_t all, std::uint64_t most);

/// The body, which has to have exactly so many bytes.
asio::awaitable<Bytes> body_of(Exchange& exchange, std::size_t bytes);

/// The value, or the refusal that its error means here.
template <class T>
T found(Result<T> result)
{
    if (result) return std::move(*result);
    const auto& error = result.error();
    if (error.kind == ErrorKind::full) api::refuse(507, "full", error.detail);
    if (error.kind == ErrorKind::invalid) api::refuse(422, "invalid", error.detail);
    if (error.kind == ErrorKind::denied) api::refuse(409, "held", error.detail);
    api::refuse(error);
}
inline void done(const Result<void>& result)
{
    if (!result) found(Result<int>{result.error()});
}

/// What GET /v1/batches/{root} says; with the fetch for the operator.
asio::awaitable<json> status_json(const BatchParts& parts, const Hash& root, std::uint64_t from,
                                  bool with_fetch);

}  // namespace node::batches
