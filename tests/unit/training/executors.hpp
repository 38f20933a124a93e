#pragma once

#include "tests/support/tiny_models.hpp"
#include "training/executor/executor.hpp"
#include "training/graph/read_plan.hpp"

#include <gtest/gtest.h>

namespace training {

/// Of a model that must be read and computed.
inline Executor executor_of(const onnx::ModelProto& model)
{
    auto plan = read_plan(inference::tiny::to_bytes(model));
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().detail);
    auto made = Executor::make(std::move(*plan));
    EXPECT_TRUE(made) << (made ? "" : made.error().detail);
    return std::move(*made);
}

}  // namespace training
