#pragma once

#include "inference/engine.hpp"
#include "inference/onnx_engine_api.hpp"

#include <string>

namespace inference {

struct OpenedSession {
    Ort::Session session;
    std::string provider;      ///< of LoadOptions::providers, the one that took the model
    std::uint64_t held_bytes;  ///< what the library holds for it in our memory; 0: not measured
};

/// What to reckon with before a session is made: the file is parsed again and its weights copied.
std::uint64_t estimated_bytes(const ModelSummary& summary);

/// Makes a session with the first provider of `options` that is there. `full` when loading takes
/// more than load_bytes, `unavailable` when no provider is there, `invalid` when the library
/// refuses the model.
Result<OpenedSession> open_session(Ort::Env& environment, ByteView file, const LoadOptions& options,
                                   const ModelSummary& summary);

/// What the library says, cut to a length that can be shown.
std::string short_text(const char* text);

}  // namespace inference
