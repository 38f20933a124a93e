#pragma once

#include "ledger/disk/folder_lock.hpp"
#include "ledger/store/block_store.hpp"
#include "node/app/home.hpp"
#include "node/core/consensus_log.hpp"

#include <memory>

namespace node {

/// A node's ledger without anything that serves it. The lock is held while this lives.
struct OfflineLedger {
    std::unique_ptr<ledger::FolderLock> lock;
    std::unique_ptr<market::Network> network;
    std::unique_ptr<ledger::BlockStore> store;
    std::unique_ptr<Chain> chain;
    std::unique_ptr<Mempool> mempool;
    std::unique_ptr<LedgerApplication> application;
    std::unique_ptr<ledger::Log> log;

    ConsensusLogParts log_parts(const Home&, ledger::Disk&, ledger::Random&) const;
};

/// The network that a home's genesis document describes.
Result<std::unique_ptr<market::Network>> read_network(const Home&);

/// The store as it stands, without what the log has beyond it. `denied` while the node runs.
Result<std::unique_ptr<OfflineLedger>> open_store(const Home&);

/// The same, brought to the end of its log.
Result<std::unique_ptr<OfflineLedger>> open_offline(const Home&, ledger::Disk&, ledger::Random&);

/// Closes the log; says on standard error when that fails.
void close(OfflineLedger&);

}  // namespace node
