#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/codec/describe.hpp"

#include <optional>
#include <string>
#include <vector>

namespace node {

/// Why nobody talks to a peer for a while. Only for what the peer itself signed or framed
/// wrongly, or by the operator.
struct Ban {
    ledger::PublicKey peer;
    ledger::TimeMs until;
    std::string reason;
    friend bool operator==(const Ban&, const Ban&) = default;
};
MILLRACE_DESCRIBE(Ban, (peer, until, reason))

/// By peer key: whoever makes a new key starts anew in the address book's buckets, and a bar
/// by address would hit everybody behind it. Pure.
class BanList {
public:
    static constexpr std::size_t limit = 1'024;       ///< the one that ends first makes room
    static constexpr std::size_t reason_limit = 128;  ///< bytes

    /// A longer ban replaces a shorter one, never the other way round.
    void ban(const ledger::PublicKey& peer, ledger::TimeMs until, std::string reason);
    void lift(const ledger::PublicKey& peer);
    std::optional<Ban> find(const ledger::PublicKey& peer, ledger::TimeMs now) const;
    /// Those that hold at `now`, for a file.
    std::vector<Ban> current(ledger::TimeMs now) const;

private:
    std::vector<Ban> bans_;  ///< ascending by `until`
};

}  // namespace node
