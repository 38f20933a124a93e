#include "node/blobs/registered_cards.hpp"

#include "market/state/data_records.hpp"
#include "market/state/state.hpp"

namespace node {

using namespace ledger;

Result<bool> RegisteredCards::contains(const Hash& hash)
{
    if (hash.is_zero()) return false;  // stands for no card
    const std::lock_guard lock{mutex_};
    if (hashes_.contains(hash)) return true;
    const auto tip = store_.tip();
    if (read_at_ && tip == read_at_) return false;
    if (read_at_ && clock_.now() - read_when_ < rescan_)
        return Error{ErrorKind::unavailable, "the registry was read a moment ago; ask again"};
    if (const auto done = read(); !done) return done.error();
    read_at_ = tip;  // what came since then is read the next time
    read_when_ = clock_.now();
    return hashes_.contains(hash);
}

Result<void> RegisteredCards::read()
{
    const auto snapshot = store_.snapshot();
    if (!snapshot) return snapshot.error();
    try {
        const market::View view{**snapshot};
        std::set<Hash> found;
        view.scan<market::Model>({}, [&](const auto&, const market::Model& model) {
            found.insert(model.card_hash);
            return true;
        });
        view.scan<market::VersionRecord>({}, [&](const auto&, const market::VersionRecord& record) {
            found.insert(record.version.card_hash);
            return true;
        });
        view.scan<market::DatasetRecord>({}, [&](const auto&, const market::DatasetRecord& record) {
            found.insert(record.registered.card_hash);
            return true;
        });
        hashes_ = std::move(found);
    } catch (const StateFault& fault) {
        return Error{ErrorKind::corrupt, fault.what()};
    }
    return {};
}

}  // namespace node
