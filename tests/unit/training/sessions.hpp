#pragma once

#include "tests/support/tiny_models.hpp"
#include "tests/unit/training/point_source.hpp"
#include "training/graph/read_plan.hpp"
#include "training/session/session.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace training {

namespace tiny = inference::tiny;
using inference::DataType;

inline Plan plan_of(const onnx::ModelProto& model)
{
    auto plan = read_plan(tiny::to_bytes(model));
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().detail);
    return std::move(*plan);
}

// 6 numbers -> 16 -> 3 classes.
inline onnx::ModelProto net()
{
    return tiny::mlp(5, 6, 16, 3);
}

// The same, whose model says how many samples it takes.
inline onnx::ModelProto net_of_batch(std::int64_t samples)
{
    auto model = net();
    auto& shape = *model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
    shape.mutable_shape()->mutable_dim(0)->set_dim_value(samples);
    return model;
}

// With a batch normalisation between, and a scale for it.
inline onnx::ModelProto normalised_net()
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "image", DataType::FP32, {-1, 6});
    tiny::add_output(model, "y", DataType::FP32, {-1, 3});
    std::vector<float> first(24);
    std::vector<float> second(12);
    ledger::Draws draws{3};
    for (auto& each : first) each = draws.next_float();
    for (auto& each : second) each = draws.next_float();
    tiny::add_floats(model, "w1", {6, 4}, first);
    tiny::add_floats(model, "w2", {4, 3}, second);
    tiny::add_floats(model, "scale", {4}, {1, 1, 1, 1});
    tiny::add_floats(model, "shift", {4}, {0, 0, 0, 0});
    tiny::add_floats(model, "mean", {4}, {0, 0, 0, 0});
    tiny::add_floats(model, "variance", {4}, {1, 1, 1, 1});
    tiny::add_floats(model, "b2", {3}, {0, 0, 0});
    auto& graph = *model.mutable_graph();
    tiny::add_node(graph, "MatMul", {"image", "w1"}, {"h"});
    tiny::add_node(graph, "BatchNormalization", {"h", "scale", "shift", "mean", "variance"}, {"n"});
    tiny::add_node(graph, "Relu", {"n"}, {"r"});
    tiny::add_node(graph, "MatMul", {"r", "w2"}, {"m"});
    tiny::add_node(graph, "Add", {"m", "b2"}, {"y"});
    return model;
}

inline Recipe short_recipe(std::uint64_t epochs = 5)
{
    Recipe recipe;
    recipe.epochs = epochs;
    recipe.batch = 16;
    recipe.optimiser.rate = 0.02;
    return recipe;
}

inline Session made(const onnx::ModelProto& model, const Recipe& recipe,
                    const samples::Source& samples, const samples::Source* validation = nullptr)
{
    auto session = Session::make(plan_of(model), recipe, {&samples, validation});
    EXPECT_TRUE(session) << (session ? "" : session.error().detail);
    return std::move(*session);
}

inline void run(Session& session, std::uint64_t until = UINT64_MAX)
{
    while (!session.is_finished() && session.step() < until) {
        const auto step = session.take_step();
        ASSERT_TRUE(step) << step.error().detail;
        if (!session.measure_due()) continue;
        const auto measure = session.measure();
        ASSERT_TRUE(measure) << measure.error().detail;
    }
}

inline at::Tensor tensor_of(Session& session, const std::string& name)
{
    const auto file = session.model();
    EXPECT_TRUE(file) << (file ? "" : file.error().detail);
    auto plan = read_plan(*file);
    auto executor = Executor::make(std::move(*plan));
    return executor->weight(name)->clone();
}

inline at::Tensor tensor_of(const onnx::ModelProto& model, const std::string& name)
{
    auto executor = Executor::make(plan_of(model));
    return executor->weight(name)->clone();
}

}  // namespace training
