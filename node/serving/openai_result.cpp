#include "node/serving/openai_result.hpp"

#include "node/http/http_error.hpp"

namespace node {

using inference::InferError;
using inference::InferErrorKind;

CallResult openai_failure(unsigned status, std::string code, std::string message)
{
    CallResult result{error_response("/v1", {status, std::move(code), std::move(message)})};
    if (status == 429 || status == 503) result.response.with("Retry-After", "1");
    return result;
}

CallResult openai_failure(const InferError& error)
{
    const auto busy = error.kind == InferErrorKind::busy;
    const auto status = busy ? 429u : static_cast<unsigned>(inference::http_status(error.kind));
    return openai_failure(status, busy ? "rate_limit_exceeded" : "backend", error.detail);
}

CallResult openai_refusal(const inference::UpstreamReply& reply)
{
    auto error = inference::refusal(reply);
    if (error.kind == InferErrorKind::invalid_input)
        if (const auto said = inference::openai_error(reply.body); !said.empty())
            error.detail += ": " + said;
    return openai_failure(error);
}

UnitCounts openai_units(const inference::OpenAiRequest& request, const inference::OpenAiUsage& used,
                        std::size_t bytes_in, std::size_t bytes_out, std::chrono::nanoseconds spent)
{
    using namespace std::chrono;
    UnitCounts units{};
    const auto set = [&](market::Unit unit, std::uint64_t count) {
        units[static_cast<std::size_t>(unit)] = count;
    };
    set(market::Unit::call, 1);
    set(market::Unit::row, request.rows);
    set(market::Unit::token_in, used.in);
    set(market::Unit::token_out, used.out);
    set(market::Unit::byte_in, bytes_in);
    set(market::Unit::byte_out, bytes_out);
    set(market::Unit::ms, static_cast<std::uint64_t>(
                              duration_cast<milliseconds>(spent + nanoseconds{999'999}).count()));
    return units;
}

}  // namespace node
