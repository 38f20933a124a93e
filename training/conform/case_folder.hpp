#pragma once

#include "inference/model/tensor.hpp"
#include "ledger/base/result.hpp"

#include <filesystem>
#include <vector>

namespace training {

/// Inputs and what comes of them, in the order of the model's.
struct DataSet {
    std::vector<inference::Tensor> inputs;
    std::vector<inference::Tensor> outputs;
};

/// One folder in the layout of the ONNX backend tests: model.onnx and, in each test_data_set_N,
/// input_K.pb and output_K.pb.
struct CaseFolder {
    ledger::Bytes model;
    std::vector<DataSet> sets;
};

/// The folders below `top`, or it itself, that hold a model.onnx; in the order of their paths.
ledger::Result<std::vector<std::filesystem::path>> find_cases(const std::filesystem::path& top);

/// `invalid` where a file holds something other than a tensor of numbers, which is how the layout
/// keeps sequences and optional values.
ledger::Result<CaseFolder> read_case(const std::filesystem::path& folder);

}  // namespace training
