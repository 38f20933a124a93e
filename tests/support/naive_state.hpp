#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/state/view.hpp"

#include <map>

namespace ledger {

/// A state root straight from its definition, over all keys every time. Shares no code with
/// ledger/state but the map's order.
class NaiveState {
public:
    void apply(const StateDiff& diff)
    {
        for (const auto& [key, value] : diff) {
            if (value) {
                entries_[key] = *value;
                hashes_[sha256(key)] = sha256(*value);
            } else {
                entries_.erase(key);
                hashes_.erase(sha256(key));
            }
        }
    }
    Hash root() const { return root_of(hashes_.begin(), hashes_.end(), 0); }
    const std::map<Bytes, Bytes, BytewiseLess>& entries() const { return entries_; }

private:
    using Hashes = std::map<Hash, Hash>;
    static Hash root_of(Hashes::const_iterator first, Hashes::const_iterator last, unsigned bit)
    {
        if (first == last) return tagged_sha256("millrace/jmt/empty", {});
        Bytes both;
        if (std::next(first) == last) {
            append(both, first->first.view());
            append(both, first->second.view());
            return tagged_sha256("millrace/jmt/leaf", both);
        }
        auto middle = first;
        while (middle != last && (middle->first.bytes[bit / 8] & 0x80 >> bit % 8) == 0) ++middle;
        append(both, root_of(first, middle, bit + 1).view());
        append(both, root_of(middle, last, bit + 1).view());
        return tagged_sha256("millrace/jmt/node", both);
    }

    std::map<Bytes, Bytes, BytewiseLess> entries_;
    Hashes hashes_;
};

}  // namespace ledger
