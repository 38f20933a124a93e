#include "inference/model/wire_scan.hpp"

#include <array>
#include <optional>
#include <string>

namespace inference {
namespace {

using ledger::ByteView;
using ledger::Error;
using ledger::invalid;
using ledger::Result;

// The messages of onnx.proto, as far as they nest.
enum class Message {
    model,
    graph,
    node,
    attribute,
    tensor,
    sparse,
    value_info,
    type,
    tensor_type,
    sequence_type,
    map_type,
    shape,
    dimension,
    pair,
    annotation,
    opset,
    segment,
};

enum class Kind {
    message,  ///< another message
    name,     ///< a name: short
    text,     ///< an attribute, documentation, metadata: longer
    data,     ///< weights: as many bytes in memory as in the file
    packed,   ///< integers of one to ten bytes each
    refused,  ///< a part of the format that we do not take
};

struct Field {
    Message in;
    std::uint32_t number;
    Kind kind;
    Message to = Message::model;
};

constexpr std::array fields{
    Field{Message::model, 2, Kind::text},
    Field{Message::model, 3, Kind::text},
    Field{Message::model, 6, Kind::text},
    Field{Message::model, 7, Kind::message, Message::graph},
    Field{Message::model, 8, Kind::message, Message::opset},
    Field{Message::model, 14, Kind::message, Message::pair},
    Field{Message::model, 20, Kind::refused},
    Field{Message::model, 25, Kind::refused},
    Field{Message::graph, 1, Kind::message, Message::node},
    Field{Message::graph, 5, Kind::message, Message::tensor},
    Field{Message::graph, 10, Kind::text},
    Field{Message::graph, 11, Kind::message, Message::value_info},
    Field{Message::graph, 12, Kind::message, Message::value_info},
    Field{Message::graph, 13, Kind::message, Message::value_info},
    Field{Message::graph, 14, Kind::message, Message::annotation},
    Field{Message::graph, 15, Kind::message, Message::sparse},
    Field{Message::node, 5, Kind::message, Message::attribute},
    Field{Message::node, 6, Kind::text},
    Field{Message::attribute, 4, Kind::text},
    Field{Message::attribute, 5, Kind::message, Message::tensor},
    Field{Message::attribute, 6, Kind::message, Message::graph},
    Field{Message::attribute, 7, Kind::data},
    Field{Message::attribute, 8, Kind::packed},
    Field{Message::attribute, 9, Kind::text},
    Field{Message::attribute, 10, Kind::message, Message::tensor},
    Field{Message::attribute, 11, Kind::message, Message::graph},
    Field{Message::attribute, 13, Kind::text},
    Field{Message::attribute, 14, Kind::message, Message::type},
    Field{Message::attribute, 15, Kind::message, Message::type},
    Field{Message::attribute, 22, Kind::message, Message::sparse},
    Field{Message::attribute, 23, Kind::message, Message::sparse},
    Field{Message::tensor, 1, Kind::packed},
    Field{Message::tensor, 3, Kind::message, Message::segment},
    Field{Message::tensor, 4, Kind::data},
    Field{Message::tensor, 5, Kind::packed},
    Field{Message::tensor, 6, Kind::text},
    Field{Message::tensor, 7, Kind::packed},
    Field{Message::tensor, 9, Kind::data},
    Field{Message::tensor, 10, Kind::data},
    Field{Message::tensor, 11, Kind::packed},
    Field{Message::tensor, 12, Kind::text},
    Field{Message::tensor, 13, Kind::message, Message::pair},
    Field{Message::sparse, 1, Kind::message, Message::tensor},
    Field{Message::sparse, 2, Kind::message, Message::tensor},
    Field{Message::sparse, 3, Kind::packed},
    Field{Message::value_info, 2, Kind::message, Message::type},
    Field{Message::value_info, 3, Kind::text},
    Field{Message::type, 1, Kind::message, Message::tensor_type},
    Field{Message::type, 4, Kind::message, Message::sequence_type},
    Field{Message::type, 5, Kind::message, Message::map_type},
    Field{Message::type, 8, Kind::message, Message::tensor_type},
    Field{Message::type, 9, Kind::message, Message::sequence_type},
    Field{Message::tensor_type, 2, Kind::message, Message::shape},
    Field{Message::sequence_type, 1, Kind::message, Message::type},
    Field{Message::map_type, 2, Kind::message, Message::type},
    Field{Message::shape, 1, Kind::message, Message::dimension},
    Field{Message::pair, 2, Kind::text},
    Field{Message::annotation, 2, Kind::message, Message::pair},
};

Field field_of(Message in, std::uint32_t number)
{
    for (const auto& field : fields)
        if (field.in == in && field.number == number) return field;
    return {in, number, Kind::name};  // unknown fields are kept small and dropped later
}

class Scanner {
public:
    explicit Scanner(const ModelLimits& limits) : limits_{limits} {}

