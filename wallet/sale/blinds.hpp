#pragma once

#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/crypto/x25519.hpp"
#include "market/messages/sale.hpp"

#include <span>
#include <vector>

namespace wallet {

/// The scalars z by which a buyer keeps the keys that it buys from everybody else. They follow from
/// the account's key and the offer alone, so that who still has the account can open what it
/// bought, and nothing has to be kept. An offer bought twice has the same ones: it gives the same
/// keys.
struct Blinds {
    std::vector<ledger::SecretKey> scalars;  ///< z, one a batch of the offer
    std::vector<ledger::PublicKey> points;   ///< Z = z * G
};

/// HKDF-SHA256 (RFC 5869) of the account's key, with the offer as salt.
Blinds make_blinds(const ledger::SecretKey& account, const market::OfferId&, std::size_t batches);

/// The scalars for the seller's eyes, as `DataBuy::wrapped_z`. `invalid` when its key is no good.
ledger::Result<ledger::Bytes> seal_blinds(const Blinds&, const market::OfferId&,
                                          const ledger::Address& buyer,
                                          const ledger::X25519PublicKey& seller, ledger::Random&);

/// What a buyer sealed to this key. `invalid` when it was sealed to another or for another
/// purchase, or when a scalar is not that of its point: such a sale is not worth a release.
ledger::Result<std::vector<ledger::SecretKey>> open_blinds(
    const ledger::X25519Key& seller, const market::OfferId&, const ledger::Address& buyer,
    std::span<const ledger::PublicKey> points, ledger::ByteView wrapped);

}  // namespace wallet
