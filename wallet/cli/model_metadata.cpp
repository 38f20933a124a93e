#include "wallet/cli/model_metadata.hpp"

#include "wallet/client/failure.hpp"

namespace wallet::cli {

using nlohmann::json;
namespace {

Failure senseless()
{
    return {Fault::failed, "the node's description of the model makes no sense"};
}

}  // namespace

inference::ModelIo io_of(const json& metadata)
{
    inference::ModelIo io;
    const auto read = [&](const char* name, std::vector<inference::TensorSpec>& specs) {
        if (!metadata.contains(name) || !metadata[name].is_array()) throw senseless();
        for (const auto& item : metadata[name]) {
            const auto type = item.contains("datatype") && item["datatype"].is_string()
                                  ? inference::datatype_named(item["datatype"].get<std::string>())
                                  : std::nullopt;
            if (!type || !item.contains("name") || !item["name"].is_string() ||
                !item.contains("shape") || !item["shape"].is_array())
                throw senseless();
            inference::TensorSpec spec{item["name"].get<std::string>(), *type, {}};
            for (const auto& size : item["shape"]) {
                if (!size.is_number_integer()) throw senseless();
                spec.shape.push_back(size.get<std::int64_t>());
            }
            specs.push_back(std::move(spec));
        }
    };
    read("inputs", io.inputs);
    read("outputs", io.outputs);
    return io;
}

}  // namespace wallet::cli
