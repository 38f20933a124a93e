#pragma once

#include "market/network.hpp"
#include "node/payment/payment_journal.hpp"

#include <functional>
#include <map>
#include <optional>

namespace node {

/// What was found in the tables of payments, all of it right.
struct JournalAudit {
    std::uint64_t channels{};
    std::uint64_t vouchers{};  ///< signatures of payers, of chains too
    std::uint64_t receipts{};
    std::uint64_t batches{};
    std::uint64_t loose{};  ///< receipts of calls by links that no batch covers yet
    std::uint64_t calls{};
    std::uint64_t answers{};
    std::uint64_t passes{};
    /// Who signed receipts for single payments and is neither the host's key nor one that channels
    /// here name, and how many: a key that the host had once, or damage.
    std::map<ledger::Address, std::uint64_t> other_signers;
};

/// Decodes every record of every table that payments write, and checks what can be checked without
/// the ledger: that each lies under its own key; the payers' signatures under vouchers and chains,
/// the host's under receipts and batches; that links lead to their chain's root and records to
/// their batch's; that no receipt of a channel is missing in between. `corrupt` names table, key
/// and what is wrong. `own_key` is the host's, where it is known. `progress` is told now and then
/// how many receipts were checked.
ledger::Result<JournalAudit> audit_payments(
    const market::Network& network, const PaymentJournal& journal,
    const std::optional<ledger::Address>& own_key,
    const std::function<void(std::uint64_t receipts)>& progress = {});

}  // namespace node
