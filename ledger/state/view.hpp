#pragma once

#include "ledger/base/bytes.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>

namespace ledger {

/// Orders byte strings by their bytes, the shorter first when one begins the other. Transparent:
/// a map of Bytes is searched with a view, without a copy of the key.
struct BytewiseLess {
    using is_transparent = void;
    bool operator()(ByteView a, ByteView b) const
    {
        const auto common = std::min(a.size(), b.size());
        const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
        return order != 0 ? order < 0 : a.size() < b.size();
    }
};

inline bool starts_with(ByteView key, ByteView prefix)
{
    return key.size() >= prefix.size() &&
           (prefix.empty() || std::memcmp(key.data(), prefix.data(), prefix.size()) == 0);
}

/// What changes: a key gets a value (an empty one is a value too), or is removed (nullopt).
/// Removing a key that is not there is allowed and means nothing.
using StateDiff = std::map<Bytes, std::optional<Bytes>, BytewiseLess>;

/// The disk failed, or stored bytes are corrupt, while state was read. Rules read state as if it
/// were memory; who executes a block catches this, and only this, and stops.
struct StateFault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The state as of one moment: byte strings under byte strings. Rules read it and never write.
/// Every function may throw StateFault, and nothing else.
class StateView {
public:
    /// Told one entry; false ends the scan. The views last for the call only. It must not write
    /// to what is being scanned.
    using Visit = std::function<bool(ByteView key, ByteView value)>;

    virtual ~StateView() = default;

    /// The value now under `key`, or nullopt.
    virtual std::optional<Bytes> get(ByteView key) const = 0;

    /// Visits the entries whose key begins with `prefix` and is not less than `start`, in
    /// ascending bytewise order. For paging: start at the last key seen with a zero byte behind.
    virtual void scan_from(ByteView prefix, ByteView start, const Visit& visit) const = 0;

    /// All entries whose key begins with `prefix`, the same way.
    void scan(ByteView prefix, const Visit& visit) const { scan_from(prefix, prefix, visit); }
};

}  // namespace ledger
