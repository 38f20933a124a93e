#pragma once

#include <string_view>

namespace inference {

/// What is the same in the client of every model. In C++: the includes, to stand before the
/// namespace; what stands inside it before the model's own types; the transport after them.
std::string_view cpp_includes();
std::string_view cpp_runtime();
std::string_view cpp_transport();
std::string_view js_runtime();

}  // namespace inference
