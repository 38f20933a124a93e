#pragma once

#include "inference/remote/openai_request.hpp"
#include "node/serving/inference_call.hpp"
#include "node/serving/openai_models.hpp"

namespace node {

/// What the prices of a model say of a call.
struct TokenTerms {
    std::optional<std::uint64_t> most_out;  ///< paid for; empty: no price is by such tokens
    bool counted = false;                   ///< a price is by tokens: the server has to tell them
    std::optional<std::uint64_t> most_bytes_out = {};  ///< as most_out: a stream ends there
    std::optional<std::uint64_t> most_ms = {};
    bool may_stream = true;  ///< the answer may leave before it is paid for, up to its end
};

/// Why such a call cannot be made of the body, in the form of OpenAI's errors; empty when it can.
std::optional<Response> unfit_for(const OpenAiModel& model, inference::OpenAiCall call,
                                  const ledger::Bytes& body, const TokenTerms&);

/// Sends one call on to the model's server and gives back its answer as it is, with what it used.
/// Every failure is an answer in the form of OpenAI's, uncharged: a body that makes no sense 400,
/// another model than `model` 404, a full queue 429, a server that is not there 503, one that does
/// not say what it used although that is the price 502. Ends early when the caller is gone. Comes
/// back on the coroutine's executor. A call that asks for a stream goes to stream_openai.
asio::awaitable<CallResult> call_openai(Exchange&, const OpenAiModel& model,
                                        inference::OpenAiCall call, const ledger::Bytes& body,
                                        const TokenTerms& terms,
                                        std::chrono::steady_clock::time_point deadline,
                                        Metrics* metrics);

/// The smaller of what the sheets allow.
TokenTerms token_terms(const std::vector<PricedVersion>& versions);

}  // namespace node
