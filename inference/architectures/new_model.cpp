#include "inference/architectures/new_model.hpp"

#include "inference/architectures/parts.hpp"
#include "inference/model/tensor.hpp"

#include <algorithm>
#include <array>
#include <exception>

namespace inference {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;

struct Known {
    std::string_view name;
    Architecture architecture;
    void (*write)(architectures::GraphWriter&, const NewModelOptions&);
};

constexpr std::array<Known, 6> all_known{{
    {"mlp", Architecture::mlp, architectures::write_mlp},
    {"logistic", Architecture::logistic, architectures::write_mlp},
    {"autoencoder", Architecture::autoencoder, architectures::write_autoencoder},
    {"cnn", Architecture::cnn, architectures::write_cnn},
    {"dscnn", Architecture::dscnn, architectures::write_dscnn},
    {"transformer", Architecture::transformer, architectures::write_transformer},
}};

const Known& known(Architecture architecture)
{
    return *std::ranges::find(all_known, architecture, &Known::architecture);
}

bool has_convolutions(Architecture architecture)
{
    return architecture == Architecture::cnn || architecture == Architecture::dscnn;
}

/// The options with what is left out filled in.
NewModelOptions completed(NewModelOptions options)
{
    const auto architecture = options.architecture;
    if (options.layers.empty() && architecture == Architecture::mlp) options.layers = {128};
    if (options.layers.empty() && architecture == Architecture::autoencoder)
        options.layers = {128, 32};
    if (options.channels.empty() && architecture == Architecture::cnn) options.channels = {16, 32};
    if (options.channels.empty() && architecture == Architecture::dscnn)
        options.channels.assign(5, 64);
    return options;
}

Result<void> check_shape(const NewModelOptions& options)
{
    const auto sizes = options.input.size();
    const auto shape = to_text(options.input);
    if (sizes == 0) return invalid("the shape of a sample has at least one size");
    if (has_convolutions(options.architecture) && sizes != 2 && sizes != 3)
        return invalid("a sample of convolutions is [C,H,W] or [C,T], not " + shape);
    if (options.architecture == Architecture::transformer && sizes != 2)
        return invalid("a sample of a transformer is [T,F], not " + shape);
    return {};
}

/// What an architecture has no use for is a mistake of who asks for it.
Result<void> check_use(const NewModelOptions& options)
{
    const auto architecture = options.architecture;
    const std::string name{known(architecture).name};
    const bool dense = architecture == Architecture::mlp || architecture == Architecture::cnn ||
                       architecture == Architecture::autoencoder;
    if (!options.layers.empty() && !dense) return invalid(name + " has no dense layers to size");
    if (!options.channels.empty() && !has_convolutions(architecture))
        return invalid(name + " has no channels");
    if (options.batch_normalisation && !has_convolutions(architecture))
        return invalid(name + " has no batch normalisation");
    if (options.probabilities && architecture == Architecture::autoencoder)
        return invalid("an autoencoder has no probabilities");
    return {};
}

Result<void> check_sizes(const NewModelOptions& options, const NewModelLimits& limits)
{
    const auto bounded = [&](std::int64_t size) { return size >= 1 && size <= limits.parameters; };
    for (const auto* sizes : {&options.input, &options.layers, &options.channels})
        if (!std::ranges::all_of(*sizes, bounded))
            return invalid("sizes are 1 to " + std::to_string(limits.parameters) + ", not " +
                           to_text(*sizes));
    if (!element_count(options.input, static_cast<std::uint64_t>(limits.parameters)))
        return Error{ErrorKind::full, "a sample of " + to_text(options.input) + " is too large"};
    if (!bounded(options.outputs)) return invalid("there is at least one output");
    if (options.kernel < 1 || options.kernel > 63 || options.kernel % 2 == 0)
        return invalid("the side of a convolution is an odd number up to 63");
    if (!bounded(options.width) || options.heads < 1 || options.width % options.heads != 0)
        return invalid("the heads of a transformer divide its width");
    const auto most = static_cast<std::int64_t>(limits.layers);
    if (options.blocks < 1 || options.blocks > most || options.layers.size() > limits.layers ||
        options.channels.size() > limits.layers)
        return invalid("there are 1 to " + std::to_string(most) + " layers or blocks");
    if (options.input_name.empty() || options.input_name.size() > 256)
        return invalid("the name of the input has 1 to 256 bytes");
    return {};
}

}  // namespace

std::optional<Architecture> architecture_named(std::string_view name)
{
    for (const auto& each : all_known)
        if (each.name == name) return each.architecture;
    return {};
}

Result<ledger::Bytes> write_new_model(const NewModelOptions& asked, const NewModelLimits& limits)
{
    if (auto good = check_use(asked); !good) return good.error();
    const auto options = completed(asked);
    if (auto good = check_shape(options); !good) return good.error();
    if (auto good = check_sizes(options, limits); !good) return good.error();
    const auto& what = known(options.architecture);
    try {
        architectures::GraphWriter graph{std::string{what.name}, options.seed,
                                         static_cast<std::uint64_t>(limits.parameters)};
        what.write(graph, options);
        if (!graph.fits())
            return Error{ErrorKind::full, "the model would have more than " +
                                              std::to_string(limits.parameters) + " parameters"};
        if (!graph.has_own_names())
            return invalid("the input cannot be named " + options.input_name +
                           ", which is the name of something else in the graph");
        return graph.bytes();
    } catch (const std::exception& error) {  // protobuf's
        return Error{ErrorKind::full, std::string{"the model cannot be written: "} + error.what()};
    }
}

}  // namespace inference
