#pragma once

#include "inference/protocol/infer_request.hpp"
#include "inference/remote/backend.hpp"

namespace inference {

/// A model on a server of the Open Inference Protocol, version 2.
struct OipTarget {
    std::string model;
    std::string version;  ///< as the server names it; empty: the one it prefers
};

struct OipOptions {
    ProtocolLimits protocol;
    std::chrono::milliseconds open_time{10'000};  ///< for its metadata
};

/// Asks the server for the model's inputs and outputs; `copies` models that share one backend.
/// Error `unavailable` when nobody answers, `not_found` when the server has no such model,
/// `invalid` when what it says makes no sense.
///
/// The summary holds inputs and outputs alone and is `unverified`. A run sends binary tensors and
/// checks what comes back against these. The breaker, the connections and the readiness are the
/// backend's, whose `ready_path` should be `ready_path(target)`.
Result<std::vector<std::unique_ptr<Model>>> open_oip_models(std::shared_ptr<Backend> backend,
                                                            const OipTarget& target,
                                                            std::size_t copies,
                                                            const OipOptions& options = {});

/// "/v2/models/NAME[/versions/V]/ready"
std::string ready_path(const OipTarget&);

}  // namespace inference
