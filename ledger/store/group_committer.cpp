#include "ledger/store/group_committer.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace ledger {
namespace {

std::size_t size_of(const JournalBatch& batch)
{
    std::size_t bytes = 0;
    for (const auto& write : batch) {
        bytes += write.table.size() + write.key.size() + (write.value ? write.value->size() : 0);
    }
    return bytes;
}

}  // namespace

GroupCommitter::GroupCommitter(Journal& journal, const GroupLimits& limits)
    : journal_{journal}, limits_{limits}, thread_{[this] { run(); }}
{
}

GroupCommitter::~GroupCommitter()
{
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void GroupCommitter::commit(JournalBatch batch, Done done)
{
    const auto bytes = size_of(batch);
    bool queued = false;
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        if (batches_.size() < limits_.queued_batches && bytes_ + bytes <= limits_.queued_bytes) {
            batches_.push_back(std::move(batch));
            dones_.push_back(std::move(done));
            bytes_ += bytes;
            queued = true;
            wake = batches_.size() == 1 || batches_.size() == awaited_;
        }
    }
    if (wake) changed_.notify_one();
    if (!queued) {
        done(Error{ErrorKind::full, "too much waits for the disk"});
    }
}

Result<void> GroupCommitter::commit_and_wait(JournalBatch batch)
{
    std::promise<Result<void>> told;
    auto answer = told.get_future();
    commit(std::move(batch), [&told](Result<void> result) { told.set_value(std::move(result)); });
    return answer.get();
}

void GroupCommitter::run()
{
    std::unique_lock lock{mutex_};
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !batches_.empty(); });
        if (batches_.empty()) return;
        changed_.wait_for(lock, limits_.gather,
                          [this] { return ending_ || batches_.size() >= awaited_; });
        // Falls slowly, so that one pause among many callers does not end the sharing.
        awaited_ = std::max(batches_.size(), awaited_ - (awaited_ + 3) / 4);
        const auto batches = std::exchange(batches_, {});
        const auto dones = std::exchange(dones_, {});
        bytes_ = 0;
        lock.unlock();
        const auto result = journal_.commit(batches);
        for (const auto& done : dones) done(result);
        lock.lock();
    }
}

}  // namespace ledger
