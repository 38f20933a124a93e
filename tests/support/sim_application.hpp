#pragma once

#include "ledger/consensus/application.hpp"
#include "ledger/consensus/signing.hpp"

#include <map>
#include <set>
#include <vector>

namespace sim {

using namespace ledger;
using namespace ledger::consensus;

/// A hash in place of a signature, of the same size: anybody could forge it, and nobody here does.
class HashSigner final : public Signer {
public:
    explicit HashSigner(std::uint32_t who);
    explicit HashSigner(const ConsensusKey& key) : key_{key} {}
    ConsensusKey key() const override { return key_; }
    SchnorrSignature sign(const Hash& digest) const override;

private:
    ConsensusKey key_;
};
class HashVerifier final : public Verifier {
public:
    bool verify(const ConsensusKey&, const Hash& digest, const SchnorrSignature&) const override;
};

ConsensusKey sim_consensus_key(std::uint32_t who);
PublicKey sim_peer_key(std::uint32_t who);
Validator sim_validator(std::uint32_t who, std::uint64_t power);
ValidatorSet sim_set(const std::vector<std::uint64_t>& powers);
Header sim_genesis(const ValidatorSet&);

/// Eight bytes of a number, padded to a length.
Bytes sim_transaction(std::uint64_t number, std::size_t bytes = 16);
/// Sets the power of a validator: 0 removes it, a new one joins. The block becomes a seal.
Bytes sim_power_change(std::uint64_t number, std::uint32_t who, std::uint64_t power);

/// A ledger that orders transactions, each once, and folds them into a hash.
class SimApplication final : public Application {
public:
    SimApplication(const Header& genesis, ValidatorSet set);

    Result<Built> build(const Header& start) override;
    bool execute(const Header&, const BlockBody&) override;
    std::optional<Bytes> transaction(const WireId&) override;
    bool has_work(const BlockId& parent) override;
    ValidatorSet validators_after(const BlockId& seal) override;
    std::optional<Commit> final_block(Height) override;
    std::optional<Commit> final_block(const BlockId&) override;
    std::optional<EpochProof> epoch_proof(std::uint64_t epoch) override;

    void submit(const Bytes& transaction);
    void commit(const Commit&);
    void keep(const EpochProof&);
    const std::vector<Commit>& finals() const { return finals_; }
    const std::map<std::uint64_t, EpochProof>& proofs() const { return proofs_; }
    bool is_final(const WireId& id) const { return final_transactions_.contains(id); }
    std::size_t pending() const { return pool_.size(); }
    std::vector<Bytes> oldest(std::size_t most) const;

    std::size_t transactions_per_block = 8;
    bool withholds_bodies = false;  ///< answers as if it had no final blocks
    bool executes_wrongly = false;  ///< computes another state than everybody else

private:
    struct Node {
        Header header;
        std::set<WireId> transactions;
        ValidatorSet set;  ///< after it
    };
    /// Fills roots and kind in; false when a transaction may not stand there.
    bool run(Header&, const BlockBody&, Node&) const;
    bool contains(const BlockId& at, const WireId&) const;
    const Node* find(const BlockId&) const;

    std::map<BlockId, Node> tree_;
    std::vector<Commit> finals_;
    std::map<BlockId, std::size_t> final_index_;
    std::set<WireId> final_transactions_;
    std::map<WireId, Bytes> pool_;
    std::map<std::uint64_t, EpochProof> proofs_;
    BlockId tip_;
    BlockId genesis_;
};

}  // namespace sim
