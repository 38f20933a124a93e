#pragma once

#include "inference/protocol/infer_request.hpp"
#include "inference/protocol/protocol_error.hpp"
#include "node/http/exchange.hpp"
#include "node/http/metrics.hpp"
#include "node/payment/request_machine.hpp"
#include "node/serving/catalog.hpp"

#include <chrono>

namespace node {

struct ServingLimits {
    inference::ProtocolLimits protocol;
    std::chrono::milliseconds run{30'000};  ///< a run's deadline when the caller gives none
    unsigned retry_after_s = 1;             ///< told with 429
};

/// What came of one call: the answer, and what it used when it succeeded.
struct CallResult {
    Response response;
    bool served = false;
    UnitCounts units{};
};

/// Runs one request of the Open Inference Protocol on `version`: reads the body, queues it, waits,
/// renders. Every failure is an answer with the right status; a full queue is 429 with
/// Retry-After. Ends early when the caller is gone. Comes back on the coroutine's executor.
asio::awaitable<CallResult> infer(Exchange&, const ServedModel&, const ServedVersion&,
                                  const ledger::Bytes& body, const ServingLimits&,
                                  std::chrono::steady_clock::time_point deadline, Metrics*);

/// {"error": message} with this status.
Response protocol_error(const inference::ProtocolError&);

}  // namespace node
