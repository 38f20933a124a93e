#include "inference/model/inspect.hpp"
#include "inference/model/wire_scan.hpp"
#include "tests/support/tiny_models.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace inference {
namespace {

using Spoil = std::function<void(onnx::ModelProto&)>;

struct Hostile {
    const char* name;
    const char* reason;
    Spoil spoil;
    ModelLimits limits;
};

onnx::TensorProto& weight(onnx::ModelProto& model)
{
    return *model.mutable_graph()->mutable_initializer(0);
}

ModelLimits with(std::function<void(ModelLimits&)> change)
{
    ModelLimits limits;
    change(limits);
    return limits;
}

// A graph inside a graph inside a graph, as deep as asked.
void nest(onnx::GraphProto& graph, int depth)
{
    tiny::add_node(graph, "Identity", {"image"}, {"v" + std::to_string(depth)});
    if (depth == 0) return;
    auto& node = tiny::add_node(graph, "If", {"image"}, {"w" + std::to_string(depth)});
    auto& branch = *node.add_attribute();
    branch.set_name("then_branch");
    branch.set_type(onnx::AttributeProto::GRAPH);
    nest(*branch.mutable_g(), depth - 1);
}

const std::vector<Hostile>& all_hostile()
{
    static const std::vector<Hostile> all{
        {"ExternalData",
         "tensor 'w1' keeps its data in another file",
         [](auto& m) {
             weight(m).clear_raw_data();
             weight(m).set_data_location(onnx::TensorProto::EXTERNAL);
             auto& entry = *weight(m).add_external_data();
             entry.set_key("location");
             entry.set_value("/etc/passwd");
         },
         {}},
        {"ExternalDataNamedButNotFlagged",
         "tensor 'w1' keeps its data in another file",
         [](auto& m) { weight(m).add_external_data()->set_key("location"); },
         {}},
        {"ExternalDataInAConstant",
         "tensor 'c' keeps its data in another file",
         [](auto& m) {
             auto& node = tiny::add_node(*m.mutable_graph(), "Constant", {}, {"c"});
             auto& value = *node.add_attribute();
             value.set_name("value");
             value.set_type(onnx::AttributeProto::TENSOR);
             value.mutable_t()->set_name("c");
             value.mutable_t()->set_data_type(1);
             value.mutable_t()->set_data_location(onnx::TensorProto::EXTERNAL);
         },
         {}},
        {"HugeShape",
         "tensor 'w1' has the shape [4294967296,4294967296]",
         [](auto& m) {
             weight(m).set_dims(0, 1LL << 32);
             weight(m).set_dims(1, 1LL << 32);
         },
         {}},
        {"ShapeThatWrapsAroundToTheRightSize",
         "tensor 'w1' has the shape [4611686018427387904,4,100352]",
         [](auto& m) {
             weight(m).set_dims(0, 1LL << 62);
             weight(m).set_dims(1, 4);
             weight(m).add_dims(784 * 128);
         },
         {}},
        {"NegativeShape",
         "tensor 'w1' has the shape [-784,-128]",
         [](auto& m) {
             weight(m).set_dims(0, -784);
             weight(m).set_dims(1, -128);
         },
         {}},
        {"ShapeLargerThanItsData",
         "tensor 'w1' has 401408 bytes, its shape [785,128] needs 401920",
         [](auto& m) { weight(m).set_dims(0, 785); },
         {}},
        {"TooManyDimensions",
         "tensor 'w1' has 9 dimensions",
         [](auto& m) {
             for (int i = 0; i < 7; ++i) weight(m).add_dims(1);
         },
         {}},
        {"DataOfAnotherType",
         "tensor 'b1' keeps its data in a field of another type",
         [](auto& m) { m.mutable_graph()->mutable_initializer(1)->add_int64_data(1); },
         {}},
        {"DataTwice",
         "tensor 'w1' holds its data twice",
         [](auto& m) { weight(m).add_float_data(1); },
         {}},
        {"UnknownType",
         "tensor 'w1' has type 99",
         [](auto& m) { weight(m).set_data_type(99); },
         {}},
        {"ComplexType",
         "tensor 'w1' has type 14",
         [](auto& m) { weight(m).set_data_type(14); },
         {}},
        {"Segments",
         "tensor 'w1' comes in segments",
         [](auto& m) { weight(m).mutable_segment()->set_end(5); },
         {}},
        {"InitializerTwice",
         "two initializers are named 'w1'",
         [](auto& m) { *m.mutable_graph()->add_initializer() = m.graph().initializer(0); },
         {}},
        {"InitializerWithoutName",
         "an initializer has no name",
         [](auto& m) { weight(m).clear_name(); },
         {}},
        {"UnknownDomain",
         "operators of the domain 'com.evil' are not taken",
         [](auto& m) {
             m.add_opset_import()->set_domain("com.evil");
             m.mutable_opset_import(1)->set_version(1);
         },
         {}},
        {"DomainNotImported",
         "operator 'Gemm' of the domain 'com.microsoft', which the model does not import",
         [](auto& m) { m.mutable_graph()->mutable_node(0)->set_domain("com.microsoft"); },
         {}},
        {"UnknownOperator",
         "operator 'Exec' is not in ai.onnx version 17",
         [](auto& m) { m.mutable_graph()->mutable_node(0)->set_op_type("Exec"); },
         {}},
        {"OperatorOfALaterSet",
         "operator 'StringSplit' is not in ai.onnx version 17",
         [](auto& m) { m.mutable_graph()->mutable_node(0)->set_op_type("StringSplit"); },
         {}},
        {"OperatorThatTheOperatorDoesNotAllow",
         "operator 'Relu' is not among those that this node allows", [](auto&) {},
         with([](auto& l) {
             l.operators = {"Gemm", "Softmax"};
         })},
        {"OperatorThatIsNotAllowedInsideABranch",
         "operator 'Identity' is not among those that this node allows",
         [](auto& m) { nest(*m.mutable_graph(), 1); }, with([](auto& l) {
             l.operators = {"Gemm", "Relu", "Softmax", "If"};
         })},
        {"OperatorOfAnotherSetByTheSameName",
         "operator 'Gemm' is not among those that this node allows", [](auto&) {},
         with([](auto& l) {
             l.operators = {"ai.onnx.ml.Gemm", "Relu", "Softmax"};
         })},
        {"ExternalDataOutOfTheFolder",
         "tensor 'w1' keeps its data in another file",
         [](auto& m) {
             weight(m).clear_raw_data();
             weight(m).set_data_location(onnx::TensorProto::EXTERNAL);
             auto& entry = *weight(m).add_external_data();
             entry.set_key("location");
             entry.set_value("../../keys/host.key");
         },
         {}},
        {"StringsThatAreTooLong",
         "a text of 1048577 bytes",
         [](auto& m) {
             auto& strings = *m.mutable_graph()->add_initializer();
             strings.set_name("s");
             strings.set_data_type(onnx::TensorProto::STRING);
             strings.add_dims(1);
             strings.add_string_data(std::string((1u << 20) + 1, 's'));
         },
         {}},
        {"AllTensorsTogetherTooLarge", "brings the model above 1000 elements", [](auto&) {},
         with([](auto& l) { l.all_elements = 1000; })},
        {"OperatorSetTooNew",
         "operator set ai.onnx version 99, at most 17 is taken",
         [](auto& m) { m.mutable_opset_import(0)->set_version(99); },
         {}},
        {"OperatorSetTwice",
         "an operator set is imported twice",
         [](auto& m) {
             m.add_opset_import()->set_domain("ai.onnx");
             m.mutable_opset_import(1)->set_version(12);
         },
         {}},
        {"NoGraph", "the model has no graph", [](auto& m) { m.clear_graph(); }, {}},
        {"NoOutput",
         "the model has no output",
         [](auto& m) { m.mutable_graph()->clear_output(); },
         {}},
        {"OutputIsASequence",
         "output 'probabilities' is not a tensor",
         [](auto& m) {
             auto& type = *m.mutable_graph()->mutable_output(0)->mutable_type();
             type.mutable_sequence_type()
                 ->mutable_elem_type()
                 ->mutable_tensor_type()
                 ->set_elem_type(1);
         },
         {}},
        {"InputWithoutAShape",
         "input 'image' has no shape",
         [](auto& m) {
             m.mutable_graph()
                 ->mutable_input(0)
                 ->mutable_type()
                 ->mutable_tensor_type()
                 ->clear_shape();
         },
         {}},
        {"InputTwice",
         "input 'image' has no name of its own",
         [](auto& m) { *m.mutable_graph()->add_input() = m.graph().input(0); },
         {}},
        {"TooManyInputs",
         "more than 64 inputs",
         [](auto& m) {
             for (int i = 0; i < 64; ++i)
                 tiny::add_input(m, "x" + std::to_string(i), DataType::FP32, {1});
         },
         {}},
        {"TrainingInformation",
         "training information is not taken",
         [](auto& m) { m.add_training_info(); },
         {}},
        {"OwnFunctions",
         "functions of the model's own are not taken",
         [](auto& m) { m.add_functions()->set_name("f"); },
         {}},
        {"DeepControlFlow",
         "control flow nests deeper than 3",
         [](auto& m) { nest(*m.mutable_graph(), 12); },
         {}},
        {"DeepTypes",
         "messages nest deeper than 40",
         [](auto& m) {
             auto* type = m.mutable_graph()->mutable_output(0)->mutable_type();
             for (int i = 0; i < 40; ++i) type = type->mutable_sequence_type()->mutable_elem_type();
             type->mutable_tensor_type()->set_elem_type(1);
         },
         {}},
        {"ManyEmptyNodes",
         "more than 400000 messages and strings",
         [](auto& m) {
             for (int i = 0; i < 400'001; ++i) m.mutable_graph()->add_node();
         },
         {}},
        {"ManyNodes",
         "more than 20000 nodes",
         [](auto& m) {
             for (int i = 0; i < 20'000; ++i)
                 tiny::add_node(*m.mutable_graph(), "Relu", {"image"}, {"r" + std::to_string(i)});
         },
         {}},
        {"ManySmallIntegers", "more than 1000 integers outside raw_data",
         [](auto& m) {
             auto& attribute = *m.mutable_graph()->mutable_node(0)->add_attribute();
             for (int i = 0; i < 2000; ++i) attribute.add_ints(1);
         },
         with([](auto& l) { l.loose_numbers = 1000; })},
        {"LongName",
         "a name of 5000 bytes",
         [](auto& m) { m.mutable_graph()->mutable_node(0)->set_name(std::string(5000, 'n')); },
         {}},
        {"LongDocumentation",
         "a text of 1048577 bytes",
         [](auto& m) { m.set_doc_string(std::string((1u << 20) + 1, 'd')); },
         {}},
        {"SparseTensorThatGrows",
         "a sparse tensor has the shape [1099511627776]",
         [](auto& m) {
             auto& sparse = *m.mutable_graph()->add_sparse_initializer();
             sparse.add_dims(1LL << 40);
             sparse.mutable_values()->set_name("s");
         },
         {}},
        {"Cycle",
         "the ONNX checker refuses it",
         [](auto& m) { m.mutable_graph()->mutable_node(0)->set_input(0, "logits"); },
         {}},
        {"ValueWrittenTwice",
         "the ONNX checker refuses it",
         [](auto& m) { m.mutable_graph()->mutable_node(1)->set_output(0, "h1"); },
         {}},
        {"UnknownAttribute",
         "the ONNX checker refuses it",
         [](auto& m) {
             auto& attribute = *m.mutable_graph()->mutable_node(0)->add_attribute();
             attribute.set_name("command");
             attribute.set_type(onnx::AttributeProto::STRING);
             attribute.set_s("rm");
         },
         {}},
    };
    return all;
}

class HostileModel : public testing::TestWithParam<Hostile> {};

TEST_P(HostileModel, IsRefusedWithTheReason)
{
    auto model = tiny::mlp();
    GetParam().spoil(model);
    const auto summary = inspect_model(tiny::to_bytes(model), GetParam().limits);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().kind, ledger::ErrorKind::invalid);
    EXPECT_NE(summary.error().detail.find(GetParam().reason), std::string::npos)
        << summary.error().detail;
}

INSTANTIATE_TEST_SUITE_P(All, HostileModel, testing::ValuesIn(all_hostile()),
                         [](const auto& each) { return each.param.name; });

TEST(AllowedOperators, AreNamedByTheOperator)
{
    ModelLimits limits;
    limits.operators = {"Gemm", "Relu", "Softmax"};
    EXPECT_TRUE(inspect_model(tiny::to_bytes(tiny::mlp()), limits));
}

TEST(HostileBytes, AreRefusedWhereverTheFileIsCut)
{
    const auto whole = tiny::to_bytes(tiny::add({2}));
    ASSERT_TRUE(inspect_model(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto cut = inspect_model(ledger::ByteView{whole}.first(length));
        EXPECT_FALSE(cut) << "at " << length;
    }
}

TEST(HostileBytes, NeverDoMoreThanFailWhenABitFlips)
{
    const auto whole = tiny::to_bytes(tiny::slow(2, 2));
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        auto flipped = whole;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1u << (bit % 8)));
        const auto result = inspect_model(flipped);
        if (!result) {
            EXPECT_EQ(result.error().kind, ledger::ErrorKind::invalid);
        }
    }
}

TEST(HostileBytes, AreRefusedAboveTheLimitBeforeTheyAreRead)
{
    ModelLimits limits;
    limits.file_bytes = 10;
    EXPECT_EQ(scan_wire(ledger::Bytes(11), limits).error().detail,
              "the file has 11 bytes, at most 10 are taken");
    EXPECT_EQ(scan_wire({}, limits).error().detail, "the file is empty");
}

TEST(HostileBytes, AreRefusedWhenALengthPointsOutOfTheFile)
{
    const ledger::Bytes past{0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f};  // graph of 4 GiB
    const ledger::Bytes endless{0x3a, 0xff, 0xff, 0xff, 0xff, 0xff,
                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff};  // varint of 11 bytes
    const ledger::Bytes group{0x3b, 0x3c};                            // start and end of a group
    for (const auto& file : {past, endless, group})
        EXPECT_EQ(inspect_model(file).error().detail,
                  "not a protobuf message: broken or truncated");
}

}  // namespace
}  // namespace inference
