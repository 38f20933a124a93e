#pragma once

#include "inference/engine.hpp"
#include "inference/pool_options.hpp"

#include <cstdint>
#include <string>

namespace inference {

/// What a model is put through before it serves, with inputs made up for it
/// (synthetic_input.hpp). All of it ends with the error `deadline` when control says so.

/// `runs` of one row. The error says which run failed, and how.
Result<void, InferError> warm_up(Model& model, unsigned runs, const RunControl& control);

struct BatchProof {
    std::uint64_t rows = 1;    ///< up to so many, joined runs gave what single ones give
    std::string why_not_more;  ///< empty when `rows` is what was asked for
};

/// Compares joined runs of every size up to `max_rows`, bit for bit, with runs of each row alone,
/// as far as rows and their outputs fit into `max_bytes`.
/// Libraries do not promise it: kernels for one row may add in another order than kernels for
/// many. It cannot show that the author of a model did not hide a dependence between rows.
BatchProof prove_batches(Model& model, const BatchOptions& batch, const RunControl& control);

}  // namespace inference
