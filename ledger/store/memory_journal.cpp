#include "ledger/state/view.hpp"
#include "ledger/store/journal.hpp"

#include <map>
#include <mutex>
#include <shared_mutex>

namespace ledger {
namespace {

class MemoryJournal final : public Journal {
public:
    Result<void> commit(std::span<const JournalBatch> batches) override
    {
        const std::unique_lock lock{mutex_};
        for (const auto& batch : batches) {
            for (const auto& write : batch) {
                auto& table = tables_[write.table];
                if (write.value) {
                    table.insert_or_assign(write.key, *write.value);
                } else {
                    table.erase(write.key);
                }
            }
        }
        return {};
    }

    Result<std::optional<Bytes>> get(std::string_view table, ByteView key) const override
    {
        const std::shared_lock lock{mutex_};
        const auto entries = tables_.find(table);
        if (entries == tables_.end()) return std::optional<Bytes>{};
        const auto found = entries->second.find(key);
        if (found == entries->second.end()) return std::optional<Bytes>{};
        return std::optional{found->second};
    }

    Result<void> scan(const JournalRange& range, const Visit& visit) const override
    {
        const std::shared_lock lock{mutex_};
        const auto entries = tables_.find(range.table);
        if (entries == tables_.end()) return {};
        const auto start = range.from.empty() ? range.prefix : range.from;
        for (auto at = entries->second.lower_bound(start); at != entries->second.end(); ++at) {
            if (!starts_with(at->first, range.prefix) || !visit(at->first, at->second)) break;
        }
        return {};
    }

private:
    using Entries = std::map<Bytes, Bytes, BytewiseLess>;
    mutable std::shared_mutex mutex_;
    std::map<std::string, Entries, std::less<>> tables_;
};

}  // namespace

std::unique_ptr<Journal> make_memory_journal()
{
    return std::make_unique<MemoryJournal>();
}

}  // namespace ledger
