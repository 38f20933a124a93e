#include "inference/model/content_id.hpp"

#include "inference/model/inspect.hpp"
#include "ledger/base/hex.hpp"
#include "tests/support/tiny_models.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace inference {
namespace {

onnx::ModelProto small()
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "x", DataType::FP32, {2});
    tiny::add_output(model, "z", DataType::FP32, {2});
    tiny::add_floats(model, "b", {2}, {0.5F, -1.0F});
    tiny::add_floats(model, "a", {2}, {1.0F, 2.0F});
    tiny::add_node(*model.mutable_graph(), "Mul", {"x", "a"}, {"y"});
    tiny::add_node(*model.mutable_graph(), "Add", {"y", "b"}, {"z"});
    return model;
}

ContentId id_of(const onnx::ModelProto& model)
{
    const auto canonical = canonicalise(tiny::to_bytes(model));
    EXPECT_TRUE(canonical) << (canonical ? "" : canonical.error().detail);
    return canonical ? canonical->content_id : ContentId{};
}

// Pinned: content ids are on the chain. All four were recomputed by another
// program from the description in content_id.hpp.
TEST(ContentId, IsPinned)
{
    const auto canonical = canonicalise(tiny::to_bytes(small()));
    ASSERT_TRUE(canonical);
    ASSERT_EQ(canonical->tensors.size(), 2u);
    EXPECT_EQ(canonical->tensors[0].name, "a");
    EXPECT_EQ(ledger::to_hex(canonical->tensors[0].leaf.view()),
              "3b17039df53b5afd7e42965fb043d047367b4f772d59b9acb513cf7f25c293c2");
    EXPECT_EQ(ledger::to_hex(canonical->tensor_root.view()),
              "44c29fb85687736afd7e676bdc9dc5dec7301a5b538b2bd3ce882852903b2b58");
    EXPECT_EQ(ledger::to_hex(canonical->skeleton_hash.view()),
              "5ae2db7de4b52691fcc2c694f5327191c266618b646e45b93ca90f6c14ca05a8");
    EXPECT_EQ(ledger::to_hex(canonical->content_id.view()),
              "d6e06272f87d5fc88b3ef1849419f182734c9ea193345cf9495df33d0bc0cf87");
}

TEST(ContentId, IsTheSameForEverySpellingOfTheSameModel)
{
    const auto plain = id_of(small());
    auto typed = small();
    auto& tensor = *typed.mutable_graph()->mutable_initializer(0);
    tensor.clear_raw_data();
    tensor.add_float_data(0.5F);
    tensor.add_float_data(-1.0F);
    EXPECT_EQ(id_of(typed), plain);

    auto told = small();
    told.set_producer_name("a trainer");
    told.set_producer_version("3");
    told.set_model_version(9);
    told.set_doc_string("made in spring");
    told.mutable_graph()->set_doc_string("a graph");
    told.mutable_graph()->mutable_node(0)->set_doc_string("a node");
    told.mutable_graph()->mutable_initializer(0)->set_doc_string("weights");
    told.mutable_opset_import(0)->set_domain("ai.onnx");
    told.mutable_graph()->mutable_node(0)->set_domain("ai.onnx");
    told.mutable_graph()->mutable_initializer()->SwapElements(0, 1);
    EXPECT_EQ(id_of(told), plain);

    auto file = tiny::to_bytes(small());
    for (const auto byte : {0xf2, 0x3f, 1, 7}) file.push_back(static_cast<std::uint8_t>(byte));
    const auto unknown = canonicalise(file);  // field 1022: unknown, dropped
    ASSERT_TRUE(unknown) << unknown.error().detail;
    EXPECT_EQ(unknown->content_id, plain);
}

TEST(ContentId, ChangesWithWhateverChangesTheResult)
{
    const auto plain = id_of(small());
    const auto changed = [](auto change) {
        auto model = small();
        change(*model.mutable_graph());
        return id_of(model);
    };
    EXPECT_NE(changed([](auto& g) { (*g.mutable_initializer(0)->mutable_raw_data())[0] ^= 1; }),
              plain);
    EXPECT_NE(changed([](auto& g) { g.mutable_node(1)->set_op_type("Sub"); }), plain);
    EXPECT_NE(changed([](auto& g) {
                  g.mutable_initializer(0)->set_name("a");
                  g.mutable_initializer(1)->set_name("b");
              }),
              plain);
}

TEST(ContentId, KeepsTheSkeletonWhenOnlyTheWeightsChange)
{
    auto retrained = small();
    (*retrained.mutable_graph()->mutable_initializer(0)->mutable_raw_data())[2] ^= 8;
    const auto before = canonicalise(tiny::to_bytes(small()));
    const auto after = canonicalise(tiny::to_bytes(retrained));
    ASSERT_TRUE(before && after);
    EXPECT_EQ(before->skeleton, after->skeleton);
    EXPECT_NE(before->content_id, after->content_id);
    EXPECT_EQ(before->tensors[0].leaf, after->tensors[0].leaf);
    EXPECT_NE(before->tensors[1].leaf, after->tensors[1].leaf);
}

TEST(ContentId, IsThatOfTheSummary)
{
    const auto file = tiny::to_bytes(tiny::cnn());
    const auto canonical = canonicalise(file, {}, WeightBytes::drop);
    const auto summary = inspect_model(file);
    ASSERT_TRUE(canonical && summary);
    EXPECT_EQ(summary->content_id, canonical->content_id);
    EXPECT_TRUE(canonical->tensors[0].data.empty());
}

