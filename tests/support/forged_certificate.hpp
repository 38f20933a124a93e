#pragma once

#include "ledger/crypto/secp256k1.hpp"
#include "node/transport/peer_certificate.hpp"

#include <functional>
#include <string>

namespace node {

/// What is different about a certificate of a peer that does not keep the rules.
struct Forgery {
    std::string curve = "P-256";
    std::chrono::seconds not_before{-3600};
    std::chrono::seconds not_after{3600};
    unsigned signed_key_extensions = 1;
    bool critical = false;           ///< the libp2p extension itself
    bool unknown_extension = false;  ///< one more, of an OID nobody knows
    bool unknown_is_critical = false;
    bool wrong_self_signature = false;
    bool signed_for_another_key = false;  ///< the peer's signature covers another throw-away key
    bool version_1 = false;
    std::size_t padding = 0;  ///< bytes in a non-critical extension
    /// Changes the DER of SignedKey.
    std::function<void(ledger::Bytes&)> change_signed_key = {};
};

PeerCertificate forge_certificate(const ledger::SecretKey& peer_key, ledger::TimeMs now,
                                  const Forgery& forgery = {});

}  // namespace node
