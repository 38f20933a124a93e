#pragma once

#include "ledger/store/journal.hpp"
#include "market/network.hpp"
#include "node/app/home.hpp"
#include "node/payment/journal_audit.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace node {

/// Opens the home's journal, and makes it where the home never had one: a mark beside its folder
/// tells a journal that was lost from one that never was. `corrupt` for one that was lost or
/// damaged, saying what there is to do. Logs what it begins or cuts off.
ledger::Result<std::unique_ptr<ledger::Journal>> open_home_journal(const Home& home);

struct JournalReport {
    JournalAudit payments;
    std::uint64_t entries{};      ///< of all tables
    std::uint64_t log_records{};  ///< in its log
    std::size_t torn_bytes{};     ///< behind them, cut off at the next start
    std::vector<std::string> not_checked;
};

/// Checks every file and every record of the home's journal, and writes nothing there. Empty where
/// the home never had one. `corrupt` names file or record and what is wrong; `denied` while the
/// node runs. `progress` is told how many receipts were checked, now and then.
ledger::Result<std::optional<JournalReport>> verify_home_journal(
    const Home& home, const market::Network& network,
    const std::function<void(std::uint64_t receipts)>& progress = {});

struct JournalLoss {
    std::filesystem::path aside;  ///< where what could not be used lies now; empty: nowhere
    std::uint64_t kept{};         ///< entries that the node goes on with
};

/// Its owner's word that the node may go on without what a lost or damaged journal had: what cannot
/// be used is put beside the journal, nothing is deleted. Where the database is whole it stays, and
/// a log begins anew behind it; otherwise the journal begins empty. `invalid` when it is well;
/// `denied` while the node runs.
ledger::Result<JournalLoss> accept_journal_loss(const Home& home);

}  // namespace node
