#pragma once

#include "ledger/consensus/application.hpp"
#include "node/core/chain.hpp"
#include "node/core/work_pool.hpp"
#include "node/mempool/mempool.hpp"

#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace node {

/// What blocks mean to the consensus core: executed by the market's rules, made of what waits in
/// the mempool. When disk or state fail it answers as if nothing were there and says so in `fault`;
/// whoever drives the core looks there before anything leaves the node.
/// Threads: one. Everything given must outlive it.
class LedgerApplication final : public ledger::consensus::Application {
public:
    /// `workers` check signatures of bodies that the mempool has not seen; null: this thread does.
    LedgerApplication(const market::Network&, Chain&, Mempool&, WorkPool* workers = nullptr);
    /// Waits for checks that are under way.
    ~LedgerApplication() override;

    /// For work that comes due with time; set before each step.
    void set_time(ledger::TimeMs now) { now_ = now; }
    const std::optional<ledger::Error>& fault() const { return fault_; }
    /// Why an old block could not be served; told once. The chain goes on without it.
    std::optional<ledger::Error> take_damage() { return std::exchange(damage_, std::nullopt); }

    ledger::Result<Built> build(const ledger::Header& start) override;
    void expect(const ledger::Header&, const ledger::BlockBody&) override;
    bool execute(const ledger::Header&, const ledger::BlockBody&) override;
    std::optional<ledger::Bytes> transaction(const ledger::WireId&) override;
    bool has_work(const ledger::BlockId& parent) override;
    ledger::ValidatorSet validators_after(const ledger::BlockId& seal) override;
    std::optional<ledger::consensus::Commit> final_block(ledger::Height) override;
    std::optional<ledger::consensus::Commit> final_block(const ledger::BlockId&) override;
    std::optional<ledger::consensus::EpochProof> epoch_proof(std::uint64_t epoch) override;

    /// Executes what is final by our own log, whose signatures were checked before it was written.
    ledger::Result<void> execute_again(const ledger::Header&, const ledger::BlockBody&);
    /// The same with every signature checked, and a reason when the block is not good.
    ledger::Result<void> execute_checked(const ledger::Header&, const ledger::BlockBody&);

    /// Transactions of blocks executed since the last call that the pool did not have: checked,
    /// and worth keeping in case their block does not become final.
    std::vector<market::CheckedTransaction> take_seen() { return std::exchange(seen_, {}); }

private:
    struct Expected;
    std::shared_ptr<Expected> begin_checks(const ledger::BlockBody&);
    Mempool::IsUsed used_above_head(const std::vector<ExecutedBlock*>& path) const;
    void failed(const ledger::Error&);
    using Check = ledger::Result<market::CheckedTransaction> (*)(const market::Network&,
                                                                 const ledger::Bytes&);
    ledger::Result<void> execute_all(const ledger::Header&, const ledger::BlockBody&, Check);

    const market::Network& network_;
    Chain& chain_;
    Mempool& mempool_;
    WorkPool nobody_{0};
    WorkPool& workers_;
    ledger::TimeMs now_;
    std::optional<ledger::Error> fault_;
    std::optional<ledger::Error> damage_;
    std::vector<market::CheckedTransaction> seen_;
    std::map<ledger::Hash, std::shared_ptr<Expected>> expected_;  ///< by tx_root
    std::size_t expected_bytes_ = 0;
    /// The last transaction found to be work on a block: most likely it still is.
    std::map<ledger::BlockId, ledger::TxId> witness_;
};

}  // namespace node
