#pragma once

#include "ledger/store/journal.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace node {

/// A journal that tells of its first failed commit: a node that cannot record charges must not
/// take work, whatever part of it notices first.
class WatchedJournal final : public ledger::Journal {
public:
    using OnFailure = std::function<void(const ledger::Error&)>;

    /// `on_failure` is called on the committing thread.
    WatchedJournal(std::unique_ptr<ledger::Journal> journal, OnFailure on_failure)
        : journal_{std::move(journal)}, on_failure_{std::move(on_failure)}
    {
    }

    ledger::Result<void> commit(std::span<const ledger::JournalBatch> batches) override
    {
        auto done = journal_->commit(batches);
        if (!done) on_failure_(done.error());
        return done;
    }
    ledger::Result<std::optional<ledger::Bytes>> get(std::string_view table,
                                                     ledger::ByteView key) const override
    {
        return journal_->get(table, key);
    }
    ledger::Result<void> scan(const ledger::JournalRange& range, const Visit& visit) const override
    {
        return journal_->scan(range, visit);
    }

private:
    std::unique_ptr<ledger::Journal> journal_;
    OnFailure on_failure_;
};

}  // namespace node
