#pragma once

#include "inference/protocol/infer_request.hpp"
#include "inference/protocol/protocol_error.hpp"
#include "node/http/exchange.hpp"
#include "node/http/metrics.hpp"
#include "node/payment/request_machine.hpp"
#include "node/serving/caller_limits.hpp"
#include "node/serving/catalog.hpp"
#include "node/serving/response_cache.hpp"

#include <chrono>

namespace node {

struct ServingLimits {
    inference::ProtocolLimits protocol;
    std::chrono::milliseconds run{30'000};       ///< a run's deadline when the caller gives none
    unsigned retry_after_s = 1;                  ///< told with 429
    std::chrono::milliseconds load_wait{5'000};  ///< of a call whose model was idle
    CallerLimit free{};                          ///< of an address that calls free models
    CallerLimit paid{};                          ///< of an account that pays
};

/// What runs share; the referred-to outlives them.
struct CallParts {
    ServingLimits limits;
    Metrics* metrics = nullptr;
    ResponseCache* cache = nullptr;  ///< null: no answers are kept
};

/// What came of one call: the answer, and what it used when it succeeded.
struct CallResult {
    Response response;
    bool served = false;
    UnitCounts units{};
    std::optional<std::size_t> sent = {};  ///< as Served has it
};

/// Reads a request of the Open Inference Protocol for what `version` takes. What is refused has
/// the status to answer with.
ledger::Result<inference::InferRequest, inference::ProtocolError> read_request(
    const Exchange&, const ServedVersion&, const ledger::Bytes& body,
    const inference::ProtocolLimits&);

/// Runs one request of the Open Inference Protocol on `version`: reads the body, queues it, waits,
/// renders. Every failure is an answer with the right status; a full queue is 429 with
/// Retry-After. Ends early when the caller is gone. Comes back on the coroutine's executor.
/// An answer that was kept is marked by the header Millrace-Cache, and counts the same units.
asio::awaitable<CallResult> infer(Exchange&, const ServedModel&, const ServedVersion&,
                                  const ledger::Bytes& body, const CallParts&,
                                  std::chrono::steady_clock::time_point deadline);

/// What metrics call a failure of this kind.
InferenceFailure reason_of(inference::InferErrorKind);

/// {"error": message} with this status.
Response protocol_error(const inference::ProtocolError&);

}  // namespace node
