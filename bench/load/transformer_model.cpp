#include "bench/load/transformer_model.hpp"

#include "bench/load/hand_written.hpp"
#include "ledger/base/draws.hpp"
#include "tests/support/tiny_models.hpp"

#include <numeric>

namespace bench {
namespace {

namespace tiny = inference::tiny;
using tiny::add_node;

class Writer {
public:
    onnx::ModelProto take() && { return std::move(model_); }
    onnx::ModelProto& model() { return model_; }
    onnx::GraphProto& graph() { return *model_.mutable_graph(); }

    std::string weight(const std::string& name, const tiny::Shape& shape, float spread)
    {
        std::vector<float> values(static_cast<std::size_t>(
            std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>{})));
        for (auto& each : values) each = draws_.next_float() * spread;
        tiny::add_floats(model_, name, shape, values);
        return name;
    }
    std::string constant(const std::string& name, const std::vector<std::int64_t>& values)
    {
        tiny::add_ints(model_, name, {static_cast<std::int64_t>(values.size())}, values);
        return name;
    }
    std::string filled(const std::string& name, float value)
    {
        tiny::add_floats(model_, name, {Sequence::width},
                         std::vector<float>(Sequence::width, value));
        return name;
    }
    std::string apply(const std::string& op, const std::vector<std::string>& inputs)
    {
        const auto out = "t" + std::to_string(++made_);
        add_node(graph(), op, inputs, {out});
        return out;
    }
    void integers(const std::string& name, const std::vector<std::int64_t>& values)
    {
        auto& attribute = *graph().mutable_node(graph().node_size() - 1)->add_attribute();
        attribute.set_name(name);
        attribute.set_type(onnx::AttributeProto::INTS);
        for (const auto value : values) attribute.add_ints(value);
    }
    std::string transposed(const std::string& from, const std::vector<std::int64_t>& order)
    {
        const auto out = apply("Transpose", {from});
        integers("perm", order);
        return out;
    }

private:
    onnx::ModelProto model_ = tiny::empty_model();
    ledger::Draws draws_{4};
    int made_ = 0;
};

std::string encoder(Writer& to, const std::string& x, const std::string& name)
{
    const auto heads_of = [&](const std::string& part, const std::vector<std::int64_t>& order) {
        const auto projected = to.apply(
            "MatMul", {x, to.weight(name + part, {Sequence::width, Sequence::width}, 0.1F)});
        return to.transposed(to.apply("Reshape", {projected, "split"}), order);
    };
    const auto q = heads_of(".q", {0, 2, 1, 3});
    const auto k = heads_of(".k", {0, 2, 3, 1});
    const auto v = heads_of(".v", {0, 2, 1, 3});
    const auto scores = to.apply("Div", {to.apply("MatMul", {q, k}), "root"});
    const auto weights = to.apply("Softmax", {scores});
    const auto mixed = to.apply(
        "Reshape", {to.transposed(to.apply("MatMul", {weights, v}), {0, 2, 1, 3}), "joined"});
    const auto attended = to.apply(
        "MatMul", {mixed, to.weight(name + ".o", {Sequence::width, Sequence::width}, 0.1F)});
    const auto first = to.apply("LayerNormalization",
                                {to.apply("Add", {x, attended}), to.filled(name + ".scale1", 1),
                                 to.filled(name + ".shift1", 0)});
    const auto up = to.apply(
        "Add",
        {to.apply("MatMul",
                  {first, to.weight(name + ".up", {Sequence::width, 4 * Sequence::width}, 0.1F)}),
         to.weight(name + ".up_bias", {4 * Sequence::width}, 0.1F)});
    const auto down = to.apply(
        "MatMul", {to.apply("Relu", {up}),
                   to.weight(name + ".down", {4 * Sequence::width, Sequence::width}, 0.05F)});
    const auto sum = to.apply("Add", {to.apply("Add", {first, down}),
                                      to.weight(name + ".down_bias", {Sequence::width}, 0.05F)});
    return to.apply("LayerNormalization",
                    {sum, to.filled(name + ".scale2", 1), to.filled(name + ".shift2", 0)});
}

}  // namespace

onnx::ModelProto transformer_model()
{
    Writer to;
    using inference::DataType;
    tiny::add_input(to.model(), "image", DataType::FP32, {-1, Sequence::steps, Sequence::width});
    tiny::add_output(to.model(), "y", DataType::FP32, {-1, 10});
    to.constant("split", {-1, Sequence::steps, Sequence::heads, Sequence::width / Sequence::heads});
    to.constant("joined", {-1, Sequence::steps, Sequence::width});
    tiny::add_floats(to.model(), "root", {}, {4.0F});
    const auto x = encoder(to, encoder(to, "image", "first"), "second");
    const auto mean = to.apply("ReduceMean", {x});
    to.integers("axes", {1});
    auto& keep = *to.graph().mutable_node(to.graph().node_size() - 1)->add_attribute();
    keep.set_name("keepdims");
    keep.set_type(onnx::AttributeProto::INT);
    keep.set_i(0);
    add_node(
        to.graph(), "Gemm",
        {mean, to.weight("out", {Sequence::width, 10}, 0.1F), to.weight("out_bias", {10}, 0.1F)},
        {"y"});
    return std::move(to).take();
}

}  // namespace bench
