#include "inference/protocol/infer_request.hpp"
#include "samples/array_file.hpp"
#include "samples/numbers.hpp"
#include "wallet/tensors/input.hpp"
#include "wallet/tensors/shape.hpp"

#include <cmath>

namespace wallet {
namespace {

using inference::DataType;
using ledger::Bytes;
using ledger::ByteView;

bool is_float(DataType type)
{
    return type == DataType::FP16 || type == DataType::BF16 || type == DataType::FP32 ||
           type == DataType::FP64;
}

/// Whether numbers of `from` may be given for `to`, as long as each stays what it is. Doubles may
/// become floats: numpy makes doubles of everything.
bool may_become(DataType from, DataType to)
{
    if (!samples::can_put(to) || from == DataType::BYTES) return false;
    return !is_float(from) || to == DataType::FP64 || to == DataType::FP32;
}

/// Writes `value` as it is; false where the type cannot hold it.
bool put_exactly(std::uint8_t* to, DataType type, double value)
{
    // From 2^53 on an integer may have been rounded when it was read.
    if (!(std::fabs(value) < 0x1p53)) return false;
    return samples::put_number(to, type, value) && samples::number_at(to, type) == value;
}

ledger::Result<Bytes> converted(ByteView data, DataType from, DataType to)
{
    const auto count = data.size() / inference::size_of(from);
    const auto size = inference::size_of(to);
    constexpr inference::ProtocolLimits limits;
    if (count > limits.tensor_bytes / size)
        return ledger::invalid("the npy file cannot be used: as " +
                               std::string{inference::name_of(to)} + " it has more than " +
                               std::to_string(limits.tensor_bytes) + " bytes");
    Bytes made(count * size);
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = samples::number_at(data.data() + i * inference::size_of(from), from);
        auto* at = made.data() + i * size;
        const bool good =
            is_float(from) ? samples::put_number(at, to, value) : put_exactly(at, to, value);
        if (!good)
            return ledger::invalid("the npy file cannot be used: its element " + std::to_string(i) +
                                   " is no number that " + std::string{inference::name_of(to)} +
                                   " can hold as it is");
    }
    return made;
}

}  // namespace

ledger::Result<inference::Tensor> tensor_from_npy(ByteView file, const inference::TensorSpec& spec)
{
    auto array = samples::read_npy(file);
    if (!array) return array.error();
    const auto data = file.subspan(array->data);
    auto shape = shape_for(array->shape, spec);
    if (!shape) return ledger::invalid("the npy file cannot be used: " + shape.error().detail);
    inference::Tensor tensor{spec.name, array->type, std::move(*shape), {}};
    if (array->type != spec.datatype && may_become(array->type, spec.datatype)) {
        auto made = converted(data, array->type, spec.datatype);
        if (!made) return made.error();
        tensor.type = spec.datatype;
        tensor.data = std::move(*made);
    } else {
        tensor.data.assign(data.begin(), data.end());
    }
    if (const auto fault = inference::fault_of(tensor, spec))
        return ledger::invalid("the npy file cannot be used: " + *fault);
    return tensor;
}

}  // namespace wallet
