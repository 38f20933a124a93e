#include "inference/protocol/json_reader.hpp"

#include <cmath>
#include <cstring>
#include <limits>

namespace inference {
namespace {

// One element as its type wants it. simdjson reads integers of 64 bits exactly.
template <class Number>
Number read_number(json::value value)
{
    if constexpr (std::is_same_v<Number, bool>) {
        return value.get_bool();
    } else if constexpr (std::is_floating_point_v<Number>) {
        const double wide = value.get_double();
        const auto narrow = static_cast<Number>(wide);
        if (!std::isfinite(narrow)) throw simdjson::simdjson_error{simdjson::NUMBER_OUT_OF_RANGE};
        return narrow;
    } else if constexpr (std::is_signed_v<Number>) {
        const std::int64_t wide = value.get_int64();
        if (wide < std::numeric_limits<Number>::min() || wide > std::numeric_limits<Number>::max())
            throw simdjson::simdjson_error{simdjson::NUMBER_OUT_OF_RANGE};
        return static_cast<Number>(wide);
    } else {
        const std::uint64_t wide = value.get_uint64();
        if (wide > std::numeric_limits<Number>::max())
            throw simdjson::simdjson_error{simdjson::NUMBER_OUT_OF_RANGE};
        return static_cast<Number>(wide);
    }
}

class DataReader {
public:
    DataReader(const std::string& name, DataType type, const std::vector<std::int64_t>& shape,
               const ProtocolLimits& limits, Nulls nulls)
        : name_{name},
          type_{type},
          shape_{shape},
          limits_{limits},
          nulls_are_nan_{nulls == Nulls::are_nan},
          count_{*element_count(shape)}
    {
    }

    Bytes read(json::value value)
    {
        data_.resize(count_ * size_of(type_));  // BYTES, of size 0, grow as they come
        level(value, 0);
        if (done_ != count_)
            fail(quoted() + " has " + std::to_string(done_) + " elements, its shape " +
                 to_text(shape_) + " needs " + std::to_string(count_));
        return std::move(data_);
    }

private:
    std::string quoted() const { return "data of '" + name_ + "'"; }

    // Nested data has one level of arrays for each dimension; flat data has one in all.
    void level(json::value value, std::size_t depth)
    {
        json::array array;
        if (value.get_array().get(array) != simdjson::SUCCESS)
            fail(quoted() + (depth == 0 ? " is not an array" : " is nested unevenly"));
        std::uint64_t items = 0;
        bool deeper = false;
        for (json::value item : array) {
            // Something like NaN has no type; reading it as an element says so precisely.
            auto type = json::json_type::null;
            const auto nested =
                item.type().get(type) == simdjson::SUCCESS && type == json::json_type::array;
            if (items++ == 0)
                deeper = nested;
            else if (deeper != nested)
                fail(quoted() + " is nested unevenly");
            if (!nested) {
                element(item);
                continue;
            }
            if (depth + 1 >= shape_.size())
                fail(quoted() + " is nested deeper than its shape " + to_text(shape_));
            level(item, depth + 1);
        }
        const auto flat = depth == 0 && !deeper;
        if (flat) return;  // counted as a whole
        if (!deeper && items != 0 && depth + 1 != shape_.size())
            fail(quoted() + " is nested " + std::to_string(depth + 1) + " deep, its shape is " +
                 to_text(shape_));
        if (items != static_cast<std::uint64_t>(shape_[depth]))
            fail(quoted() + " has " + std::to_string(items) + " items at depth " +
                 std::to_string(depth + 1) + ", its shape is " + to_text(shape_));
    }

    void element(json::value value)
    {
        if (done_ == count_)
            fail(quoted() + " has more elements than its shape " + to_text(shape_));
        try {
            if (nulls_are_nan_ && json::json_type{value.type()} == json::json_type::null)
                store_nan(value);
            else
                store(value);
        } catch (const simdjson::simdjson_error& error) {
            fail(quoted() + ", element " + std::to_string(done_) + ": not a " +
                 std::string{name_of(type_)} + " (" + error.what() + ")");
        }
        ++done_;
    }

    void store_nan(json::value value)
    {
        if (!bool{value.is_null()}) throw simdjson::simdjson_error{simdjson::N_ATOM_ERROR};
        if (type_ == DataType::FP32) return write(std::numeric_limits<float>::quiet_NaN());
        if (type_ == DataType::FP64) return write(std::numeric_limits<double>::quiet_NaN());
        throw simdjson::simdjson_error{simdjson::INCORRECT_TYPE};
    }