    Result<void> message(ByteView bytes, Message kind, std::size_t depth, std::size_t graphs)
    {
        if (depth > limits_.depth)
            return invalid("messages nest deeper than " + std::to_string(limits_.depth));
        if (kind == Message::graph && graphs > limits_.control_flow_depth + 1)
            return invalid("control flow nests deeper than " +
                           std::to_string(limits_.control_flow_depth));
        while (!bytes.empty()) {
            const auto tag = varint(bytes);
            if (!tag || *tag >> 3 == 0 || *tag >> 3 > 0x1fffffff) return broken();
            const auto number = static_cast<std::uint32_t>(*tag >> 3);
            switch (*tag & 7) {
                case 0:
                    if (!varint(bytes)) return broken();
                    if (auto counted = count_numbers(1); !counted) return counted;
                    break;
                case 1:
                    if (!skip(bytes, 8)) return broken();
                    break;
                case 5:
                    if (!skip(bytes, 4)) return broken();
                    break;
                case 2: {
                    const auto length = varint(bytes);
                    if (!length || *length > bytes.size()) return broken();
                    const auto inner = bytes.first(*length);
                    bytes = bytes.subspan(*length);
                    if (auto done = nested(inner, field_of(kind, number), depth, graphs); !done)
                        return done;
                    break;
                }
                default:
                    return broken();
            }
        }
        return {};
    }

private:
    static Error broken() { return invalid("not a protobuf message: broken or truncated"); }

    static std::optional<std::uint64_t> varint(ByteView& bytes)
    {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < 10 && i < bytes.size(); ++i) {
            value |= static_cast<std::uint64_t>(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80) {
                bytes = bytes.subspan(i + 1);
                return value;
            }
        }
        return {};
    }

    static bool skip(ByteView& bytes, std::size_t count)
    {
        if (bytes.size() < count) return false;
        bytes = bytes.subspan(count);
        return true;
    }

    Result<void> nested(ByteView inner, const Field& field, std::size_t depth, std::size_t graphs)
    {
        if (field.kind == Kind::packed) return count_numbers(inner.size());
        if (field.kind != Kind::data && ++messages_ > limits_.messages)
            return invalid("more than " + std::to_string(limits_.messages) +
                           " messages and strings");
        switch (field.kind) {
            case Kind::message:
                return message(inner, field.to, depth + 1,
                               graphs + (field.to == Message::graph ? 1 : 0));
            case Kind::name:
                if (inner.size() > limits_.name_bytes)
                    return invalid("a name of " + std::to_string(inner.size()) + " bytes");
                return {};
            case Kind::text:
                if (inner.size() > limits_.text_bytes)
                    return invalid("a text of " + std::to_string(inner.size()) + " bytes");
                return {};
            case Kind::refused:
                return invalid(field.number == 20 ? "training information is not taken"
                                                  : "functions of the model's own are not taken");
            case Kind::data:
            case Kind::packed:
                return {};
        }
        return {};
    }

    Result<void> count_numbers(std::size_t more)
    {
        numbers_ += more;
        if (numbers_ <= limits_.loose_numbers) return {};
        return invalid("more than " + std::to_string(limits_.loose_numbers) +
                       " integers outside raw_data");
    }

    const ModelLimits& limits_;
    std::size_t messages_ = 0;
    std::size_t numbers_ = 0;
};

}  // namespace

Result<void> scan_wire(ByteView file, const ModelLimits& limits)
{
    if (file.empty()) return invalid("the file is empty");
    if (file.size() > limits.file_bytes)
        return invalid("the file has " + std::to_string(file.size()) + " bytes, at most " +
                       std::to_string(limits.file_bytes) + " are taken");
    return Scanner{limits}.message(file, Message::model, 0, 0);
}

}  // namespace inference
