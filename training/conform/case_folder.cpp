#include "training/conform/case_folder.hpp"

#include "inference/model/onnx_reader.hpp"
#include "inference/model/tensor_proto.hpp"
#include "training/files/whole_file.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace training {
namespace {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

Result<inference::Tensor> read_tensor(const fs::path& path)
{
    const inference::ModelLimits limits;
    const auto bytes = read_whole_file(path, limits.file_bytes);
    if (!bytes) return bytes.error();
    onnx::TensorProto proto;
    const auto name = path.filename().string();
    if (!proto.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())))
        return ledger::invalid(name + " is not a tensor");
    std::uint64_t elements = 0;
    if (auto good = inference::check_tensor(proto, limits, elements); !good)
        return ledger::invalid(name + ": " + good.error().detail);
    return inference::Tensor{proto.name(),
                             *inference::datatype_of(proto.data_type()),
                             {proto.dims().begin(), proto.dims().end()},
                             inference::raw_bytes(proto)};
}

// The K of PREFIX_K.pb, by which they are ordered.
Result<std::vector<inference::Tensor>> read_numbered(const fs::path& folder,
                                                     const std::string& prefix)
{
    std::map<std::size_t, inference::Tensor> found;
    for (std::size_t k = 0; k < 1024; ++k) {
        const auto path = folder / (prefix + std::to_string(k) + ".pb");
        std::error_code ignored;
        if (!fs::exists(path, ignored)) break;
        auto tensor = read_tensor(path);
        if (!tensor) return tensor.error();
        found.emplace(k, std::move(*tensor));
    }
    std::vector<inference::Tensor> tensors;
    for (auto& [k, tensor] : found) tensors.push_back(std::move(tensor));
    return tensors;
}

}  // namespace

Result<std::vector<fs::path>> find_cases(const fs::path& top)
{
    std::vector<fs::path> found;
    std::error_code error;
    if (!fs::is_directory(top, error))
        return Error{ErrorKind::not_found, top.string() + " is not a folder"};
    if (fs::exists(top / "model.onnx", error)) found.push_back(top);
    for (auto entry = fs::recursive_directory_iterator{top, error};
         !error && entry != fs::recursive_directory_iterator{}; entry.increment(error))
        if (entry->is_directory(error) && fs::exists(entry->path() / "model.onnx", error))
            found.push_back(entry->path());
    if (error) return Error{ErrorKind::io, top.string() + ": " + error.message()};
    std::ranges::sort(found);
    return found;
}

Result<CaseFolder> read_case(const fs::path& folder)
{
    CaseFolder made;
    auto model = read_whole_file(folder / "model.onnx", inference::ModelLimits{}.file_bytes);
    if (!model) return model.error();
    made.model = std::move(*model);
    for (std::size_t i = 0; i < 1024; ++i) {
        const auto set = folder / ("test_data_set_" + std::to_string(i));
        std::error_code ignored;
        if (!fs::is_directory(set, ignored)) break;
        auto inputs = read_numbered(set, "input_");
        if (!inputs) return inputs.error();
        auto outputs = read_numbered(set, "output_");
        if (!outputs) return outputs.error();
        made.sets.push_back({std::move(*inputs), std::move(*outputs)});
    }
    if (made.sets.empty()) return Error{ErrorKind::not_found, "there is no test_data_set_0"};
    return made;
}

}  // namespace training
