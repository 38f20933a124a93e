#pragma once

#include "inference/model/datatype.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samples {

/// What each sample says that a model should have answered.
struct Target {
    enum class Kind {
        none,     ///< nothing: clusters, autoencoders
        classes,  ///< one of `classes`
        numbers,  ///< an array of FP32
    };
    Kind kind = Kind::none;
    std::vector<std::string> classes;  ///< names, by number; empty unless `kind` is classes
    std::vector<std::int64_t> shape;   ///< of one target; empty unless `kind` is numbers
};

/// Where one sample goes, usually a row of a batch. Owned by the caller.
struct Place {
    /// For each of Source::inputs, exactly the bytes of one sample, little-endian, row-major.
    std::span<const std::span<std::uint8_t>> inputs;
    std::int64_t* label = nullptr;  ///< not null where the target is a class
    std::span<float> numbers;       ///< the product of Target::shape where it is numbers
};

/// Samples of one shape in a fixed order, with what they should be answered with. Reading does not
/// change a source: several threads may read at once.
class Source {
public:
    virtual ~Source() = default;

    virtual std::size_t size() const = 0;
    /// What each sample feeds a model with. Shapes are those of one sample, without a batch, and
    /// every size is known.
    virtual const std::vector<inference::TensorSpec>& inputs() const = 0;
    virtual const Target& target() const = 0;
    /// The group that a sample belongs to (a camera, a site), for measures by group; empty where
    /// there are none. Valid as long as the source.
    virtual std::string_view slice(std::size_t index) const = 0;
    /// The class of a sample where that is known without reading it, to split by classes.
    virtual std::optional<std::int64_t> label(std::size_t index) const
    {
        static_cast<void>(index);
        return {};
    }

    /// Writes sample `index` of `size()` to its place. Errors name the sample's file or row.
    virtual ledger::Result<void> read(std::size_t index, const Place& to) const = 0;
};

}  // namespace samples
