#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/crypto/secp256k1.hpp"

#include <string_view>

/// The libp2p Public Key Extension (libp2p/specs tls/tls.md): the bytes that bind the throw-away
/// key of a TLS certificate to the peer key of a node. Pure.
namespace node {

/// What is wrong with a peer's certificate. Each is counted under its name.
enum class CertificateFault {
    missing,                     ///< the peer showed none
    more_than_one,               ///< a chain
    too_large,                   ///< above CertificateLimits
    malformed,                   ///< no X.509 v3 in DER, or bytes behind it
    unique_ids,                  ///< the deprecated issuerUniqueId or subjectUniqueId
    not_yet_valid,               //
    expired,                     //
    certificate_key_not_p256,    ///< the throw-away key is of a kind we do not check
    unknown_critical_extension,  //
    extension_missing,           //
    extension_repeated,          //
    extension_malformed,         ///< SignedKey or its PublicKey is not canonical
    peer_key_rsa,                ///< peer keys other than secp256k1, by their type
    peer_key_ed25519,            //
    peer_key_ecdsa,              //
    peer_key_unknown,            //
    peer_key_invalid,            ///< no point of secp256k1 in compressed form
    bad_self_signature,          //
    bad_peer_signature,          ///< not by the peer key, or over another certificate key
    unexpected_peer,             ///< dialled one peer, met another
    count
};

std::string_view name_of(CertificateFault);

/// The DER of SignedKey {publicKey, signature}, with `key`'s signature over
/// "libp2p-tls-handshake:" and `spki`, the DER of the certificate's SubjectPublicKeyInfo.
ledger::Bytes make_signed_key(const ledger::SecretKey& key, ledger::ByteView spki);

/// Who signed. Takes exactly the bytes that `make_signed_key` could have made: DER, the
/// protobuf's two fields in order, ECDSA with s in the lower half.
ledger::Result<ledger::PublicKey, CertificateFault> check_signed_key(ledger::ByteView signed_key,
                                                                     ledger::ByteView spki);

}  // namespace node
