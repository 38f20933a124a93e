// Bodies of strangers. The first byte chooses the framing and the model.
#include "inference/protocol/client.hpp"
#include "ledger/base/ensure.hpp"

#include <array>

namespace {

using inference::DataType;

const std::array<inference::ModelIo, 3> models{{
    {{{"x", DataType::FP32, {-1, 2}}}, {{"y", DataType::FP32, {-1}}}},
    {{{"x", DataType::BYTES, {-1}}, {"n", DataType::INT64, {1}}}, {{"y", DataType::BYTES, {-1}}}},
    {{{"x", DataType::FP16, {-1, 3}}}, {{"y", DataType::INT8, {-1}}}},
}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const auto& io = models[data[0] % models.size()];
    std::optional<std::uint64_t> json_bytes;
    if ((data[0] & 0x80) != 0) json_bytes = std::uint64_t{data[1]} * 2;
    const ledger::ByteView body{data + 2, size - 2};
    inference::ProtocolLimits limits;
    limits.tensor_bytes = 1u << 16;
    const auto request = inference::parse_infer_request(body, json_bytes, io, limits);
    if (request)
        ledger::ensure(!inference::fault_of(request->inputs, io),
                       "what is accepted fits the model");
    const auto response = inference::parse_infer_response(body, json_bytes, limits);
    if (response)
        for (const auto& output : response->outputs)
            ledger::ensure(output.data.size() <= size * 8, "no more room than was sent");
    if (const auto described = inference::parse_model_metadata(body, limits))
        for (const auto& input : described->inputs)
            ledger::ensure(input.shape.size() <= limits.dimensions, "shapes are bounded");
    ledger::ensure(inference::parse_error(body).size() <= 300, "messages are bounded");
    return 0;
}