    void store(json::value value)
    {
        switch (type_) {
            case DataType::BOOL:
                return put<bool>(value);
            case DataType::UINT8:
                return put<std::uint8_t>(value);
            case DataType::UINT16:
                return put<std::uint16_t>(value);
            case DataType::UINT32:
                return put<std::uint32_t>(value);
            case DataType::UINT64:
                return put<std::uint64_t>(value);
            case DataType::INT8:
                return put<std::int8_t>(value);
            case DataType::INT16:
                return put<std::int16_t>(value);
            case DataType::INT32:
                return put<std::int32_t>(value);
            case DataType::INT64:
                return put<std::int64_t>(value);
            case DataType::FP32:
                return put<float>(value);
            case DataType::FP64:
                return put<double>(value);
            case DataType::BYTES: {
                const std::string_view text = value.get_string();
                append_string(data_, ledger::as_bytes(text));
                if (data_.size() > limits_.tensor_bytes) fail(quoted() + " is too large", 413);
                return;
            }
            case DataType::FP16:
            case DataType::BF16:
                fail(quoted() + ": " + std::string{name_of(type_)} +
                     " has no JSON form, send it as binary data");
        }
    }

    // Apart from each other: all types inlined into one function leave the compiler without
    // registers for the digits, which doubles the time (bench protocol/parse_json).
    template <class Number>
    [[gnu::noinline]] void put(json::value value)
    {
        write(read_number<Number>(value));
    }

    template <class Number>
    void write(Number number)
    {
        static_assert(sizeof(bool) == 1);
        std::memcpy(data_.data() + done_ * sizeof number, &number, sizeof number);
    }

    const std::string& name_;
    const DataType type_;
    const std::vector<std::int64_t>& shape_;
    const ProtocolLimits& limits_;
    const bool nulls_are_nan_;
    const std::uint64_t count_;
    std::uint64_t done_ = 0;
    Bytes data_;
};

}  // namespace

void fail(std::string message, int status)
{
    throw ProtocolFailure{{status, std::move(message)}};
}

void read_past(json::value value, std::size_t depth_left)
{
    if (depth_left == 0) fail("the JSON nests too deep");
    switch (json::json_type{value.type()}) {
        case json::json_type::array:
            for (json::value item : value.get_array()) read_past(item, depth_left - 1);
            return;
        case json::json_type::object:
            for (auto field : value.get_object()) {
                static_cast<void>(std::string_view{field.unescaped_key()});
                read_past(field.value(), depth_left - 1);
            }
            return;
        case json::json_type::number:
            static_cast<void>(double{value.get_double()});
            return;
        case json::json_type::string:
            static_cast<void>(std::string_view{value.get_string()});
            return;
        case json::json_type::boolean:
            static_cast<void>(bool{value.get_bool()});
            return;
        case json::json_type::null:
            if (!bool{value.is_null()}) fail("the JSON is broken: not null");
            return;
    }
}

std::string read_text(json::value value, std::size_t most, const char* what)
{
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS)
        fail(std::string{what} + " is not a string");
    if (text.size() > most)
        fail(std::string{what} + " is longer than " + std::to_string(most) + " bytes");
    return std::string{text};
}

std::vector<std::int64_t> read_shape(json::value value, const ProtocolLimits& limits)
{
    json::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) fail("'shape' is not an array");
    std::vector<std::int64_t> shape;
    for (json::value item : array) {
        if (shape.size() == limits.dimensions)
            fail("'shape' has more than " + std::to_string(limits.dimensions) + " dimensions");
        std::int64_t size = 0;
        if (item.get_int64().get(size) != simdjson::SUCCESS || size < 0)
            fail("'shape' has an item that is not a size");
        shape.push_back(size);
    }
    return shape;
}

Parameters read_parameters(json::value value, const ProtocolLimits& limits)
{
    Parameters parameters;
    json::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) fail("'parameters' is not an object");
    for (auto field : object) {
        if (parameters.size() == limits.parameters)
            fail("more than " + std::to_string(limits.parameters) + " parameters");
        const std::string_view key_view = field.unescaped_key();
        if (key_view.size() > limits.name_bytes) fail("a parameter's name is too long");
        std::string key{key_view};
        json::value item = field.value();
        Parameter parameter;
        switch (json::json_type{item.type()}) {
            case json::json_type::boolean:
                parameter = bool{item.get_bool()};
                break;
            case json::json_type::string:
                parameter = read_text(item, limits.text_bytes, "a parameter");
                break;
            case json::json_type::number: {
                std::int64_t integer = 0;
                if (item.get_int64().get(integer) == simdjson::SUCCESS)
                    parameter = integer;
                else
                    parameter = double{item.get_double()};
                break;
            }
            default:
                fail("parameter '" + key + "' is not a string, number or boolean");
        }
        if (!parameters.emplace(key, std::move(parameter)).second)
            fail("parameter '" + key + "' is given twice");
    }
    return parameters;
}

Bytes read_data(json::value value, const std::string& name, DataType type,
                const std::vector<std::int64_t>& shape, const ProtocolLimits& limits, Nulls nulls)
{
    return DataReader{name, type, shape, limits, nulls}.read(value);
}

}  // namespace inference
