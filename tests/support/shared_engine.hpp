#pragma once

#include "inference/engine.hpp"
#include "inference/telemetry.hpp"

#include <gtest/gtest.h>

namespace inference {

/// The engine of a test program, opened once.
inline Engine& shared_engine()
{
    static const auto engine = [] {
        disable_telemetry();
        auto opened = open_onnx_engine();
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().detail);
        return *opened;
    }();
    return *engine;
}

}  // namespace inference
