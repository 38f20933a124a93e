#pragma once

#include "inference/clients/clients.hpp"

#include <vector>

namespace inference {

/// See clients.hpp for what fails.
Result<void> check(const ModelApi&, const ClientLimits&);

/// "/v2/models/NAME", with "/versions/N" where the API names a version.
std::string model_path(const ModelApi&);

/// A tensor with the names it has in generated text.
struct NamedTensor {
    const TensorSpec& spec;
    std::string member;  ///< "image"
    std::string type;    ///< "ImageInput"
};

struct NamedIo {
    std::vector<NamedTensor> inputs, outputs;
};
/// `api` must outlive the result.
NamedIo named_io(const ModelApi& api);

}  // namespace inference
