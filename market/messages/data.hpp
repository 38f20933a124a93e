#pragma once

#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"

namespace market {

/// A contributor draws what its shares of a dataset have earned.
struct DataClaim {
    DatasetId dataset;
    friend bool operator==(const DataClaim&, const DataClaim&) = default;
};
MILLRACE_DESCRIBE(DataClaim, (dataset))

}  // namespace market