// Every type once as raw_data and once in the field that ONNX has for it.
onnx::ModelProto constant_of(DataType type, bool typed)
{
    auto model = tiny::empty_model();
    auto& tensor = *model.mutable_graph()->add_initializer();
    tensor.set_name("in");
    tensor.add_dims(2);
    tiny::add_output(model, "out", type, {2});
    tensor.set_data_type(model.graph().output(0).type().tensor_type().elem_type());
    tiny::add_node(*model.mutable_graph(), "Identity", {"in"}, {"out"});
    const auto raw = [&](const auto(&values)[2]) { tensor.set_raw_data(values, sizeof values); };
    if (!typed) {
        switch (type) {
            case DataType::BOOL:
                raw({std::uint8_t{1}, std::uint8_t{0}});
                break;
            case DataType::UINT8:
                raw({std::uint8_t{200}, std::uint8_t{3}});
                break;
            case DataType::INT8:
                raw({std::int8_t{-100}, std::int8_t{3}});
                break;
            case DataType::UINT16:
            case DataType::FP16:
            case DataType::BF16:
                raw({std::uint16_t{50000}, std::uint16_t{3}});
                break;
            case DataType::INT16:
                raw({std::int16_t{-30000}, std::int16_t{3}});
                break;
            case DataType::UINT32:
                raw({std::uint32_t{4000000000}, std::uint32_t{3}});
                break;
            case DataType::INT32:
                raw({std::int32_t{-2000000000}, std::int32_t{3}});
                break;
            case DataType::UINT64:
                raw({std::uint64_t{1} << 63, std::uint64_t{3}});
                break;
            case DataType::INT64:
                raw({std::int64_t{-1} << 62, std::int64_t{3}});
                break;
            case DataType::FP32:
                raw({-1.5F, 3.0F});
                break;
            case DataType::FP64:
                raw({-1.5, 3.0});
                break;
            case DataType::BYTES:
                break;
        }
        return model;
    }
    switch (type) {
        case DataType::BOOL:
            tensor.add_int32_data(1);
            tensor.add_int32_data(0);
            break;
        case DataType::UINT8:
            tensor.add_int32_data(200);
            tensor.add_int32_data(3);
            break;
        case DataType::INT8:
            tensor.add_int32_data(-100);
            tensor.add_int32_data(3);
            break;
        case DataType::UINT16:
        case DataType::FP16:
        case DataType::BF16:
            tensor.add_int32_data(50000);
            tensor.add_int32_data(3);
            break;
        case DataType::INT16:
            tensor.add_int32_data(-30000);
            tensor.add_int32_data(3);
            break;
        case DataType::UINT32:
            tensor.add_uint64_data(4000000000);
            tensor.add_uint64_data(3);
            break;
        case DataType::INT32:
            tensor.add_int32_data(-2000000000);
            tensor.add_int32_data(3);
            break;
        case DataType::UINT64:
            tensor.add_uint64_data(1ULL << 63);
            tensor.add_uint64_data(3);
            break;
        case DataType::INT64:
            tensor.add_int64_data(-(1LL << 62));
            tensor.add_int64_data(3);
            break;
        case DataType::FP32:
            tensor.add_float_data(-1.5F);
            tensor.add_float_data(3);
            break;
        case DataType::FP64:
            tensor.add_double_data(-1.5);
            tensor.add_double_data(3);
            break;
        case DataType::BYTES:
            break;
    }
    return model;
}

TEST(ContentId, DoesNotDependOnWhereTheTensorKeepsItsData)
{
    for (const auto type : all_datatypes) {
        if (type == DataType::BYTES) continue;
        EXPECT_EQ(id_of(constant_of(type, true)), id_of(constant_of(type, false))) << name_of(type);
    }
}

TEST(Assemble, GivesBackAModelOfTheSameId)
{
    for (const auto& model : {small(), tiny::cnn(), tiny::slow(2, 4)}) {
        const auto canonical = canonicalise(tiny::to_bytes(model));
        ASSERT_TRUE(canonical);
        const auto file = assemble(canonical->skeleton, canonical->tensors);
        ASSERT_TRUE(file) << file.error().detail;
        EXPECT_EQ(canonicalise(*file)->content_id, canonical->content_id);
    }
}

TEST(Assemble, RefusesTensorsThatAreNotTheSkeletons)
{
    auto canonical = canonicalise(tiny::to_bytes(small()));
    ASSERT_TRUE(canonical);
    auto swapped = canonical->tensors;
    std::swap(swapped[0], swapped[1]);
    EXPECT_EQ(assemble(canonical->skeleton, swapped).error().detail,
              "tensor 'b' is not what the skeleton has in its place");
    auto cut = canonical->tensors;
    cut[0].data.pop_back();
    EXPECT_EQ(assemble(canonical->skeleton, cut).error().detail,
              "tensor 'a' has 7 bytes, its shape [2] needs 8");
    cut.pop_back();
    EXPECT_EQ(assemble(canonical->skeleton, cut).error().detail,
              "the skeleton has 2 tensors, 1 are given");
}

TEST(TensorLeaf, CannotBeReadAsAnotherTensor)
{
    // Without lengths, "w" + dims could be read as another name.
    const WeightTensor a{"w1", DataType::UINT8, {1}, {}, {}};
    const WeightTensor b{"w", DataType::UINT8, {1}, {}, {}};
    const ledger::Bytes data{5};
    EXPECT_NE(tensor_leaf(a, data), tensor_leaf(b, data));
    const WeightTensor flat{"w", DataType::UINT8, {1, 1}, {}, {}};
    EXPECT_NE(tensor_leaf(flat, data), tensor_leaf(b, data));
}

}  // namespace
}  // namespace inference
