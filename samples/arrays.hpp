#pragma once

#include "samples/answers.hpp"
#include "samples/array_file.hpp"
#include "samples/items.hpp"
#include "samples/normalise.hpp"
#include "samples/table.hpp"

/// IDX and npy files as samples. A file is held once, as it is, and converted as it is read.
namespace samples {

struct HeldArray {
    std::string name;  ///< of the file, for messages
    std::shared_ptr<const ledger::Bytes> bytes;
    ArrayFile file;

    std::size_t count() const { return static_cast<std::size_t>(file.shape[0]); }
};

/// Tells IDX from npy by the first bytes. `invalid` where it has no sizes, `full` above
/// Limits::file_bytes or Limits::samples.
ledger::Result<HeldArray> hold_array(const ItemPlace& file, const Limits& limits);

struct ArrayOptions {
    TargetKind target = TargetKind::tell;
    std::vector<std::string> classes;
    Normalise normalise;
};

/// The first size of each array counts samples. `inputs` and `arrays` belong together; `targets`
/// may be absent: whole numbers in one column are classes, everything else is numbers.
ledger::Result<std::unique_ptr<Source>> open_arrays(
    const std::vector<inference::TensorSpec>& inputs, std::vector<HeldArray> arrays,
    const std::optional<HeldArray>& targets, const ArrayOptions& options, const Limits& limits);

}  // namespace samples
