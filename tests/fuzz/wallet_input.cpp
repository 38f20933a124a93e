// Files given to `millrace infer`: PNG, JPEG, npy and JSON. The first byte chooses the model.
#include "ledger/base/ensure.hpp"
#include "samples/picture.hpp"
#include "wallet/tensors/input.hpp"

#include <array>

namespace {

using inference::DataType;

const std::array<inference::ModelIo, 4> models{{
    {{{"x", DataType::FP32, {-1, 1, 8, 8}}}, {}},
    {{{"x", DataType::UINT8, {-1, 4, 4, 3}}}, {}},
    {{{"x", DataType::FP32, {-1, 16}}}, {}},
    {{{"x", DataType::INT64, {-1, -1}}}, {}},
}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 1) return 0;
    const auto& io = models[data[0] % models.size()];
    const ledger::ByteView file{data + 1, size - 1};
    const auto tensors = wallet::tensors_from(file, io);
    if (tensors) ledger::ensure(!inference::fault_of(*tensors, io), "what is made fits the model");
    const auto picture = samples::read_picture(file, 3, {.file_bytes = 1 << 20, .pixels = 1 << 16});
    if (picture)
        ledger::ensure(picture->values.size() == picture->width * picture->height * 3 &&
                           picture->values.size() <= 3u << 16,
                       "a picture has the pixels it says, within the limit");
    return 0;
}
