#pragma once

#include "node/payment/payment_journal.hpp"

#include "ledger/base/ids.hpp"

#include <cstdint>
#include <map>
#include <mutex>

namespace node {

struct CardLimits {
    static constexpr std::size_t card_bytes = 64 * 1024;
    std::uint64_t total_bytes = std::uint64_t{256} << 20;
};

/// Cards under their SHA-256, in the journal. Any thread.
class CardStore {
public:
    static constexpr std::string_view table = "card";  ///< of the journal: hash -> card

    /// `journal` must outlive this.
    explicit CardStore(PaymentJournal& journal, CardLimits limits = {})
        : journal_{journal}, limits_{limits}
    {
    }

    /// Counts what is there; before the first `put`.
    ledger::Result<void> rebuild();

    /// `full` when it does not fit into the bound. Calls back once it is durable; at once when it
    /// was there already.
    void put(ledger::Bytes card, std::function<void(ledger::Result<void>)> done);

    /// `corrupt` when what was stored is not what the hash says; nothing when it is not there.
    ledger::Result<std::optional<ledger::Bytes>> get(const ledger::Hash& hash) const;

private:
    bool take_room(const ledger::Hash&, std::uint64_t bytes, bool& known);
    void give_back(const ledger::Hash&);

    PaymentJournal& journal_;
    CardLimits limits_;
    std::mutex mutex_;
    std::map<ledger::Hash, std::uint64_t> sizes_;
    std::uint64_t total_ = 0;
};

/// Whether every card in the journal is what its hash says; `corrupt` names the first that is not.
ledger::Result<void> check_cards(const PaymentJournal& journal);

}  // namespace node
