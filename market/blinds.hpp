#pragma once

#include "market/messages/sale.hpp"

#include <span>

namespace market {

/// The info with which a buyer seals its scalars z to the seller (HPKE, no associated data):
/// offer || buyer || Z || Z ... So sealed they are of use in that purchase alone.
inline Bytes blinds_info(const OfferId& offer, const Address& buyer,
                         std::span<const ledger::PublicKey> points)
{
    Bytes info;
    ledger::append(info, offer.view());
    ledger::append(info, buyer.view());
    for (const auto& point : points) ledger::append(info, point.view());
    return info;
}

}  // namespace market
