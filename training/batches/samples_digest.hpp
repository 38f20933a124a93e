#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "samples/source.hpp"

#include <functional>

namespace training {

/// SHA-256 over all that a training learns of these samples, in their order: shapes, types, classes
/// and the numbers of each as they are read, after scaling, and without what a split has left out.
/// Reads all of them, once; memory for one. Errors of the source; `unavailable` where `goes_on`,
/// asked before each sample, says no.
ledger::Result<ledger::Hash> samples_digest(const samples::Source& source,
                                            const std::function<bool()>& goes_on);

}  // namespace training
