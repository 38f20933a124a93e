#pragma once

#include "tests/functional/load/caller.hpp"

namespace load {

/// Pays for one call after the other by a payment of its own: odd ones by a transfer, even ones by
/// a permit. One whose answer has not come is sent again unchanged, by the next run too: it has to
/// be answered, however often the node died.
class TransferCaller {
public:
    TransferCaller(const Parts& parts, unsigned number);

    /// Until the node is gone or time is up.
    void pay_for_calls();

private:
    bool sign_next();
    bool send();
    void save() const;

    const Parts& parts_;
    const bool by_permit_;
    std::string file_;
    std::string pending_;  ///< PAYMENT-SIGNATURE sent and not answered
};

}  // namespace load
