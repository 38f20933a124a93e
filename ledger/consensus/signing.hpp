#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/crypto/secp256k1.hpp"

namespace ledger::consensus {

/// Holds one consensus key and signs digests with it. Only the vote guard calls it.
class Signer {
public:
    virtual ~Signer() = default;
    virtual ConsensusKey key() const = 0;
    virtual SchnorrSignature sign(const Hash& digest) const = 0;
};

class Verifier {
public:
    virtual ~Verifier() = default;
    virtual bool verify(const ConsensusKey&, const Hash& digest, const SchnorrSignature&) const = 0;
};

/// BIP-340 with zeros for auxiliary randomness: what is signed twice reads the same twice.
class SchnorrSigner final : public Signer {
public:
    explicit SchnorrSigner(SecretKey key) : secret_{std::move(key)}, key_{consensus_key(secret_)} {}
    ConsensusKey key() const override { return key_; }
    SchnorrSignature sign(const Hash& digest) const override
    {
        return schnorr_sign(secret_, digest, Hash{});
    }

private:
    SecretKey secret_;
    ConsensusKey key_;
};

class SchnorrVerifier final : public Verifier {
public:
    bool verify(const ConsensusKey& key, const Hash& digest,
                const SchnorrSignature& signature) const override
    {
        return schnorr_verify(key, digest, signature);
    }
};

}  // namespace ledger::consensus
