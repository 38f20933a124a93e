#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"

#include <map>
#include <vector>

namespace ledger {

/// What the state tree wants written at a checkpoint.
struct TreeChanges {
    std::map<Bytes, Bytes> nodes;  ///< node key -> encoding
    std::vector<Bytes> stale;      ///< node keys that no version from `version` on needs
    Height version;
    Hash root;
};

}  // namespace ledger
