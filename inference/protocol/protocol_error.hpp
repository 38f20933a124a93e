#pragma once

#include "inference/infer_error.hpp"
#include "ledger/base/result.hpp"

#include <string>

namespace inference {

using ledger::Result;

/// An answer of the protocol that is not 200; the body is {"error": message}.
struct ProtocolError {
    int status = 400;
    std::string message;
};

/// The HTTP status for each way a run can fail: 400 for the caller's fault, 413 too large,
/// 503 busy or closing (send Retry-After), 504 over its time, 500 the model's fault.
/// 499 stands for a caller that has gone: nobody reads it.
constexpr int http_status(InferErrorKind kind)
{
    switch (kind) {
        case InferErrorKind::invalid_input:
            return 400;
        case InferErrorKind::too_large:
            return 413;
        case InferErrorKind::busy:
        case InferErrorKind::closed:
        case InferErrorKind::unavailable:
            return 503;
        case InferErrorKind::deadline:
            return 504;
        case InferErrorKind::cancelled:
            return 499;
        case InferErrorKind::failed:
            return 500;
    }
    return 500;
}

}  // namespace inference
