#pragma once

#include "inference/model/tensor.hpp"
#include "inference/protocol/infer_request.hpp"

#include <simdjson.h>

#include <exception>
#include <string>

namespace inference {

namespace json = simdjson::ondemand;

/// Thrown inside the protocol's own sources and caught where they end: simdjson throws too, and
/// one way of failing keeps the readers short.
struct ProtocolFailure {
    ProtocolError error;
};

[[noreturn]] void fail(std::string message, int status = 400);

/// Reads every part of a value that we do not use, so that broken JSON is never accepted.
void read_past(json::value value, std::size_t depth_left);

/// A string of at most `most` bytes.
std::string read_text(json::value value, std::size_t most, const char* what);
std::vector<std::int64_t> read_shape(json::value value, const ProtocolLimits& limits);
Parameters read_parameters(json::value value, const ProtocolLimits& limits);

/// What null means in a float tensor.
enum class Nulls { are_wrong, are_nan };

/// Reads the array `data` of a tensor whose type, shape and number of elements are known to be
/// good, into the form of Tensor::data. `name` is for messages.
Bytes read_data(json::value value, const std::string& name, DataType type,
                const std::vector<std::int64_t>& shape, const ProtocolLimits& limits,
                Nulls nulls = Nulls::are_wrong);

/// Parses `text` and calls `read` with its root object. Everything must be read in one go: views
/// into strings die with the call. Turns every failure into a ProtocolError.
template <class Read>
std::optional<ProtocolError> with_json(ByteView text, Read read)
{
    try {
        const simdjson::padded_string padded{reinterpret_cast<const char*>(text.data()),
                                             text.size()};
        json::parser parser;
        json::document document = parser.iterate(padded);
        json::object root = document.get_object();
        read(root);
        const char* rest = nullptr;
        if (document.current_location().get(rest) == simdjson::SUCCESS)
            return ProtocolError{400, "the JSON goes on after its end"};
        return {};
    } catch (const ProtocolFailure& failure) {
        return failure.error;
    } catch (const simdjson::simdjson_error& error) {
        return ProtocolError{400, std::string{"the JSON is broken: "} + error.what()};
    } catch (const std::exception& error) {
        return ProtocolError{400, error.what()};
    }
}

}  // namespace inference
