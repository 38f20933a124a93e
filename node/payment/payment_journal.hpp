#pragma once

#include "ledger/store/group_committer.hpp"
#include "ledger/store/journal.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace node {

using ledger::JournalBatch;
using ledger::JournalWrite;

/// Where payments keep what must survive a crash: channels, receipts, answers. Any thread.
class PaymentJournal {
public:
    using Done = std::function<void(ledger::Result<void>)>;
    using Visit = ledger::Journal::Visit;

    virtual ~PaymentJournal() = default;
    /// Never waits; `done` is called once, from any thread, when the batch is durable or cannot
    /// be. Batches become durable in the order of the calls.
    virtual void commit(JournalBatch batch, Done done) = 0;
    virtual ledger::Result<std::optional<ledger::Bytes>> get(std::string_view table,
                                                             ledger::ByteView key) const = 0;
    /// Ascending bytewise.
    virtual ledger::Result<void> scan(const ledger::JournalRange& range,
                                      const Visit& visit) const = 0;
};

/// Calls under way at the same time share a sync.
class GroupedJournal final : public PaymentJournal {
public:
    /// `journal` must outlive this, and nobody else may commit to it.
    explicit GroupedJournal(ledger::Journal& journal) : journal_{journal}, committer_{journal} {}

    void commit(JournalBatch batch, Done done) override
    {
        committer_.commit(std::move(batch), std::move(done));
    }
    ledger::Result<std::optional<ledger::Bytes>> get(std::string_view table,
                                                     ledger::ByteView key) const override
    {
        return journal_.get(table, key);
    }
    ledger::Result<void> scan(const ledger::JournalRange& range, const Visit& visit) const override
    {
        return journal_.scan(range, visit);
    }

private:
    ledger::Journal& journal_;
    ledger::GroupCommitter committer_;
};

}  // namespace node
