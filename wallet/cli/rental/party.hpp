#pragma once

#include "ledger/disk/folder_lock.hpp"
#include "wallet/cli/lease_terms.hpp"
#include "wallet/cli/long_run.hpp"
#include "wallet/cli/session.hpp"
#include "wallet/rental/job_files.hpp"
#include "wallet/rental/worker.hpp"
#include "wallet/sealed/find_items.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <csignal>

namespace wallet::cli {

/// Somebody who takes part in leases for as long as this program runs: its account, unlocked.
struct Party {
    const Session& session;
    KeyEntry account;
    ledger::SecretKey key;
};
/// The session's account; asks for its passphrase.
Party party_of(const Session& session);

/// The board of an order, entered as this party. Throws where the order names no board.
rental::Meeting meet(const Party& party, const market::GpuOrderId& id,
                     const market::GpuOrder& order);

/// Sends a message where a rule takes it now; `false` where it does not yet, or it is not known
/// whether it did. `unseen`: it is not shown to a node first. Throws what else is wrong.
bool try_send(const Party& party, const market::Message& message, Rehearsal = Rehearsal::yes);

/// Does what is due with a closed lease, where something is.
void try_settle(const Party& party, const market::LeaseId& id);

/// The order as it is now.
market::GpuOrderRecord order_record(const Session& session, const market::GpuOrderId& id);

/// Where and with how much of the machine this program works.
struct WorkOptions {
    std::filesystem::path folder;  ///< of this program alone, which holds its lock
    std::shared_ptr<ledger::FolderLock> lock;
    std::filesystem::path trainer;                      ///< the program
    std::uint64_t most_bytes = std::uint64_t{8} << 30;  ///< of one job's batches
    std::uint64_t memory_mib = 4096;                    ///< of all tensors together
};
void add_work_options(CLI::App& app, WorkOptions& options);
/// Makes and locks the folder and finds the trainer; throws. Two programs on one folder would say
/// two things of one lease.
void prepare(WorkOptions& options);
/// Where the files of one order are.
std::filesystem::path folder_of(const WorkOptions& options, const market::GpuOrderId& order);

/// A file that is sealed under another name.
FoundItem item_of(const std::filesystem::path& file, std::string name);
/// Files sealed to one key, as the parties to leases seal for one another, in a folder that appears
/// when all is written; one that is there already is taken as it is.
BatchFolder seal_once(const Party& party, std::vector<FoundItem> items,
                      const ledger::X25519PublicKey& to, const std::filesystem::path& folder);

/// Starts the trainer on a job with `words`; what it says goes to NAME.out and NAME.err in
/// `folder`. The job must outlive it.
std::unique_ptr<rental::Worker> start_trainer(const WorkOptions& options, rental::OpenJob& job,
                                              const std::string& command,
                                              std::vector<std::string> words,
                                              const std::filesystem::path& folder,
                                              const std::string& name);

/// Executes steps of a job again and returns what the state reached commits to. `usage` when the
/// trainer says no, with its words; `timeout` when somebody asks this program to end.
struct Replay {
    std::filesystem::path from;  ///< a state; empty: the beginning
    std::uint64_t steps = 0;
    std::filesystem::path model_out;  ///< empty: no model is written
    std::uint64_t end_ms = 0;         ///< by this machine's clock, `refused` after it; 0: no end
};
ledger::Hash replay(const WorkOptions& options, rental::OpenJob& job, const Replay& what,
                    const std::filesystem::path& folder);

}  // namespace wallet::cli
