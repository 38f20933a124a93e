#include "wallet/rental/pour.hpp"

#include "wallet/sealed/read_items.hpp"

namespace wallet::rental {

using ledger::Result;

Result<void> pour(std::vector<KeyedBatch>& batches, const Put& put)
{
    const ledger::sealing::ItemReader::Handler handler{
        [&](const std::string& name, std::uint64_t size) {
            return put(ledger::sealing::item_header(name, size));
        },
        put, [] { return Result<void>{}; }};
    if (auto done = put(ledger::sealing::items_begin()); !done) return done;
    for (auto& batch : batches)
        if (auto done = read_items(batch.folder, batch.key, handler, [](std::uint64_t) {}); !done)
            return done;
    return put(ledger::sealing::items_end());
}

}  // namespace wallet::rental
