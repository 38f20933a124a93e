#include "node/app/offline_ledger.hpp"

#include "node/core/genesis_block.hpp"
#include "node/env/files.hpp"

#include <iostream>

namespace node {

using namespace ledger;

ConsensusLogParts OfflineLedger::log_parts(const Home& home, Disk& disk, Random& random) const
{
    return {disk, (home.data() / "log").string(), *store, *chain, *application, random, {}};
}

Result<std::unique_ptr<market::Network>> read_network(const Home& home)
{
    auto genesis = read_genesis(home);
    if (!genesis) return genesis.error();
    const auto id = genesis_id(*genesis);
    if (!id) return id.error();
    return std::make_unique<market::Network>(std::move(*genesis), *id);
}

Result<std::unique_ptr<OfflineLedger>> open_store(const Home& home)
{
    auto ledger = std::make_unique<OfflineLedger>();
    auto network = read_network(home);
    if (!network) return network.error();
    ledger->network = std::move(*network);
    if (const auto made = make_private_directory(home.data()); !made) return made.error();
    auto lock = FolderLock::take(home.data());
    if (!lock) return lock.error();
    ledger->lock = std::move(*lock);
    auto store = open_rocks_store(home.data() / "store");
    if (!store) return store.error();
    ledger->store = std::move(*store);
    auto chain = Chain::open(*ledger->network, *ledger->store);
    if (!chain) return chain.error();
    ledger->chain = std::move(*chain);
    ledger->mempool = std::make_unique<Mempool>(*ledger->network, MempoolLimits{});
    ledger->application =
        std::make_unique<LedgerApplication>(*ledger->network, *ledger->chain, *ledger->mempool);
    return ledger;
}

Result<std::unique_ptr<OfflineLedger>> open_offline(const Home& home, Disk& disk, Random& random)
{
    auto ledger = open_store(home);
    if (!ledger) return ledger;
    auto log = replay_log((*ledger)->log_parts(home, disk, random));
    if (!log) return log.error();
    (*ledger)->log = std::move(*log);
    return ledger;
}

void close(OfflineLedger& ledger)
{
    if (const auto done = ledger.log->close(); !done)
        std::cerr << "millraced: the log was not closed cleanly: " << done.error().detail << "\n";
}

}  // namespace node
