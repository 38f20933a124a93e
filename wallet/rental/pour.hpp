#pragma once

#include "ledger/sealing/items.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <functional>
#include <vector>

namespace wallet::rental {

/// A sealed batch with the key that opens it.
struct KeyedBatch {
    BatchFolder folder;
    ledger::SecretKey key;
};

/// Takes a piece of a stream; an error ends it.
using Put = std::function<ledger::Result<void>(ledger::ByteView)>;

/// The items of all batches as one stream (ledger/sealing/items.hpp), opened chunk by chunk in
/// memory: nothing is written anywhere. `denied` when a key is not its batch's, `invalid` when a
/// chunk does not open or holds no items; those of the files and of `put`.
ledger::Result<void> pour(std::vector<KeyedBatch>& batches, const Put& put);

}  // namespace wallet::rental
