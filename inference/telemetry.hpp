#pragma once

#include <cstdlib>
#include <string_view>

namespace inference {

/// The first statement of every main(): the official ONNX Runtime builds of version 1.29 and
/// later report home unless this is set before the library initialises, and an operator may load
/// a newer library than ours. Not safe once there are threads.
inline void disable_telemetry()
{
    ::setenv("ORT_DISABLE_TELEMETRY", "1", 1);
}

inline bool telemetry_disabled()
{
    const char* value = std::getenv("ORT_DISABLE_TELEMETRY");
    return value != nullptr && std::string_view{value} == "1";
}

}  // namespace inference
