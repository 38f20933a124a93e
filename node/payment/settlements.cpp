#include "node/payment/settlements.hpp"

#include <deque>
#include <map>
#include <mutex>

namespace node {

struct Settlements::Shared {
    struct Entry {
        ledger::TxId transaction;
        std::optional<Settled> outcome;
        std::vector<Done> waiting;
    };
    std::size_t remembered;
    std::mutex mutex;
    std::map<ledger::Hash, Entry> entries;
    std::deque<ledger::Hash> over;  ///< keys with an outcome, oldest first

    explicit Shared(std::size_t most) : remembered{most} {}

    void finish(const ledger::Hash& key, Settled outcome)
    {
        std::vector<Done> waiting;
        {
            const std::lock_guard lock{mutex};
            const auto found = entries.find(key);
            if (found == entries.end()) return;
            waiting.swap(found->second.waiting);
            if (outcome.what == Settled::What::applied) {
                found->second.outcome = outcome;
                over.push_back(key);
            } else {
                // Asking again may end better: another message is sent then.
                entries.erase(found);
            }
            if (over.size() > remembered) {
                entries.erase(over.front());
                over.pop_front();
            }
        }
        for (const auto& done : waiting) done(outcome);
    }
};

Settlements::Settlements(LedgerPort& ledger, std::size_t remembered)
    : ledger_{ledger}, shared_{std::make_shared<Shared>(remembered)}
{
}

ledger::Result<ledger::TxId> Settlements::settle(const ledger::Hash& key,
                                                 const market::Message& message, Done done)
{
    std::optional<Settled> known;
    ledger::TxId transaction;
    {
        const std::lock_guard lock{shared_->mutex};
        const auto found = shared_->entries.find(key);
        if (found == shared_->entries.end()) {
            // The port calls back later, never from within, so the lock may be held.
            auto sent = ledger_.submit(message, [shared = shared_, key](Settled outcome) {
                shared->finish(key, outcome);
            });
            if (!sent) return sent.error();
            shared_->entries[key] = {*sent, {}, {std::move(done)}};
            return *sent;
        }
        transaction = found->second.transaction;
        known = found->second.outcome;
        if (!known) found->second.waiting.push_back(std::move(done));
    }
    if (known) done(*known);
    return transaction;
}

}  // namespace node
