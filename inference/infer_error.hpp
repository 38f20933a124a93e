#pragma once

#include <string>

namespace inference {

enum class InferErrorKind {
    invalid_input,  ///< the caller's tensors or output names are not what the model takes
    too_large,      ///< the run needs more memory, or gives more output, than is allowed
    deadline,       ///< its time was over before it finished
    cancelled,      ///< the caller asked to stop
    busy,           ///< no free place in the queue; asking again later may succeed
    closed,         ///< the model is being taken down
    unavailable,    ///< the server that runs it cannot be asked now; later may succeed
    failed,         ///< the model itself failed on these inputs
};

/// `detail` is for the caller to read.
struct InferError {
    InferErrorKind kind;
    std::string detail;
};

}  // namespace inference
