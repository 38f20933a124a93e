#pragma once

#include "ledger/base/result.hpp"

#include <string>

namespace inference {

/// Loads the library and makes its functions known to the C++ wrappers; see open_onnx_engine for
/// where it is looked for. Returns its version. Later calls return the same library.
ledger::Result<std::string> load_onnx_library(const std::string& configured);

}  // namespace inference
