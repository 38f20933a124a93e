#pragma once

#include "node/serving/openai_call.hpp"

namespace node {

/// Runs a call that asks for a stream. Until the server's first event is there every failure is an
/// answer as without a stream. With it the answer begins, and what comes from then on is passed on
/// as server-sent events, but for the last ones: those are the part of the response's body that
/// CallResult::sent leaves out, to be given once the call is charged. Where `terms` withhold the
/// answer nothing is written, and the response is the whole.
///
/// A stream is cut off where the price's units of bytes or time, the time of the call or the bound
/// of an answer are reached, or when the caller hangs up. That is served, and counts the tokens
/// that the server has said, else one for each event with content that was passed on; the rest
/// of the answer says so in an event. A server that fails in the middle makes the call fail.
asio::awaitable<CallResult> stream_openai(Exchange&, const OpenAiModel& model,
                                          const inference::OpenAiRequest& read,
                                          inference::UpstreamRequest request, std::size_t bytes_in,
                                          const TokenTerms& terms,
                                          std::chrono::steady_clock::time_point deadline,
                                          Metrics* metrics);

}  // namespace node
